//! Which registered services may ask about people: for which purpose of the country, by law or with consent, about what, and how
//! often. An official sets it, with a fresh one-time code; it is a public act.

use super::attribute::{Attribute, Attributes};
use super::counted::{ASKED, count_of};
use super::quota::{MAX_PER_DAY, MAX_PER_MINUTE};
use super::{Verifier, lock};
use crate::openid::client;
use crate::{permission, problems};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_office::Proven;
use daftar_office::roster::Label;
use daftar_store::{Row, Tx, params, sql};
use openid::{Method, Scope, Scopes};
use serde_json::json;

/// What an official grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPartner {
    /// Code of the purpose in the country pack; its law is the basis of every look.
    pub purpose: String,
    /// Whether each person must have consented. Without it the purpose's law alone allows the question.
    pub consent: bool,
    /// What may be asked about.
    pub attributes: Attributes,
    /// Requests a minute.
    pub per_minute: i64,
    /// Requests a day of the country.
    pub per_day: i64,
}

/// A registered service that may ask about people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its `client_id`.
    pub client: String,
    /// What it is called.
    pub name: String,
    /// Who runs it.
    pub organisation: String,
    /// Code of the agency that answers for it.
    pub agency: String,
    /// Why it asks, in the country's languages.
    pub why: Label,
    /// Code of the purpose.
    pub purpose: String,
    /// Whether each person must have consented.
    pub consent: bool,
    /// What it may ask about.
    pub attributes: Attributes,
    /// Requests a minute.
    pub per_minute: i64,
    /// Requests a day.
    pub per_day: i64,
    /// Since when.
    pub set_at: Timestamp,
    sector: String,
}

impl Partner {
    /// The name under which its people's tokens lie in `identity_token`: that of its sign-ins.
    pub(super) fn token_service(&self) -> String {
        client::token_service(&self.sector)
    }
}

/// A partner with what it asked today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The partner.
    pub partner: Partner,
    /// Requests counted today, in whole blocks of the quota.
    pub today: i64,
}

pub(super) fn read(row: &Row) -> Result<Partner, Problem> {
    Ok(Partner {
        client: row.get(0)?,
        name: row.get(1)?,
        organisation: row.get(2)?,
        agency: row.get(3)?,
        why: serde_json::from_str(row.get(4)?).map_err(Problem::internal)?,
        sector: row.get(5)?,
        purpose: row.get(6)?,
        consent: row.get(7)?,
        attributes: Attributes::parse(row.get(8)?),
        per_minute: row.get(9)?,
        per_day: row.get(10)?,
        set_at: row.get(11)?,
    })
}

/// The partner of a client; `None` when the client is gone or may not ask.
pub(super) async fn find(tx: &mut Tx, client: &str) -> Result<Option<Partner>, Problem> {
    let select = sql!(
        "select c.id, c.name, c.organisation, c.agency, c.why, c.sector, p.purpose, p.consent, p.attributes, \
         p.per_minute, p.per_day, p.set_at from identity_verify_partner p \
         join identity_openid_client c on c.id = p.client and c.withdrawn_at is null where p.client = $1"
    );
    tx.query_opt(select, &params![client]).await?.map(|row| read(&row)).transpose()
}

/// As [`find`], and for a client that may no longer ask, with nothing that it may ask about.
pub(super) async fn find_with_ended(tx: &mut Tx, client: &str) -> Result<Option<Partner>, Problem> {
    if let Some(partner) = find(tx, client).await? {
        return Ok(Some(partner));
    }
    Ok(client::find(tx, client).await?.map(|found| Partner {
        client: found.client.id.clone(),
        name: found.name,
        organisation: found.organisation,
        agency: found.agency,
        why: found.why,
        purpose: String::new(),
        consent: true,
        attributes: Attributes::default(),
        per_minute: 0,
        per_day: 0,
        set_at: found.registered_at,
        sector: found.sector,
    }))
}

