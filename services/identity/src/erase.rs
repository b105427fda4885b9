//! Erasing a person: two officials approve it, the keys are destroyed, and with them everything sealed under
//! them, in backups too. What remains is that a number was once given and must not be given again.

use crate::people::{Desk, People, SERVICE};
use crate::register::needed_text;
use crate::statistics::{Changes, counters};
use crate::{permission, problems, tokens, version};
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::approval::Request;
use daftar_record::Act;
use daftar_store::{BlobId, Tx, params, sql};
use serde_json::{Value, json};

/// The kind of approval.
pub const APPROVAL: &str = "identity.erase";

/// What an erasure leaves to be done after its commit.
struct Erased {
    receipt: Id,
    blobs: Vec<String>,
}

impl People {
    /// Asks two officials to approve that a person's data be erased. `ground` names the law and the paper,
    /// never the person: it stays readable after the erasure.
    ///
    /// # Errors
    /// [`problems::reason_text`], [`problems::unknown`]; 403 without the permission; the store's.
    pub async fn request_erasure(&self, actor: &Actor, person: Id, ground: &str) -> Result<Id, Problem> {
        let ground = needed_text(ground, problems::reason_text)?;
        let (people, actor) = (self.clone(), actor.clone());
        self.store
            .write(move |tx| {
                let (people, actor, ground) = (people.clone(), actor.clone(), ground.clone());
                Box::pin(async move {
                    let current = version::current(&people.store, tx, person).await?;
                    let version = current.ok_or_else(problems::unknown)?.version;
                    let payload = json!({"person": person, "version": version, "ground": ground});
                    let request = Request { kind: APPROVAL, permission: permission::ERASE, payload };
                    people.office.request_approval(tx, &actor, &request).await
                })
            })
            .await
    }

    /// Carries out an approved erasure; answers the receipt of the act.
    ///
    /// # Errors
    /// The office's about approvals; [`problems::erase_payload`] when the record was changed after the
    /// request; [`problems::unknown`]; the store's.
    pub async fn erase(&self, actor: &Actor, approval: Id) -> Result<Id, Problem> {
        let done = self
            .execute(actor, (approval, APPROVAL), |tx, people, desk, payload| {
                Box::pin(async move { people.erase_in(tx, &desk, &payload).await })
            })
            .await?;
        self.sweep(&done.blobs).await;
        Ok(done.receipt)
    }

    /// Removes what lies outside the tables, and what the engine still holds of deleted rows. The keys are
    /// gone already, so whatever stays when this fails cannot be read; it is swept with the next erasure or
    /// backup.
    async fn sweep(&self, blobs: &[String]) {
        for name in blobs {
            let Ok(id) = name.parse::<BlobId>() else { continue };
            if let Err(error) = self.store.blobs().delete(id).await {
                tracing::warn!(%error, "a sealed photo or document of an erased person stays in the blob store");
            }
        }
        if let Err(error) = self.store.scrub().await {
            tracing::warn!(%error, "sealed rows of an erased person stay in the engine's free space");
        }
    }

    async fn erase_in(&self, tx: &mut Tx, desk: &Desk, payload: &Value) -> Result<Erased, Problem> {
        let id = payload["person"].as_str().and_then(|text| text.parse::<Id>().ok());
        let person = id.ok_or_else(problems::erase_payload)?;
        let current = version::current(&self.store, tx, person).await?.ok_or_else(problems::unknown)?;
        if payload["version"].as_i64() != Some(current.version) {
            return Err(problems::erase_payload());
        }
        let mut changes = Changes::default();
        changes.remove(&current.document.person);
        counters::apply(tx, &changes).await?;
        // Whoever is erased is erased under every record they had: those that were absorbed, too.
        let mut blobs = Vec::new();
        for record in std::iter::once(person).chain(tokens::absorbed(tx, person).await?) {
            blobs.extend(self.erase_record(tx, record).await?);
        }
        let act = Act {
            kind: "identity.person-erased",
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: None,
            public: json!({"count": 1}),
            private: Some(json!({"ground": payload["ground"]})),
        };
        Ok(Erased { receipt: self.record.act(tx, &desk.actor, &act).await?, blobs })
    }

    /// Destroys the keys of one record and removes its rows; answers the names of its photos and documents.
    async fn erase_record(&self, tx: &mut Tx, person: Id) -> Result<Vec<String>, Problem> {
        let versions = version::all(&self.store, tx, person).await?;
        let mut blobs: Vec<String> =
            versions.into_iter().filter_map(|version| version.document.person.photo).collect();
        blobs.extend(self.documents_in(tx, person).await?.iter().map(|held| held.blob().to_string()));
        blobs.extend(crate::kit::list::erase(tx, person).await?);
        blobs.extend(crate::life::erase_asked(self, tx, person).await?);
        self.erase_bonds(tx, person).await?;
        if let Some(citizen) = tokens::of(tx, person, tokens::OFFICE).await? {
            self.office.forget(tx, citizen).await?;
        }
        if let Some(subject) = tokens::of(tx, person, tokens::RECORD).await? {
            self.store.vault().erase(tx, subject).await?;
        }
        // Letters that wait to be printed, too.
        if let Some(addressee) = tokens::of(tx, person, tokens::POST).await? {
            self.store.vault().erase(tx, addressee).await?;
        }
        self.store.vault().erase(tx, person).await?;
        crate::openid::token::erase(tx, person).await?;
        crate::verify::erase(tx, person).await?;
        crate::assist::erase(tx, person).await?;
        let by_person = [
            sql!("delete from identity_index where person = $1"),
            sql!("delete from identity_token where person = $1"),
            sql!("delete from identity_person_version where person = $1"),
            sql!("delete from identity_double where a = $1 or b = $1"),
            sql!("delete from identity_document where person = $1"),
            // The hashes stay, so that the numbers are never given to somebody else.
            sql!("update identity_card set person = null, number = null, state = 'erased' where person = $1"),
            sql!("update identity_number set person = null where person = $1"),
        ];
        for statement in by_person {
            tx.execute(statement, &params![person]).await?;
        }
        let mark = sql!(
            "update identity_person set state = 'erased', number = null, changed_at = $2, import = null, \
             import_row = null, merged_into = null where id = $1"
        );
        tx.execute(mark, &params![person, self.store.world().now()]).await?;
        Ok(blobs)
    }
}
