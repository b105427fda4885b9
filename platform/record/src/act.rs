//! Official acts: one entry of the public record each, committed in the transaction of the act itself.

use crate::Record;
use crate::entry::{ACT_FORMAT, ActEntry, minute};
use crate::log::Log;
use crate::person;
use daftar_kernel::{Actor, Id, Official};
use daftar_store::{StoreError, Tx, params, sql};
use serde_json::{Value, json};
use transparency_log::canonical;

/// Retention class under which openings and looks are sealed.
pub const CLASS: &str = "record";

/// Whose key seals the opening of an act that concerns no person: the installation's own.
pub const INSTALLATION: Id = Id::from_bytes([0; 16]);

/// What an opening is, and of which version.
pub const OPENING_FORMAT: &str = "daftar-opening/1";

/// Something official that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What was done, as `service.verb`: `identity.person-registered`.
    pub kind: &'static str,
    /// The service that did it.
    pub service: &'static str,
    /// Code of the agency in the country pack; empty when none stands behind it.
    pub agency: String,
    /// Code of the office in the country pack; empty when none stands behind it.
    pub office: String,
    /// The person it is about, by the record's own token.
    pub subject: Option<Id>,
    /// What everyone may know: never anything about a person.
    pub public: Value,
    /// What only the person and those allowed may open: committed with a salt, sealed under the person's key.
    pub private: Option<Value>,
}

/// A run of a program over many persons without a human seeing any of them: linkage, import, a what-if.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineRun {
    /// The service that ran it.
    pub service: &'static str,
    /// Code of the agency that answers for it.
    pub agency: String,
    /// Code of the office that answers for it.
    pub office: String,
    /// Code of the purpose.
    pub purpose: String,
    /// Legal basis.
    pub basis: String,
    /// Version of the rule that ran, such as a hash or a release.
    pub rule_version: String,
    /// How many persons it compared.
    pub count: u64,
}

impl Record {
    /// Commits an act's entry in the caller's transaction and gives the receipt's id. The receipt is pending
    /// until the sequencer has passed.
    ///
    /// Besides `private`, the commitment always binds who acted and the exact time, which the public entry
    /// leaves out, and the pseudonym under which the person's looks are chained: whoever holds a receipt of
    /// any act about them can later tell a register of looks that is theirs from another one, or from none.
    ///
    /// # Errors
    /// When `public` or `private` has no canonical form (a fraction, say), when the entry is larger than
    /// [`MAX_ENTRY_BYTES`](crate::entry::MAX_ENTRY_BYTES), when the person was erased, or when the store
    /// fails.
    pub async fn act(&self, tx: &mut Tx, actor: &Actor, act: &Act) -> Result<Id, StoreError> {
        let world = self.store().world();
        let (id, now, salt) = (world.id(), world.now(), world.bytes::<32>());
        let person = match act.subject {
            Some(subject) => Some(person::pseudonym(tx, world, subject).await?),
            None => None,
        };
        let opening = json!({
            "format": OPENING_FORMAT,
            "kind": act.kind,
            "person": person.map(|person| daftar_kernel::hex::encode(&person)),
            "actor": actor_json(actor),
            "at": now.to_rfc3339(),
            "record": act.private,
        });
        let opening = canonical::to_text(&opening).map_err(|e| StoreError::Malformed {
            what: "private part of an act".into(),
            reason: e.to_string(),
        })?;
        let body = ActEntry {
            format: ACT_FORMAT.into(),
            kind: act.kind.into(),
            service: act.service.into(),
            agency: act.agency.clone(),
            office: act.office.clone(),
            at: minute(now),
            public: act.public.clone(),
            commitment: canonical::commit(&salt, opening.as_bytes()),
        }
        .to_bytes()?;
        let subject = act.subject.unwrap_or(INSTALLATION);
        let mut plain = salt.to_vec();
        plain.extend_from_slice(opening.as_bytes());
        let sealed = self.store().vault().seal(tx, subject, CLASS, &opening_context(id), &plain).await?;
        tx.execute(
            sql!("insert into record_entry (id, log, body, at) values ($1, $2, $3, $4)"),
            &params![id, Log::Acts.code(), body, now],
        )
        .await?;
        tx.execute(
            sql!("insert into record_opening (entry, subject, era, sealed) values ($1, $2, $3, $4)"),
            &params![id, subject, self.era(), sealed],
        )
        .await?;
        Ok(id)
    }

    /// The one act of a machine run (law 6: machine comparison is one act a run with purpose, rule version
    /// and count).
    ///
    /// # Errors
    /// As [`act`](Self::act).
    pub async fn machine_act(&self, tx: &mut Tx, actor: &Actor, run: &MachineRun) -> Result<Id, StoreError> {
        let act = Act {
            kind: "record.machine-run",
            service: run.service,
            agency: run.agency.clone(),
            office: run.office.clone(),
            subject: None,
            public: json!({
                "purpose": run.purpose,
                "basis": run.basis,
                "rule_version": run.rule_version,
                "count": run.count,
            }),
            private: None,
        };
        self.act(tx, actor, &act).await
    }
}

/// What an opening is bound to, so that it cannot be moved to another entry.
pub(crate) fn opening_context(entry: Id) -> Vec<u8> {
    [b"record_opening.sealed/".as_slice(), entry.as_bytes()].concat()
}

fn actor_json(actor: &Actor) -> Value {
    match actor {
        Actor::Public => json!({"kind": "public"}),
        Actor::Citizen(id) => json!({"kind": "citizen", "id": id}),
        Actor::Official(official) => official_json(official),
        Actor::System(name) => json!({"kind": "system", "name": name}),
    }
}

pub(crate) fn official_json(official: &Official) -> Value {
    json!({
        "kind": "official",
        "id": official.id,
        "name": official.name,
        "agency": official.agency,
        "office": official.office,
        "role": official.role,
    })
}
