//! The versions of an installation's country pack: proposed, approved by two people, published as an act, in force from a day.

use crate::{Country, Manifest, Source};
use daftar_kernel::problem::Kind;
use daftar_kernel::{Actor, Id, Problem, Timestamp, hex};
use daftar_office::Office;
use daftar_office::approval::Request;
use daftar_office::permission::Permission;
use daftar_record::{Act, Record};
use daftar_store::{Row, Sql, Tx, params, sql};
use jiff::civil::Date;
use serde_json::{Value, json};

/// Propose a new version of the country pack, and approve what a colleague proposes.
pub const PROPOSE: &str = "packs.propose";
/// What this crate declares.
pub const PERMISSIONS: &[Permission] = &[Permission {
    code: PROPOSE,
    help: "propose a new version of the country pack, and approve a colleague's",
}];
/// The kind of request that two officials approve.
pub const PUBLISH: &str = "packs.publish";
/// Versions of one page of the list.
pub const PAGE: usize = 50;

/// One version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its identifier.
    pub id: Id,
    /// What the ministry calls it.
    pub label: String,
    /// The SHA-256 of its manifest: names exactly its files.
    pub digest: [u8; 32],
    /// When it was proposed.
    pub proposed: Timestamp,
    /// The request for two approvals; none for the pack the installation began with.
    pub approval: Option<Id>,
    /// The first moment it is in force, when it is published.
    pub effective: Timestamp,
    /// When it was published; none while it waits for approval.
    pub published: Option<Timestamp>,
    /// The receipt of its publication.
    pub receipt: Option<Id>,
}

impl Version {
    fn of(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.get(0)?,
            label: row.get(1)?,
            digest: row.get(2)?,
            proposed: row.get(3)?,
            approval: row.get(4)?,
            effective: row.get(5)?,
            published: row.get(6)?,
            receipt: row.get(7)?,
        })
    }
}

/// The pack an installation begins with: no version is there yet, and so nobody who could approve. An act of the record.
///
/// # Errors
/// `packs-begun` when there is one already; when the store fails.
pub async fn begin(
    tx: &mut Tx,
    record: &Record,
    source: &Source,
    country: &Country,
    now: Timestamp,
) -> Result<Version, Problem> {
    if tx.query_opt(sql!("select id from packs_version limit 1"), &[]).await?.is_some() {
        return Err(Problem::conflict("packs-begun"));
    }
    let mut version = Version {
        id: record.store().world().id(),
        label: country.version.clone(),
        digest: country.manifest.digest(),
        proposed: now,
        approval: None,
        effective: now,
        published: None,
        receipt: None,
    };
    insert(tx, source, country, &version).await?;
    publish(tx, record, &Actor::System("country pack"), &mut version, now).await?;
    Ok(version)
}

/// Stores a checked pack and asks for two approvals; from the beginning of the day `effective` it shall be in force.
///
/// `current` is the country now in force. The request's payload names the manifest's digest, so that what is approved is every
/// byte of every file, and the digest of the version it replaces on that day. The program may ask for whoever runs the
/// machine: two officials approve all the same.
///
/// # Errors
/// `packs-foreign`, `packs-day`, `packs-unchanged`, and what [`Office::request_approval`] answers.
pub async fn propose(
    tx: &mut Tx,
    office: &Office,
    by: &Actor,
    (source, country): (&Source, &Country),
    (current, effective): (&Country, Date),
) -> Result<Version, Problem> {
    let now = office.store().world().now();
    if country.code != current.code {
        return Err(Problem::refused("packs-foreign"));
    }
    if effective < country.day(now) {
        return Err(Problem::refused("packs-day"));
    }
    let digest = country.manifest.digest();
    // A day that has begun already takes effect now.
    let begins = country.day_begins(effective).max(now);
    let replaces = in_force(tx, begins).await?.map_or(current.manifest.digest(), |version| version.digest);
    if replaces == digest {
        return Err(Problem::refused("packs-unchanged"));
    }
    let payload = json!({
        "country": country.code,
        "version": country.version,
        "manifest": hex::encode(&digest),
        "replaces": hex::encode(&replaces),
        "effective": effective.to_string(),
        "effective_us": begins.0,
    });
    let approval =
        office.request_approval(tx, by, &Request { kind: PUBLISH, permission: PROPOSE, payload }).await?;
    let version = Version {
        id: office.store().world().id(),
        label: country.version.clone(),
        digest,
        proposed: now,
        approval: Some(approval),
        effective: begins,
        published: None,
        receipt: None,
    };
    insert(tx, source, country, &version).await?;
    Ok(version)
}

