//! Versions of a person's record: each is a sealed document that is written once. A correction adds one; none
//! is ever changed.

use crate::people::{CLASS, Desk};
use crate::person::Person;
use daftar_kernel::{Actor, Id, Timestamp};
use daftar_store::{Store, StoreError, Tx, params, sql};

/// Most versions one person may have.
pub const MAX_VERSIONS: i64 = 10_000;

/// Why a version was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Registered at a desk.
    Registered,
    /// Enrolled without a network, by a kit.
    Offline,
    /// Came with an old register.
    Imported,
    /// Made up for a demo country.
    MadeUp,
    /// Something was corrected or had changed.
    Corrected,
    /// Born, and registered with the parents.
    Born,
    /// Came of age: nobody answers for them any more.
    CameOfAge,
    /// Took another name.
    NameChanged,
    /// Lost the card.
    CardLost,
    /// Two officials suspended the record.
    Suspended,
    /// Two officials lifted the suspension.
    Lifted,
    /// Died.
    Died,
    /// Two officials undid a death that was recorded by mistake.
    DeathUndone,
    /// Two officials found that the record rests on deceit.
    FraudFound,
    /// Two officials found that it does not.
    FraudCleared,
    /// Two officials recorded what a court decided about who answers for the child.
    Guardianship,
}

impl Cause {
    /// The word in a path and in messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Offline => "offline",
            Self::Imported => "imported",
            Self::MadeUp => "made-up",
            Self::Corrected => "corrected",
            Self::Born => "born",
            Self::CameOfAge => "came-of-age",
            Self::NameChanged => "name-changed",
            Self::CardLost => "card-lost",
            Self::Suspended => "suspended",
            Self::Lifted => "lifted",
            Self::Died => "died",
            Self::DeathUndone => "death-undone",
            Self::FraudFound => "fraud-found",
            Self::FraudCleared => "fraud-cleared",
            Self::Guardianship => "guardianship",
        }
    }
    /// The kind of the act that writes a version for this cause.
    #[must_use]
    pub const fn act(self) -> &'static str {
        match self {
            Self::Registered | Self::Offline | Self::Imported | Self::MadeUp | Self::Born => {
                "identity.person-registered"
            }
            Self::Corrected => "identity.person-corrected",
            Self::CameOfAge => "identity.came-of-age",
            Self::NameChanged => "identity.name-changed",
            Self::CardLost => "identity.card-lost",
            Self::Suspended => "identity.suspended",
            Self::Lifted => "identity.suspension-lifted",
            Self::Died => "identity.death-recorded",
            Self::DeathUndone => "identity.death-undone",
            Self::FraudFound => "identity.fraud-found",
            Self::FraudCleared => "identity.fraud-cleared",
            Self::Guardianship => "identity.guardianship-decided",
        }
    }
    /// What happens to somebody who is registered already.
    pub const EVENTS: [Self; 10] = [
        Self::CameOfAge,
        Self::NameChanged,
        Self::CardLost,
        Self::Suspended,
        Self::Lifted,
        Self::Died,
        Self::DeathUndone,
        Self::FraudFound,
        Self::FraudCleared,
        Self::Guardianship,
    ];
}

/// What a record is marked with, from version to version. Marks are sealed with the version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Marks {
    /// Suspended: no card holds, nobody signs in to services. Alerts and pending benefits go on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// Two officials found that the record rests on deceit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fraud: bool,
}

impl Marks {
    /// Whether there is none.
    #[must_use]
    pub const fn is_clear(&self) -> bool {
        !self.suspended && !self.fraud
    }
}

/// Who wrote a version, as the citizen may know it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Writer {
    /// The official's name, or the program's.
    pub name: String,
    /// Code of the agency.
    pub agency: String,
    /// Code of the office.
    pub office: String,
}

impl Writer {
    /// Who sits at the desk.
    #[must_use]
    pub fn at(desk: &Desk) -> Self {
        let name = match &desk.actor {
            Actor::Official(official) => official.name.clone(),
            Actor::System(name) => (*name).to_string(),
            Actor::Citizen(_) => "citizen".into(),
            Actor::Public => "public".into(),
        };
        Self { name, agency: desk.agency.clone(), office: desk.office.clone() }
    }
}

/// One version, as it is sealed.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Document {
    /// The person as of this version.
    pub person: Person,
    /// Why it was written.
    pub cause: Cause,
    /// The reason in words; empty for a plain registration.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What it rests on: papers seen, the source and row of an import.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// What the record is marked with.
    #[serde(default, skip_serializing_if = "Marks::is_clear")]
    pub marks: Marks,
    /// Who wrote it.
    pub writer: Writer,
}

