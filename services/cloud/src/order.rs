//! Orders: what two officials must approve first, because the catalogue says so or a quota would have to grow.
//!
//! The two are asked by the program, since whoever orders need not hold their permission; who it was stands in what they
//! approve. The office carries the request, its votes and its seal ([`daftar_office::approval`]).

use crate::cloud::{Cloud, Done, Who};
use crate::instance::{self, NewInstance};
use crate::measure::{Amounts, Measure};
use crate::member::Part;
use crate::permission::{APPROVE, USE};
use crate::project::enter;
use crate::{problems, quota};
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_office::approval::Request;
use daftar_record::Act;
use daftar_store::{Row, Tx, params, sql};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The kind of approval.
pub const APPROVAL: &str = "cloud.order";
/// In whose name the two are asked.
const ASKS: &str = "cloud order";
/// Most orders of a project that are shown.
const SHOWN: i64 = 100;
/// Longest reason, in characters.
pub const REASON_CHARS: usize = 500;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for two officials.
    Open,
    /// It was carried out.
    Done,
    /// It was refused, or nobody decided in time.
    Refused,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Refused];
    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its identifier.
    pub id: Id,
    /// `instance` or `quota`.
    pub kind: String,
    /// What was asked for, as the two approve it.
    pub wish: Value,
    /// Where it stands.
    pub state: State,
    /// The request at the office.
    pub approval: Id,
    /// Who asked.
    pub asked_name: String,
    /// When.
    pub asked_at: Timestamp,
    /// The instance that came of it.
    pub resource: Option<Id>,
}

impl Cloud {
    /// Puts an instance of a size that is kept back before two officials.
    pub(crate) async fn ask_for_instance(
        &self,
        tx: &mut Tx,
        who: &Who,
        project: Id,
        new: &NewInstance,
    ) -> Result<Done, Problem> {
        let wish = serde_json::to_value(new).map_err(Problem::internal)?;
        self.ask(tx, who, project, ("instance", wish)).await
    }

    /// Asks for a larger quota: two officials decide. Measures that are not named, or are to be less than now, stay.
    ///
    /// # Errors
    /// `cloud-part` unless the actor owns the project, `cloud-entry`, `cloud-no-catalogue`, `cloud-key-used`; 404; the store's.
    pub async fn ask_for_quota(
        &self,
        who: &Who,
        project: Id,
        (amounts, reason): (&Amounts, &str),
        key: &str,
    ) -> Result<Done, Problem> {
        self.office().need(&who.actor(), USE)?;
        let catalogue = self.catalogue()?;
        let mut wrong: Option<Problem> = None;
        for (measure, amount) in amounts.each() {
            if amount < 0 || amount > catalogue.quota_most.get(measure) {
                let problem = wrong.take().unwrap_or_else(problems::entry);
                wrong = Some(problem.field(measure.word(), "cloud-fault-most"));
            }
        }
        let reason: String = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        if reason.is_empty() || reason.chars().count() > REASON_CHARS || reason.chars().any(char::is_control)
        {
            wrong = Some(wrong.take().unwrap_or_else(problems::entry).field("reason", "cloud-fault-reason"));
        }
        if let Some(problem) = wrong {
            return Err(problem);
        }
        let amounts: BTreeMap<&str, i64> =
            amounts.each().map(|(measure, amount)| (measure.word(), amount)).collect();
        if amounts.is_empty() {
            return Err(problems::entry().field(Measure::ALL[0].word(), "cloud-fault-nothing"));
        }
        let wish = json!({"quota": amounts, "reason": reason});
        let request = (project, wish.clone());
        self.once(who, ("quota-asked", key), &request, move |tx, cloud, who| {
            let wish = wish.clone();
            Box::pin(async move {
                enter(tx, &who, project, Part::Owner).await?;
                cloud.ask(tx, &who, project, ("quota", wish)).await
            })
        })
        .await
    }