/// Every fault by the form's field.
fn check(new: &NewPartner, purpose_is_theirs: bool) -> Result<(), Problem> {
    let mut problem = problems::verify_registration();
    if !purpose_is_theirs {
        problem = problem.field("purpose", "identity-verify-fault-purpose");
    }
    // Photos are handed over, and only the person can allow that.
    if new.attributes.is_empty() || (!new.consent && new.attributes.has(Attribute::Photo)) {
        problem = problem.field("attributes", "identity-verify-fault-attributes");
    }
    if !(1..=MAX_PER_MINUTE).contains(&new.per_minute) {
        problem = problem.field("per_minute", "identity-verify-fault-minute");
    }
    if !(1..=MAX_PER_DAY).contains(&new.per_day) {
        problem = problem.field("per_day", "identity-verify-fault-day");
    }
    if problem.fields.is_empty() { Ok(()) } else { Err(problem) }
}

impl Verifier {
    /// Lets a client ask about people, or changes what it may ask. Consents to what it may no longer ask about end at once: they
    /// are read together with this.
    ///
    /// # Errors
    /// 403 without the permission; 404 when there is no such client; `identity-verify-registration` with its fields; the store's.
    pub async fn set_partner(&self, by: &Proven, id: &str, new: &NewPartner) -> Result<Id, Problem> {
        self.people().office.need(by.actor(), permission::CLIENT)?;
        let roster = self.people().office.roster();
        check(new, roster.purpose(&new.purpose).is_some_and(|purpose| purpose.partners))?;
        let (me, actor, client, new) = (self.clone(), by.actor().clone(), id.to_string(), new.clone());
        let done = self.store().write(move |tx| {
            let (me, actor, client, new) = (me.clone(), actor.clone(), client.clone(), new.clone());
            Box::pin(async move {
                let found = client::find(tx, &client).await?.ok_or_else(Problem::not_found)?;
                if found.client.method == Method::Public {
                    // It cannot prove who it is, so anybody could ask in its name.
                    let problem = problems::verify_registration();
                    return Err(problem.field("purpose", "identity-openid-fault-method"));
                }
                let scopes = found.client.scopes.or(&Scopes::new([Scope::Verify]));
                me.write_scopes(tx, &client, &scopes, true).await?;
                let public = json!({
                    "client": client, "name": found.name, "purpose": new.purpose, "consent": new.consent,
                    "attributes": new.attributes.words(), "per_minute": new.per_minute, "per_day": new.per_day,
                });
                let receipt = me.provider.client_act(tx, &actor, "identity.partner-set", public).await?;
                let put = sql!(
                    "insert into identity_verify_partner (client, purpose, consent, attributes, per_minute, per_day, \
                     set_at, receipt) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (client) do update set \
                     purpose = excluded.purpose, consent = excluded.consent, attributes = excluded.attributes, \
                     per_minute = excluded.per_minute, per_day = excluded.per_day, set_at = excluded.set_at, \
                     receipt = excluded.receipt"
                );
                tx.execute(
                    put,
                    &params![
                        &client,
                        &new.purpose,
                        i64::from(new.consent),
                        new.attributes.to_text(),
                        new.per_minute,
                        new.per_day,
                        me.now(),
                        receipt
                    ],
                )
                .await?;
                Ok(receipt)
            })
        });
        let receipt = done.await?;
        lock(&self.shared.days).forget(id);
        Ok(receipt)
    }