/// A version with its place in the history.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Version {
    /// Its number, from 1.
    pub version: i64,
    /// When it was written.
    pub at: Timestamp,
    /// Receipt of the act that wrote it.
    pub receipt: Id,
    /// What it says.
    #[serde(flatten)]
    pub document: Document,
}

/// What a sealed version is bound to, so that it cannot be moved to another person or number.
fn context(person: Id, version: i64) -> Vec<u8> {
    [b"identity_person_version.sealed/".as_slice(), person.as_bytes(), &version.to_be_bytes()].concat()
}

/// Writes a version.
pub(crate) async fn add(store: &Store, tx: &mut Tx, person: Id, version: &Version) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&version.document)
        .map_err(|e| StoreError::Malformed { what: "version of a person".into(), reason: e.to_string() })?;
    let sealed = store.vault().seal(tx, person, CLASS, &context(person, version.version), &plain).await?;
    let insert = sql!(
        "insert into identity_person_version (person, version, at, receipt, sealed) values ($1, $2, $3, $4, $5)"
    );
    tx.execute(insert, &params![person, version.version, version.at, version.receipt, sealed]).await?;
    Ok(())
}

async fn open(
    store: &Store,
    tx: &mut Tx,
    person: Id,
    version: i64,
    sealed: &[u8],
) -> Result<Document, StoreError> {
    let plain = store.vault().open(tx, person, CLASS, &context(person, version), sealed).await?;
    serde_json::from_slice(&plain)
        .map_err(|e| StoreError::Malformed { what: "version of a person".into(), reason: e.to_string() })
}

/// The newest version of a person; `None` when there is no such person or the data was erased.
pub(crate) async fn current(store: &Store, tx: &mut Tx, person: Id) -> Result<Option<Version>, StoreError> {
    let select = sql!(
        "select v.version, v.at, v.receipt, v.sealed from identity_person p \
         join identity_person_version v on v.person = p.id and v.version = p.version \
         where p.id = $1 and p.state = 'registered'"
    );
    let Some(row) = tx.query_opt(select, &params![person]).await? else { return Ok(None) };
    let version: i64 = row.get(0)?;
    let document = open(store, tx, person, version, row.get(3)?).await?;
    Ok(Some(Version { version, at: row.get(1)?, receipt: row.get(2)?, document }))
}

/// The newest version of a record, also of one that was absorbed; `None` when there is no such record or the data was
/// erased.
pub(crate) async fn newest(store: &Store, tx: &mut Tx, person: Id) -> Result<Option<Version>, StoreError> {
    let select = sql!(
        "select v.version, v.at, v.receipt, v.sealed from identity_person p \
         join identity_person_version v on v.person = p.id and v.version = p.version \
         where p.id = $1 and p.state <> 'erased'"
    );
    let Some(row) = tx.query_opt(select, &params![person]).await? else { return Ok(None) };
    let version: i64 = row.get(0)?;
    let document = open(store, tx, person, version, row.get(3)?).await?;
    Ok(Some(Version { version, at: row.get(1)?, receipt: row.get(2)?, document }))
}

/// As [`current`], with the token a service knows the person by.
pub(crate) async fn current_with_token(
    store: &Store,
    tx: &mut Tx,
    person: Id,
    service: &str,
) -> Result<Option<(Version, Id)>, StoreError> {
    let select = sql!(
        "select v.version, v.at, v.receipt, v.sealed, t.token from identity_person p \
         join identity_person_version v on v.person = p.id and v.version = p.version \
         join identity_token t on t.person = p.id and t.service = $2 \
         where p.id = $1 and p.state = 'registered'"
    );
    let Some(row) = tx.query_opt(select, &params![person, service]).await? else { return Ok(None) };
    let version: i64 = row.get(0)?;
    let document = open(store, tx, person, version, row.get(3)?).await?;
    Ok(Some((Version { version, at: row.get(1)?, receipt: row.get(2)?, document }, row.get(4)?)))
}

/// All versions of a record, the oldest first; an absorbed one keeps its own.
pub(crate) async fn all(store: &Store, tx: &mut Tx, person: Id) -> Result<Vec<Version>, StoreError> {
    let select = sql!(
        "select v.version, v.at, v.receipt, v.sealed from identity_person p \
         join identity_person_version v on v.person = p.id \
         where p.id = $1 and p.state <> 'erased' order by v.version limit $2"
    );
    let mut versions = Vec::new();
    for row in tx.query(select, &params![person, MAX_VERSIONS]).await? {
        let version: i64 = row.get(0)?;
        let document = open(store, tx, person, version, row.get(3)?).await?;
        versions.push(Version { version, at: row.get(1)?, receipt: row.get(2)?, document });
    }
    Ok(versions)
}
