//! Accounts of officials: made by an administrator, opened by a one-time link, suspended and resumed.

use crate::assignment::{Assignment, not_oneself};
use crate::link::{LINK_SECONDS, LinkPurpose, NewLink};
use crate::office::{Office, Proven};
use crate::permission::{ACCOUNT_CREATE, ACCOUNT_SEE, ACCOUNT_SUSPEND};
use crate::problems::in_field;
use crate::{Principal, passkey, problems, session, text};
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};
use serde_json::json;

/// Accounts of one page of the list.
pub const PAGE: usize = 50;

/// Where an account stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Its holder has not opened the link yet.
    Invited,
    /// In use.
    Active,
    /// Its holder cannot sign in.
    Suspended,
}

impl State {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
    fn read(word: &str) -> Result<Self, Problem> {
        [Self::Invited, Self::Active, Self::Suspended]
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or_else(|| Problem::internal("an account in a state that we never wrote"))
    }
}

/// An official's account, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its identifier.
    pub id: Id,
    /// The sign-in name.
    pub login: String,
    /// The name on acts.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// When it was made.
    pub created: Timestamp,
    /// The last sign-in.
    pub signed_in: Option<Timestamp>,
}

/// A new account, with the link to hand to its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The account.
    pub account: Id,
    /// The link's token, given out once and never again.
    pub link: String,
}

impl Office {
    /// Makes an official's account; its holder opens it with the link within 72 hours. An act of the record.
    ///
    /// # Errors
    /// `office-not-permitted`, `office-login-bad`, `office-login-taken`, `office-name-bad`.
    pub async fn invite(
        &self,
        tx: &mut Tx,
        by: &Proven,
        login: &str,
        name: &str,
    ) -> Result<Invitation, Problem> {
        self.need(by.actor(), ACCOUNT_CREATE)?;
        let login = text::fold_login(login).ok_or_else(|| in_field(problems::login_bad(), "login"))?;
        let name = text::clean_name(name).ok_or_else(|| in_field(problems::name_bad(), "name"))?;
        let (account, now) = (self.world().id(), self.now());
        let made = tx
            .execute(
                sql!(
                    "insert into office_account (id, kind, state, login_index, login, name, password, totp, \
                     totp_step, wrong_codes, created, signed_in) values ($1, 'official', 'invited', $2, $3, $4, \
                     null, null, 0, 0, $5, null) on conflict (login_index) do nothing"
                ),
                &params![account, self.login_index(&login)?, &login, &name, now],
            )
            .await?;
        if made == 0 {
            return Err(in_field(problems::login_taken(), "login"));
        }
        let link = NewLink::plain(account, LinkPurpose::Invite, LINK_SECONDS);
        let link = self.issue_link(tx, &link).await?;
        let private = json!({"official": account, "login": login, "name": name});
        self.act(tx, by.actor(), "office.account-created", json!({}), private).await?;
        Ok(Invitation { account, link })
    }

    /// A new link for somebody who lost theirs, their password or their phone. The old credentials hold until it is used.
    /// An act of the record.
    ///
    /// # Errors
    /// `office-not-permitted`, `office-own-account`; `office-state` for a suspended account; 404 for an unknown one.
    pub async fn renew_link(&self, tx: &mut Tx, by: &Proven, account: Id) -> Result<String, Problem> {
        self.need(by.actor(), ACCOUNT_CREATE)?;
        not_oneself(by.actor(), account)?;
        let held = self.official(tx, account).await?;
        let purpose = match held.state {
            State::Invited => LinkPurpose::Invite,
            State::Active => LinkPurpose::Renew,
            State::Suspended => return Err(problems::state()),
        };
        let link = self.issue_link(tx, &NewLink::plain(account, purpose, LINK_SECONDS)).await?;
        let private = json!({"official": account, "name": held.name});
        self.act(tx, by.actor(), "office.link-renewed", json!({}), private).await?;
        Ok(link)
    }

    /// Suspends an official: all sessions and links end at once. An act of the record.
    ///
    /// # Errors
    /// `office-not-permitted`, `office-own-account`; `office-state` when suspended already; 404 for an unknown account.
    pub async fn suspend(&self, tx: &mut Tx, by: &Proven, account: Id) -> Result<(), Problem> {
        self.need(by.actor(), ACCOUNT_SUSPEND)?;
        not_oneself(by.actor(), account)?;
        let held = self.official(tx, account).await?;
        if held.state == State::Suspended {
            return Err(problems::state());
        }
        tx.execute(sql!("update office_account set state = 'suspended' where id = $1"), &params![account])
            .await?;
        session::end_all(tx, account).await?;
        tx.execute(sql!("delete from office_link where account = $1"), &params![account]).await?;
        let private = json!({"official": account, "name": held.name});
        self.act(tx, by.actor(), "office.account-suspended", json!({}), private).await?;
        Ok(())
    }

    /// Lets a suspended official sign in again. An act of the record.
    ///
    /// # Errors
    /// `office-not-permitted`, `office-own-account`; `office-state` when not suspended; 404 for an unknown account.
    pub async fn resume(&self, tx: &mut Tx, by: &Proven, account: Id) -> Result<(), Problem> {
        self.need(by.actor(), ACCOUNT_SUSPEND)?;
        not_oneself(by.actor(), account)?;
        let held = self.official(tx, account).await?;
        if held.state != State::Suspended {
            return Err(problems::state());
        }
        // Who had never opened the link is as before: invited, and in need of a new one.
        tx.execute(
            sql!(
                "update office_account set state = case when password is null then 'invited' else 'active' end \
                 where id = $1"
            ),
            &params![account],
        )
        .await?;
        let private = json!({"official": account, "name": held.name});
        self.act(tx, by.actor(), "office.account-resumed", json!({}), private).await?;
        Ok(())
    }

