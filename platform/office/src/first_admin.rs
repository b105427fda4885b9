//! The first administrator: a one-time link from `daftar init`, never a default password.

use crate::assignment::NewAssignment;
use crate::link::{FIRST_ADMIN_SECONDS, LinkPurpose, NewLink};
use crate::office::Office;
use crate::permission::ACCOUNT_CREATE;
use crate::problems;
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_store::{Tx, params, sql};
use serde_json::json;

/// The first administrator's link, as a start of the program finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstLink {
    /// A new one: its token.
    New(String),
    /// One was given out before and holds until then. Only its hash is kept, so it cannot be shown again.
    Given(Timestamp),
}

impl Office {
    /// A link for the first administrator, unless somebody may hold one that still works: a start of the program must not
    /// void it.
    ///
    /// # Errors
    /// As [`first_admin_link`](Self::first_admin_link).
    pub async fn first_admin_link_once(&self, tx: &mut Tx) -> Result<FirstLink, Problem> {
        self.check_no_admin(tx).await?;
        let text = sql!("select expires from office_link where purpose = 'first-admin' and expires > $1");
        match tx.query_opt(text, &params![self.now()]).await? {
            Some(row) => Ok(FirstLink::Given(row.get(0)?)),
            None => self.first_admin_link(tx).await.map(FirstLink::New),
        }
    }

    /// The token of the link with which the first administrator makes their account, within 24 hours. Asking again voids
    /// the link before.
    ///
    /// # Errors
    /// `office-admin-exists` when there is one; `office-no-admin-role` when the country has none.
    pub async fn first_admin_link(&self, tx: &mut Tx) -> Result<String, Problem> {
        self.check_no_admin(tx).await?;
        let roster = self.roster();
        let (office, role) = roster.administration().ok_or_else(problems::no_admin_role)?;
        let place = Some((office.code.clone(), role.code.clone()));
        tx.execute(sql!("delete from office_link where purpose = 'first-admin'"), &params![]).await?;
        let (account, purpose) = (self.world().id(), LinkPurpose::FirstAdmin);
        let link = NewLink { account, purpose, seconds: FIRST_ADMIN_SECONDS, place };
        let token = self.issue_link(tx, &link).await?;
        self.act(tx, &Actor::System("init"), "office.first-admin-link", json!({}), json!({})).await?;
        Ok(token)
    }

    /// Whether somebody can create accounts now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn has_admin(&self, tx: &mut Tx) -> Result<bool, Problem> {
        let (roster, now) = (self.roster(), self.now());
        for role in roster.roles().filter(|role| role.may(ACCOUNT_CREATE)) {
            let found = tx
                .query(
                    sql!(
                        "select g.id from office_assignment g join office_account a on a.id = g.account \
                         where g.role = $1 and g.ended is null and g.since <= $2 \
                         and (g.until is null or g.until > $2) and a.state = 'active' limit 1"
                    ),
                    &params![&role.code, now],
                )
                .await?;
            if !found.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) async fn check_no_admin(&self, tx: &mut Tx) -> Result<(), Problem> {
        if self.has_admin(tx).await? { Err(problems::admin_exists()) } else { Ok(()) }
    }

    pub(crate) async fn place_first_admin(
        &self,
        tx: &mut Tx,
        account: Id,
        office: &str,
        role: &str,
    ) -> Result<(), Problem> {
        let (office, role) = (office.to_string(), role.to_string());
        let new = NewAssignment { account, office, role, since: None, until: None };
        self.insert_assignment(tx, &Actor::System("init"), &new, self.now()).await?;
        Ok(())
    }
}