/// Publishes what two officials have approved: compares every stored byte with the approved digest, then commits the act.
///
/// # Errors
/// `packs-altered` when the stored files or the day are not what was approved, `packs-superseded` when another version was
/// published meanwhile, so that what two people read as the difference is not what would change; what [`Office::execute`]
/// answers.
pub async fn publish_approved(
    tx: &mut Tx,
    office: &Office,
    by: &Actor,
    approval: Id,
) -> Result<Version, Problem> {
    let (record, actor, now) = (office.record().clone(), by.clone(), office.store().world().now());
    office
        .execute(tx, by, (approval, PUBLISH), move |tx, payload| {
            Box::pin(async move {
                let mut version = approved(tx, approval, &payload).await?;
                if replaced(tx, &version, now).await?.map(|base| hex::encode(&base.digest)).as_deref()
                    != payload.get("replaces").and_then(Value::as_str)
                {
                    return Err(Problem::conflict("packs-superseded"));
                }
                publish(tx, &record, &actor, &mut version, now).await?;
                Ok(version)
            })
        })
        .await
}

/// The version a query finds.
async fn one(tx: &mut Tx, select: Sql, params: &[daftar_store::Value]) -> Result<Option<Version>, Problem> {
    tx.query_opt(select, params).await?.as_ref().map(Version::of).transpose()
}

/// The version that a request for approval is about, so that its page can show what changes; none for another request.
///
/// # Errors
/// When the store fails.
pub async fn of_approval(tx: &mut Tx, approval: Id) -> Result<Option<Version>, Problem> {
    let select = sql!(
        "select id, label, digest, proposed, approval, effective, published, receipt \
         from packs_version where approval = $1"
    );
    one(tx, select, &params![approval]).await
}

/// A version by its identifier; none when there is none.
///
/// # Errors
/// When the store fails.
pub async fn get(tx: &mut Tx, id: Id) -> Result<Option<Version>, Problem> {
    let select = sql!(
        "select id, label, digest, proposed, approval, effective, published, receipt \
         from packs_version where id = $1"
    );
    one(tx, select, &params![id]).await
}

/// The version that a waiting one replaces on its day (or now, when that day is past): what it is compared with.
///
/// # Errors
/// When the store fails.
pub async fn replaced(tx: &mut Tx, version: &Version, now: Timestamp) -> Result<Option<Version>, Problem> {
    let at = if version.published.is_some() {
        Timestamp(version.effective.0 - 1)
    } else {
        version.effective.max(now)
    };
    in_force(tx, at).await
}

/// The stored version of a request, when it is what the payload says.
async fn approved(tx: &mut Tx, approval: Id, payload: &Value) -> Result<Version, Problem> {
    let version = of_approval(tx, approval).await?.ok_or_else(Problem::not_found)?;
    let text = |key: &str| payload.get(key).and_then(Value::as_str).unwrap_or_default();
    let same_day = payload.get("effective_us").and_then(Value::as_i64) == Some(version.effective.0);
    if text("manifest") != hex::encode(&version.digest) || text("version") != version.label || !same_day {
        return Err(altered(&version, "not what was approved"));
    }
    // Reading the files back compares each with the digest that was approved.
    source_of(tx, &version).await?;
    Ok(version)
}

/// The version in force at a moment; none before the first.
///
/// # Errors
/// When the store fails.
pub async fn in_force(tx: &mut Tx, at: Timestamp) -> Result<Option<Version>, Problem> {
    let select = sql!(
        "select id, label, digest, proposed, approval, effective, published, receipt from packs_version \
         where state = 'published' and effective <= $1 order by effective desc, published desc, id desc limit 1"
    );
    one(tx, select, &params![at]).await
}

/// When the next version takes effect after a moment; none when nothing is waiting for its day.
///
/// # Errors
/// When the store fails.
pub async fn next_change(tx: &mut Tx, after: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let row = tx
        .query_opt(
            sql!(
                "select effective from packs_version where state = 'published' and effective > $1 \
                 order by effective limit 1"
            ),
            &params![after],
        )
        .await?;
    Ok(row.map(|row| row.get(0)).transpose()?)
}

