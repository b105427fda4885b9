//! The demo country, in which one click signs in.

use crate::office::Office;
use crate::session::Way;
use crate::sign_in::{CodeStep, SignedIn};
use crate::{Principal, problems};
use daftar_kernel::Problem;
use daftar_store::{Tx, params, sql};

impl Office {
    /// Marks an empty store as a demo country. The mark is sealed with a key outside the database, so that nobody makes a
    /// demo of a real country by adding a row.
    ///
    /// # Errors
    /// `office-not-empty` when there is any account.
    pub async fn mark_demo(&self, tx: &mut Tx) -> Result<(), Problem> {
        if !tx.query(sql!("select id from office_account limit 1"), &params![]).await?.is_empty() {
            return Err(problems::not_empty());
        }
        tx.execute(
            sql!(
                "insert into office_flag (name, seal) values ('demo', $1) \
                 on conflict (name) do update set seal = excluded.seal"
            ),
            &params![self.demo_seal()?],
        )
        .await?;
        Ok(())
    }

    /// Whether the store is a demo country.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_demo(&self, tx: &mut Tx) -> Result<bool, Problem> {
        let row = tx.query_opt(sql!("select seal from office_flag where name = 'demo'"), &params![]).await?;
        Ok(row.map(|row| row.get::<[u8; 32]>(0)).transpose()? == Some(self.demo_seal()?))
    }

    fn demo_seal(&self) -> Result<[u8; 32], Problem> {
        self.keyed("office-flag", &[b"demo"])
    }

    /// Signs in without credentials, in a demo country only. A citizen's account is made when there is none; an official's
    /// must exist. It counts as freshly proven, since there is no authenticator app to ask.
    ///
    /// # Errors
    /// `office-not-demo`, `office-account-suspended`, `office-no-assignment`; 404 for an unknown official.
    pub async fn demo_sign_in(
        &self,
        tx: &mut Tx,
        principal: Principal,
        device_label: &str,
        replaces: Option<&str>,
    ) -> Result<SignedIn, Problem> {
        if !self.is_demo(tx).await? {
            return Err(problems::not_demo());
        }
        if let Principal::Citizen(token) = principal {
            tx.execute(
                sql!(
                    "insert into office_account (id, kind, state, login_index, login, name, password, totp, \
                     totp_step, wrong_codes, created, signed_in) values ($1, 'citizen', 'active', null, null, null, \
                     null, null, 0, 0, $2, null) on conflict (id) do nothing"
                ),
                &params![token, self.now()],
            )
            .await?;
        }
        let row = tx
            .query_opt(
                sql!("select state from office_account where id = $1 and kind = $2"),
                &params![principal.id(), principal.kind()],
            )
            .await?
            .ok_or_else(Problem::not_found)?;
        if row.get::<&str>(0)? == "suspended" {
            return Err(problems::suspended());
        }
        let device = self.remember_device(tx, None, principal.id()).await?;
        let step = CodeStep {
            challenge: String::new(),
            code: String::new(),
            device_label: device_label.to_string(),
            replaces: replaces.map(str::to_string),
        };
        self.begin(tx, principal, &step, device, Some(Way::Code)).await
    }
}