    /// A link with which somebody signed in changes their own password, phone and recovery codes.
    ///
    /// # Errors
    /// `office-not-official` for anybody without an account.
    pub async fn renew_own(&self, tx: &mut Tx, by: &Proven) -> Result<String, Problem> {
        let principal = match by.actor() {
            Actor::Official(official) => Principal::Official(official.id),
            Actor::Citizen(token) => Principal::Citizen(*token),
            Actor::Public | Actor::System(_) => return Err(problems::not_official()),
        };
        let purpose = match principal {
            Principal::Official(_) => LinkPurpose::Renew,
            Principal::Citizen(_) => LinkPurpose::Citizen,
        };
        self.issue_link(tx, &NewLink::plain(principal.id(), purpose, crate::link::OWN_LINK_SECONDS)).await
    }

    /// One official's account.
    ///
    /// # Errors
    /// 404 for an unknown one.
    pub async fn official(&self, tx: &mut Tx, account: Id) -> Result<Account, Problem> {
        let row = tx
            .query_opt(
                sql!(
                    "select id, login, name, state, created, signed_in from office_account \
                     where id = $1 and kind = 'official'"
                ),
                &params![account],
            )
            .await?;
        read(&row.ok_or_else(Problem::not_found)?)
    }

    /// Officials by sign-in name, [`PAGE`] at a time, after the given one; each with what they can work in now.
    ///
    /// # Errors
    /// `office-not-permitted` without the permission to see who works where.
    pub async fn officials(
        &self,
        tx: &mut Tx,
        by: &Actor,
        after: Option<&str>,
    ) -> Result<Vec<(Account, Vec<Assignment>)>, Problem> {
        self.need(by, ACCOUNT_SEE)?;
        let rows = tx
            .query(
                sql!(
                    "select id, login, name, state, created, signed_in from office_account \
                     where kind = 'official' and login > $1 order by login limit $2"
                ),
                &params![after.unwrap_or_default(), i64::try_from(PAGE).unwrap_or(50)],
            )
            .await?;
        let mut list = Vec::with_capacity(rows.len());
        for row in &rows {
            let account = read(row)?;
            let assignments = self.assignments_of(tx, account.id).await?;
            list.push((account, assignments));
        }
        Ok(list)
    }

    /// The official who signs in by this name; `None` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn official_of_login(&self, tx: &mut Tx, login: &str) -> Result<Option<Account>, Problem> {
        let Some(folded) = text::fold_login(login) else { return Ok(None) };
        let one = sql!(
            "select id, login, name, state, created, signed_in from office_account \
             where login_index = $1 and kind = 'official'"
        );
        tx.query_opt(one, &params![self.login_index(&folded)?]).await?.map(|row| read(&row)).transpose()
    }

    pub(crate) async fn name_of(&self, tx: &mut Tx, account: Id) -> Result<String, Problem> {
        let row =
            tx.query_opt(sql!("select name from office_account where id = $1"), &params![account]).await?;
        Ok(row.map(|row| row.get::<Option<String>>(0)).transpose()?.flatten().unwrap_or_default())
    }

    /// Bars a citizen's account: sessions end and nobody signs in, until [`Office::unbar_citizen`]. For a death. What the account
    /// holds, such as complaints, stays.
    ///
    /// # Errors
    /// `office-not-permitted` for an official's account; when the store fails.
    pub async fn bar_citizen(&self, tx: &mut Tx, whose: Principal) -> Result<(), Problem> {
        let Principal::Citizen(citizen) = whose else { return Err(problems::not_permitted()) };
        session::end_all(tx, citizen).await?;
        let bar = sql!("update office_account set state = 'suspended' where id = $1 and kind = 'citizen'");
        tx.execute(bar, &params![citizen]).await?;
        for delete in [
            sql!("delete from office_link where account = $1"),
            sql!("delete from office_activation where account = $1"),
        ] {
            tx.execute(delete, &params![citizen]).await?;
        }
        Ok(())
    }

    /// Lets a barred citizen sign in again.
    ///
    /// # Errors
    /// As [`Office::bar_citizen`].
    pub async fn unbar_citizen(&self, tx: &mut Tx, whose: Principal) -> Result<(), Problem> {
        let Principal::Citizen(citizen) = whose else { return Err(problems::not_permitted()) };
        let unbar = sql!(
            "update office_account set state = case when password is null then 'invited' else 'active' end \
             where id = $1 and kind = 'citizen' and state = 'suspended'"
        );
        tx.execute(unbar, &params![citizen]).await?;
        Ok(())
    }

    /// Forgets an account: for the erasure of a citizen. Credentials, sessions, codes and drafts go, and the keys under
    /// which anything else of theirs here is sealed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget(&self, tx: &mut Tx, citizen: Id) -> Result<(), Problem> {
        session::end_all(tx, citizen).await?;
        self.delete_drafts_of(tx, citizen).await?;
        passkey::forget_all(tx, citizen).await?;
        for delete in [
            sql!("delete from office_link where account = $1"),
            sql!("delete from office_activation where account = $1"),
            sql!("delete from office_recovery where account = $1"),
            sql!("delete from office_account where id = $1 and kind = 'citizen'"),
        ] {
            tx.execute(delete, &params![citizen]).await?;
        }
        self.store().vault().erase(tx, citizen).await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Account, Problem> {
    Ok(Account {
        id: row.get(0)?,
        login: row.get::<Option<String>>(1)?.unwrap_or_default(),
        name: row.get::<Option<String>>(2)?.unwrap_or_default(),
        state: State::read(row.get(3)?)?,
        created: row.get(4)?,
        signed_in: row.get(5)?,
    })
}