    /// Ends a client's right to ask about people; tokens it holds open nothing any more.
    ///
    /// # Errors
    /// 403 without the permission; 404 when it has none; the store's.
    pub async fn end_partner(&self, by: &Proven, id: &str) -> Result<Id, Problem> {
        self.people().office.need(by.actor(), permission::CLIENT)?;
        let (me, actor, client) = (self.clone(), by.actor().clone(), id.to_string());
        let done = self.store().write(move |tx| {
            let (me, actor, client) = (me.clone(), actor.clone(), client.clone());
            Box::pin(async move {
                let found = client::find(tx, &client).await?.ok_or_else(Problem::not_found)?;
                let gone = sql!("delete from identity_verify_partner where client = $1");
                if tx.execute(gone, &params![&client]).await? == 0 {
                    return Err(Problem::not_found());
                }
                let scopes = found.client.scopes.without(Scope::Verify);
                me.write_scopes(tx, &client, &scopes, found.client.own_tokens).await?;
                let public = json!({ "client": client, "name": found.name });
                Ok(me.provider.client_act(tx, &actor, "identity.partner-ended", public).await?)
            })
        });
        let receipt = done.await?;
        lock(&self.shared.days).forget(id);
        Ok(receipt)
    }

    async fn write_scopes(
        &self,
        tx: &mut Tx,
        client: &str,
        scopes: &Scopes,
        own_tokens: bool,
    ) -> Result<(), Problem> {
        let update = sql!("update identity_openid_client set scopes = $2, own_tokens = $3 where id = $1");
        tx.execute(update, &params![client, scopes.to_string(), i64::from(own_tokens)]).await?;
        Ok(())
    }

    /// The partner of a client, with what it asked today.
    ///
    /// # Errors
    /// The store's.
    pub async fn partner(&self, client: &str) -> Result<Option<Used>, Problem> {
        let (client, day) = (client.to_string(), self.day());
        self.store()
            .read(move |tx| {
                let (client, day) = (client.clone(), day.clone());
                Box::pin(async move {
                    let Some(partner) = find(tx, &client).await? else { return Ok(None) };
                    let today = count_of(tx, &client, &day, ASKED).await?;
                    Ok(Some(Used { partner, today }))
                })
            })
            .await
    }

    /// All partners with what they asked today, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn partners(&self) -> Result<Vec<Used>, Problem> {
        let day = self.day();
        self.store()
            .read(move |tx| {
                let day = day.clone();
                Box::pin(async move {
                    let all = sql!(
                        "select c.id, c.name, c.organisation, c.agency, c.why, c.sector, p.purpose, p.consent, \
                         p.attributes, p.per_minute, p.per_day, p.set_at, n.asked from identity_verify_partner p \
                         join identity_openid_client c on c.id = p.client and c.withdrawn_at is null \
                         left join identity_verify_count n on n.client = p.client and n.day = $1 and n.kind = 'asked' \
                         order by c.name, c.id limit $2"
                    );
                    let used = |row: &Row| {
                        Ok(Used { partner: read(row)?, today: row.get::<Option<i64>>(12)?.unwrap_or(0) })
                    };
                    tx.query(all, &params![&day, client::MAX_CLIENTS]).await?.iter().map(used).collect()
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_at_the_limit_and_one_past() {
        let good = NewPartner {
            purpose: "registration".into(),
            consent: true,
            attributes: Attributes::parse("name photo"),
            per_minute: MAX_PER_MINUTE,
            per_day: MAX_PER_DAY,
        };
        assert_eq!(check(&good, true), Ok(()));
        let fault = |new: NewPartner, theirs| {
            let fields = check(&new, theirs).unwrap_err().fields;
            fields.into_iter().map(|fault| fault.field).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(fault(good.clone(), false), "purpose");
        assert_eq!(fault(NewPartner { per_minute: MAX_PER_MINUTE + 1, ..good.clone() }, true), "per_minute");
        assert_eq!(fault(NewPartner { per_minute: 0, ..good.clone() }, true), "per_minute");
        assert_eq!(fault(NewPartner { per_day: MAX_PER_DAY + 1, ..good.clone() }, true), "per_day");
        assert_eq!(fault(NewPartner { per_day: 0, ..good.clone() }, true), "per_day");
        assert_eq!(fault(NewPartner { consent: false, ..good.clone() }, true), "attributes");
        assert_eq!(fault(NewPartner { attributes: Attributes::default(), ..good }, true), "attributes");
    }
}
