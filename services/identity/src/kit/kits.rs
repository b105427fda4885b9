//! Kits: allowed for a time by an official who proves to be there, and withdrawn. Both are acts of the record.

use super::{MAX_KIT_DAYS, MAX_KITS};
use crate::people::{Desk, People, SERVICE};
use crate::register::needed_text;
use crate::{permission, problems};
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_office::Proven;
use daftar_office::account::State;
use daftar_record::Act;
use daftar_store::{Row, Tx, params, sql};
use enrolment_packet::clock::Contact;
use enrolment_packet::statement::{self, Authorisation, Operator, Request};
use serde_json::json;
use std::collections::BTreeMap;

const DAY_SECONDS: i64 = 86_400;

/// What a kit takes along of the country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Country {
    /// Its name.
    pub name: String,
    /// Its time zone (tz database).
    pub zone: String,
    /// Codes of its places.
    pub places: Vec<String>,
    /// The files of its pack by path, without lists of names; empty for a kit that shows no pages.
    pub files: BTreeMap<String, String>,
}

/// A kit that was just allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The kit.
    pub kit: Id,
    /// The file the device takes.
    pub authorisation: Vec<u8>,
    /// Receipt of the act.
    pub receipt: Id,
}

/// A kit, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// Its identifier.
    pub id: Id,
    /// The agency that answers for it.
    pub agency: String,
    /// What people call it.
    pub name: String,
    /// The device's public key.
    pub device: Vec<u8>,
    /// When it was allowed last.
    pub authorised_at: Timestamp,
    /// Until when packets may be made.
    pub until: Timestamp,
    /// The file the device takes.
    pub authorisation: Vec<u8>,
    /// Receipt of the act.
    pub receipt: Id,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// Why.
    pub withdrawn_why: Option<String>,
}

impl Kit {
    fn of(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.get(0)?,
            agency: row.get(1)?,
            name: row.get(2)?,
            device: row.get(3)?,
            authorised_at: row.get(4)?,
            until: row.get(5)?,
            authorisation: row.get(6)?,
            receipt: row.get(7)?,
            withdrawn_at: row.get(8)?,
            withdrawn_why: row.get(9)?,
        })
    }
}

/// An operator of a kit, as the registry knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) official: Id,
    pub(super) name: String,
    pub(super) office: String,
    pub(super) role: String,
}

/// What a request asks for, in the registry's own words: for the official who is about to allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What the kit is called.
    pub name: String,
    /// Its device's public key.
    pub device: [u8; 32],
    /// Who shall work with it: sign-in name, name, code of the office.
    pub operators: Vec<(String, String, String)>,
}

impl People {
    /// Reads a kit's request without allowing anything.
    ///
    /// # Errors
    /// As [`People::allow_kit`].
    pub async fn read_kit_request(&self, actor: &Actor, request: &[u8], days: i64) -> Result<Wish, Problem> {
        let request = self.asked(actor, request, days)?;
        let (people, desk) = (self.clone(), Desk::of(actor));
        self.store
            .read(move |tx| {
                let (people, desk, request) = (people.clone(), desk.clone(), request.clone());
                Box::pin(async move {
                    let mut operators = Vec::new();
                    for operator in &request.operators {
                        let (_, known) = people.operator_of(tx, &desk.agency, operator).await?;
                        operators.push((operator.login.clone(), known.name, known.office));
                    }
                    Ok(Wish { name: request.name, device: request.device, operators })
                })
            })
            .await
    }

    fn asked(&self, actor: &Actor, request: &[u8], days: i64) -> Result<Request, Problem> {
        self.office.need(actor, permission::KIT)?;
        if !(1..=MAX_KIT_DAYS).contains(&days) {
            return Err(problems::kit_days());
        }
        let request = statement::read_request(request.trim_ascii());
        request.map_err(|fault| problems::kit_request().detail(fault))
    }

    /// Allows a kit for so many days, by the request its device made; allows it anew when it is known already.
    ///
    /// # Errors
    /// `identity-kit-request`, `identity-kit-operator`, `identity-kit-days`, `identity-kit-withdrawn`, `identity-kits-many`; 403
    /// without the permission; the store's.
    pub async fn allow_kit(
        &self,
        by: &Proven,
        request: &[u8],
        days: i64,
        country: &Country,
    ) -> Result<Allowed, Problem> {
        let request = self.asked(by.actor(), request, days)?;
        let (people, actor, country) = (self.clone(), by.actor().clone(), country.clone());
        self.store
            .write(move |tx| {
                let (people, actor) = (people.clone(), actor.clone());
                let (request, country) = (request.clone(), country.clone());
                Box::pin(async move { people.allow_in(tx, &actor, &request, (days, &country)).await })
            })
            .await
    }