    async fn ask(
        &self,
        tx: &mut Tx,
        who: &Who,
        project: Id,
        (kind, wish): (&'static str, Value),
    ) -> Result<Done, Problem> {
        let (id, now, agency) = (self.store().world().id(), self.now(), who.agency());
        let name = project_name(tx, agency, project).await?;
        let payload = json!({
            "order": id, "agency": agency, "project": project, "project_name": name, "kind": kind, "wish": wish,
            "asked_by": who.official.id, "asked_name": who.official.name, "office": who.official.office,
        });
        let request = Request { kind: APPROVAL, permission: APPROVE, payload };
        let approval = self.office().request_approval(tx, &Actor::System(ASKS), &request).await?;
        let text = sql!(
            "insert into cloud_order (agency_id, id, project, kind, wish, state, approval, asked_by, asked_name, \
             asked_at, decided_at, resource) values ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, 0, null)"
        );
        let official = &who.official;
        let params =
            params![agency, id, project, kind, wish.to_string(), approval, official.id, &official.name, now];
        tx.execute(text, &params).await?;
        let (public, private) =
            (json!({"project": project, "kind": kind}), json!({"order": id, "wish": wish}));
        let receipt = self.act(tx, who, "cloud.order-asked", public, private).await?;
        Ok(Done { id, receipt })
    }

    /// Carries out an order that two officials have approved.
    ///
    /// # Errors
    /// The office's about approvals; `cloud-order-over`, `cloud-quota` and what the order itself can meet; the store's.
    pub async fn carry_out(&self, actor: &Actor, approval: Id) -> Result<Id, Problem> {
        self.engine()?;
        let (cloud, actor) = (self.clone(), actor.clone());
        self.store()
            .write(move |tx| {
                let (cloud, actor) = (cloud.clone(), actor.clone());
                Box::pin(async move {
                    let office = cloud.office().clone();
                    let by = actor.clone();
                    office
                        .execute(tx, &actor, (approval, APPROVAL), move |tx, payload| {
                            Box::pin(async move { cloud.carry_out_in(tx, &by, approval, &payload).await })
                        })
                        .await
                })
            })
            .await
    }

    async fn carry_out_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        approval: Id,
        payload: &Value,
    ) -> Result<Id, Problem> {
        let id = |key: &str| payload[key].as_str().and_then(|text| text.parse::<Id>().ok());
        let (Some(order), Some(project), Some(agency)) =
            (id("order"), id("project"), payload["agency"].as_str())
        else {
            return Err(problems::order_over());
        };
        // A project that was closed meanwhile gets nothing.
        project_name(tx, agency, project).await?;
        let resource = match payload["kind"].as_str() {
            Some("instance") => {
                let new: NewInstance =
                    serde_json::from_value(payload["wish"].clone()).map_err(|_| problems::order_over())?;
                let spec = instance::specify(&*self.catalogue()?, &new)?;
                Some(instance::insert(self, tx, (agency, project), (&new.name, spec)).await?)
            }
            Some("quota") => {
                let amounts = amounts_of(&payload["wish"]["quota"]);
                quota::grant(tx, agency, project, &amounts).await?;
                None
            }
            _ => return Err(problems::order_over()),
        };
        let text = sql!(
            "update cloud_order set state = 'done', decided_at = $4, resource = $5 \
             where agency_id = $1 and id = $2 and approval = $3 and state = 'open'"
        );
        if tx.execute(text, &params![agency, order, approval, self.now(), resource]).await? == 0 {
            return Err(problems::order_over());
        }
        // The agency that gets it stands on the act: the two who approve are somebody else's officials.
        let act = Act {
            kind: "cloud.order-carried-out",
            service: crate::cloud::SERVICE,
            agency: agency.into(),
            office: payload["office"].as_str().unwrap_or_default().into(),
            subject: None,
            public: json!({"project": project, "kind": payload["kind"], "quota": payload["wish"]["quota"]}),
            private: Some(json!({"order": order, "resource": resource, "wish": payload["wish"]})),
        };
        Ok(self.office().record().act(tx, actor, &act).await?)
    }

    /// The orders of a project, newest first.
    ///
    /// # Errors
    /// 404 for whoever is no member; the store's.
    pub async fn orders(&self, who: &Who, project: Id) -> Result<Vec<Order>, Problem> {
        self.read(who, move |tx, cloud, who| {
            Box::pin(async move {
                enter(tx, &who, project, Part::Reader).await?;
                let text = sql!(
                    "select id, kind, wish, state, approval, asked_name, asked_at, resource from cloud_order \
                     where agency_id = $1 and project = $2 order by id desc limit $3"
                );
                let rows = tx.query(text, &params![who.agency(), project, SHOWN]).await?;
                let mut orders = Vec::new();
                for row in &rows {
                    orders.push(cloud.read_order(tx, row).await?);
                }
                Ok(orders)
            })
        })
        .await
    }

    async fn read_order(&self, tx: &mut Tx, row: &Row) -> Result<Order, Problem> {
        let approval: Id = row.get(4)?;
        let state = match row.get::<&str>(3)? {
            "done" => State::Done,
            // The office knows whether it was refused; a request that was altered is carried out by nobody.
            _ => {
                let found = self.office().approval(tx, &Actor::System(ASKS), approval).await;
                let open = |approval: &daftar_office::approval::Approval| {
                    approval.state == daftar_office::approval::State::Open && self.now() < approval.expires
                };
                if found.is_ok_and(|approval| open(&approval)) { State::Open } else { State::Refused }
            }
        };
        let wish = serde_json::from_str(row.get(2)?).map_err(Problem::internal)?;
        Ok(Order {
            id: row.get(0)?,
            kind: row.get(1)?,
            wish,
            state,
            approval,
            asked_name: row.get(5)?,
            asked_at: row.get(6)?,
            resource: row.get(7)?,
        })
    }
}

/// The amounts of a wish.
pub(crate) fn amounts_of(wish: &Value) -> Amounts {
    let amount = |measure: Measure| wish[measure.word()].as_i64().map(|amount| (measure, amount));
    Amounts::of(Measure::ALL.into_iter().filter_map(amount))
}

/// The name of an open project.
async fn project_name(tx: &mut Tx, agency: &str, project: Id) -> Result<String, Problem> {
    let text = sql!("select name from cloud_project where agency_id = $1 and id = $2 and closed_at = 0");
    let row = tx.query_opt(text, &params![agency, project]).await?.ok_or_else(Problem::not_found)?;
    Ok(row.get(0)?)
}