/// Versions, newest proposal first, at most [`PAGE`]: those before are in the public record.
///
/// # Errors
/// When the store fails.
pub async fn list(tx: &mut Tx) -> Result<Vec<Version>, Problem> {
    let rows = tx
        .query(
            sql!(
                "select id, label, digest, proposed, approval, effective, published, receipt from packs_version \
                 order by proposed desc, id desc limit 50"
            ),
            &[],
        )
        .await?;
    rows.iter().map(Version::of).collect()
}

/// The files of a version, each compared with the digest that names them.
///
/// # Errors
/// `packs-altered` when a row is not what was stored; when the store fails.
pub async fn source_of(tx: &mut Tx, version: &Version) -> Result<Source, Problem> {
    let row =
        tx.query_one(sql!("select manifest from packs_version where id = $1"), &params![version.id]).await?;
    let manifest = Manifest::parse(row.get(0)?).filter(|manifest| manifest.digest() == version.digest);
    let manifest = manifest.ok_or_else(|| altered(version, "the manifest"))?;
    let mut files = Vec::new();
    for (path, digest) in manifest.files() {
        let row =
            tx.query_opt(sql!("select content from packs_file where digest = $1"), &params![digest]).await?;
        let content: Vec<u8> = row.ok_or_else(|| altered(version, path))?.get(0)?;
        files.push((path.to_string(), content));
    }
    let source = Source::of(files);
    if source.manifest() != manifest {
        return Err(altered(version, "a file"));
    }
    Ok(source)
}

/// The country in force at a moment with its version; none before the first. `permissions` are those that the program's
/// services declare.
///
/// # Errors
/// `packs-altered` when a row is not what was stored, `packs-faults` when this program knows less than the pack asks for (its
/// detail, for the operator's log, names the first fault); when the store fails.
pub async fn load(
    tx: &mut Tx,
    at: Timestamp,
    permissions: &[Permission],
) -> Result<Option<(Version, Country)>, Problem> {
    let Some(version) = in_force(tx, at).await? else { return Ok(None) };
    let source = source_of(tx, &version).await?;
    let country = Country::from_source(&source, permissions).map_err(|faults| faulty(&faults))?;
    Ok(Some((version, country)))
}

/// The problem of a pack with faults; the detail names the first.
#[must_use]
pub fn faulty(faults: &[crate::Fault]) -> Problem {
    let first = faults.first().map_or_else(String::new, ToString::to_string);
    Problem::refused("packs-faults").detail(format!("{} faults, the first: {first}", faults.len()))
}

fn altered(version: &Version, what: &str) -> Problem {
    Problem::new(Kind::Internal, "packs-altered")
        .detail(format!("version {} ({}): {what}", version.id, version.label))
}

async fn insert(tx: &mut Tx, source: &Source, country: &Country, version: &Version) -> Result<(), Problem> {
    for (path, content) in source.files() {
        let digest = country.manifest.digest_of(path).ok_or_else(|| altered(version, path))?;
        tx.execute(
            sql!("insert into packs_file (digest, content) values ($1, $2) on conflict (digest) do nothing"),
            &params![digest, content],
        )
        .await?;
    }
    tx.execute(
        sql!(
            "insert into packs_version (id, label, digest, manifest, state, proposed, approval, effective, published, \
             receipt) values ($1, $2, $3, $4, 'proposed', $5, $6, $7, null, null)"
        ),
        &params![
            version.id,
            &version.label,
            version.digest,
            country.manifest.text(),
            version.proposed,
            version.approval,
            version.effective
        ],
    )
    .await?;
    Ok(())
}

async fn publish(
    tx: &mut Tx,
    record: &Record,
    by: &Actor,
    version: &mut Version,
    now: Timestamp,
) -> Result<(), Problem> {
    let (agency, office) = by
        .official()
        .map_or_else(Default::default, |official| (official.agency.clone(), official.office.clone()));
    let act = Act {
        kind: "packs.published",
        service: "packs",
        agency,
        office,
        subject: None,
        public: json!({
            "manifest": hex::encode(&version.digest),
            "version": version.label,
            "effective": version.effective.to_rfc3339(),
        }),
        private: None,
    };
    let receipt = record.act(tx, by, &act).await?;
    (version.published, version.receipt) = (Some(now), Some(receipt));
    // A day that passed while approvals were awaited must not change what was in force meanwhile.
    version.effective = version.effective.max(now);
    tx.execute(
        sql!(
            "update packs_version set state = 'published', published = $2, receipt = $3, effective = $4 where id = $1"
        ),
        &params![version.id, now, receipt, version.effective],
    )
    .await?;
    Ok(())
}