    async fn allow_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        request: &Request,
        (days, country): (i64, &Country),
    ) -> Result<Allowed, Problem> {
        let (now, mut desk) = (self.store.world().now(), Desk::of(actor));
        let mut found = Vec::new();
        for operator in &request.operators {
            let one = self.operator_of(tx, &desk.agency, operator).await?;
            // The program itself sits in no agency: it acts in that of the first operator.
            desk.agency.clone_from(&one.0);
            found.push((operator.key, one.1));
        }
        let known = kit_of_device(tx, &request.device).await?;
        match &known {
            Some(kit) if kit.withdrawn_at.is_some() => return Err(problems::kit_withdrawn()),
            // A kit of another agency is nothing this official may know of.
            Some(kit) if kit.agency != desk.agency => return Err(problems::kit_request()),
            Some(_) => {}
            None => {
                let count =
                    sql!("select count(*) from identity_kit where agency = $1 and withdrawn_at is null");
                if tx.query_one(count, &params![&desk.agency]).await?.get::<i64>(0)? >= MAX_KITS {
                    return Err(problems::kits_many());
                }
            }
        }
        let kit = known.map_or_else(|| self.store.world().id(), |kit| kit.id);
        for (key, found) in &found {
            let insert = sql!(
                "insert into identity_kit_operator (kit, key, official, name, office, role) \
                 values ($1, $2, $3, $4, $5, $6) on conflict (kit, key) do update set \
                 official = excluded.official, name = excluded.name, office = excluded.office, role = excluded.role"
            );
            let (name, office, role) = (&found.name, &found.office, &found.role);
            tx.execute(insert, &params![kit, key, found.official, name, office, role]).await?;
        }
        let until = now.plus_seconds(days * DAY_SECONDS);
        let authorisation = Authorisation {
            kit: kit.to_string(),
            name: request.name.clone(),
            device: request.device,
            nonce: request.nonce,
            registry: self.kit_opening_key()?.public().0,
            operators: request.operators.clone(),
            since: Contact { registry: now.0, device: request.made.clone() },
            until: until.0,
            country: country.name.clone(),
            zone: country.zone.clone(),
            places: country.places.clone(),
            files: country.files.clone(),
        };
        let file = statement::sign(&authorisation, &self.kit_statement_key()?).map_err(Problem::internal)?;
        // Which machines may enrol people is public; who works with them is between the office and its people.
        let public = json!({ "kit": kit, "name": request.name, "until": until.to_rfc3339() });
        let logins: Vec<&str> = request.operators.iter().map(|one| one.login.as_str()).collect();
        let private = Some(json!({ "operators": logins }));
        let receipt = self.kit_act(tx, (actor, &desk), "identity.kit-allowed", (public, private)).await?;
        let write = sql!(
            "insert into identity_kit (id, agency, name, device, authorised_at, until, authorisation, receipt, \
             withdrawn_at, withdrawn_why) values ($1, $2, $3, $4, $5, $6, $7, $8, null, null) \
             on conflict (id) do update set name = excluded.name, authorised_at = excluded.authorised_at, \
             until = excluded.until, authorisation = excluded.authorisation, receipt = excluded.receipt"
        );
        let (agency, name, device) = (&desk.agency, &request.name, request.device);
        tx.execute(write, &params![kit, agency, name, device, now, until, &file, receipt]).await?;
        Ok(Allowed { kit, authorisation: file, receipt })
    }

    /// The official behind an operator's sign-in name, in a role that may register people: of this agency, or of any when none is
    /// given. Answers the agency too.
    async fn operator_of(
        &self,
        tx: &mut Tx,
        agency: &str,
        operator: &Operator,
    ) -> Result<(String, Known), Problem> {
        let refused = || problems::kit_operator().arg("name", &operator.login);
        let account = self.office.official_of_login(tx, &operator.login).await?;
        let account = account.filter(|account| account.state != State::Suspended).ok_or_else(refused)?;
        let roster = self.office.roster();
        let assignments = self.office.assignments_of(tx, account.id).await?;
        let fitting = assignments.into_iter().find(|one| {
            (agency.is_empty() || one.agency == agency) && roster.allows(&one.role, permission::REGISTER)
        });
        let fitting = fitting.ok_or_else(refused)?;
        let (office, role) = (fitting.office, fitting.role);
        Ok((fitting.agency, Known { official: account.id, name: account.name, office, role }))
    }

    /// Withdraws a kit that was lost, stolen or is no longer needed: what arrives from then on is held.
    ///
    /// # Errors
    /// 404 when the agency has none such; `identity-kit-withdrawn` when it is already; `identity-reason` without words; 403.
    pub async fn withdraw_kit(&self, by: &Proven, kit: Id, why: &str) -> Result<Id, Problem> {
        self.office.need(by.actor(), permission::KIT)?;
        let why = needed_text(why, problems::reason_text)?;
        let (people, actor) = (self.clone(), by.actor().clone());
        self.store
            .write(move |tx| {
                let (people, actor, why) = (people.clone(), actor.clone(), why.clone());
                Box::pin(async move {
                    let (desk, now) = (Desk::of(&actor), people.store.world().now());
                    let found = people.kit_in(tx, &actor, kit).await?;
                    if found.withdrawn_at.is_some() {
                        return Err(problems::kit_withdrawn());
                    }
                    let end =
                        sql!("update identity_kit set withdrawn_at = $2, withdrawn_why = $3 where id = $1");
                    tx.execute(end, &params![kit, now, &why]).await?;
                    let (public, private) =
                        (json!({ "kit": kit, "name": found.name }), Some(json!({ "why": why })));
                    people.kit_act(tx, (&actor, &desk), "identity.kit-withdrawn", (public, private)).await
                })
            })
            .await
    }

    pub(super) async fn kit_act(
        &self,
        tx: &mut Tx,
        (actor, desk): (&Actor, &Desk),
        kind: &'static str,
        (public, private): (serde_json::Value, Option<serde_json::Value>),
    ) -> Result<Id, Problem> {
        let (agency, office) = (desk.agency.clone(), desk.office.clone());
        let act = Act { kind, service: SERVICE, agency, office, subject: None, public, private };
        Ok(self.record.act(tx, actor, &act).await?)
    }

    /// A kit of the actor's agency; the program itself sees all.
    pub(super) async fn kit_in(&self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Kit, Problem> {
        let one = sql!(
            "select id, agency, name, device, authorised_at, until, authorisation, receipt, withdrawn_at, \
             withdrawn_why from identity_kit where id = $1"
        );
        let row = tx.query_opt(one, &params![id]).await?.ok_or_else(Problem::not_found)?;
        let kit = Kit::of(&row)?;
        match actor.official() {
            Some(official) if official.agency != kit.agency => Err(Problem::not_found()),
            _ => Ok(kit),
        }
    }

    /// The kits of the actor's agency, by name.
    ///
    /// # Errors
    /// 403 without the permission; the store's.
    pub async fn kits(&self, actor: &Actor) -> Result<Vec<Kit>, Problem> {
        self.office.need(actor, permission::KIT)?;
        let agency = Desk::of(actor).agency;
        self.store
            .read(move |tx| {
                let agency = agency.clone();
                Box::pin(async move {
                    let all = sql!(
                        "select id, agency, name, device, authorised_at, until, authorisation, receipt, \
                         withdrawn_at, withdrawn_why from identity_kit where agency = $1 order by name, id limit $2"
                    );
                    tx.query(all, &params![&agency, 2 * MAX_KITS]).await?.iter().map(Kit::of).collect()
                })
            })
            .await
    }

    /// One kit of the actor's agency.
    ///
    /// # Errors
    /// 404 when there is none; 403 without the permission; the store's.
    pub async fn kit(&self, actor: &Actor, id: Id) -> Result<Kit, Problem> {
        self.office.need(actor, permission::KIT)?;
        let (people, actor) = (self.clone(), actor.clone());
        self.store
            .read(move |tx| {
                let (people, actor) = (people.clone(), actor.clone());
                Box::pin(async move { people.kit_in(tx, &actor, id).await })
            })
            .await
    }
}

/// The kit of a device.
pub(super) async fn kit_of_device(tx: &mut Tx, device: &[u8; 32]) -> Result<Option<Kit>, Problem> {
    let one = sql!(
        "select id, agency, name, device, authorised_at, until, authorisation, receipt, withdrawn_at, \
         withdrawn_why from identity_kit where device = $1"
    );
    tx.query_opt(one, &params![device]).await?.map(|row| Kit::of(&row)).transpose()
}

/// The official who signs with a key on a kit.
pub(super) async fn operator_by_key(tx: &mut Tx, kit: Id, key: &[u8; 32]) -> Result<Option<Known>, Problem> {
    let one =
        sql!("select official, name, office, role from identity_kit_operator where kit = $1 and key = $2");
    let Some(row) = tx.query_opt(one, &params![kit, key]).await? else { return Ok(None) };
    Ok(Some(Known { official: row.get(0)?, name: row.get(1)?, office: row.get(2)?, role: row.get(3)? }))
}
