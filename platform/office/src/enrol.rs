//! Setting credentials with a one-time link: password, authenticator app, a first code, recovery codes. The link is used up by the
//! last step, so that a lost line in the middle costs nothing.

use crate::link::{Link, LinkPurpose};
use crate::office::{CLASS, Office};
use crate::password::Password;
use crate::problems::in_field;
use crate::sign_in::totp_context;
use crate::totp::Secret;
use crate::{Principal, code, passkey, problems, session, text};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_store::{Tx, params, sql};
use serde_json::json;

/// Recovery codes one gets.
pub const RECOVERY_CODES: usize = 8;
/// Wrong codes after which a link is void.
pub const LINK_TRIES: i64 = 10;

/// What to scan or type into an authenticator app.
#[derive(Clone, PartialEq, Eq)]
pub struct Offer {
    /// The secret in base32, for typing.
    pub secret: String,
    /// `otpauth://` address, for a QR code.
    pub uri: String,
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Offer")
    }
}

/// Where somebody stands who holds a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// What the link is for.
    pub purpose: LinkPurpose,
    /// The official's name, when it is known already.
    pub name: Option<String>,
    /// The official's sign-in name, when it is known already.
    pub login: Option<String>,
    /// Whether to ask for a sign-in name.
    pub asks_login: bool,
    /// Whether to ask for the name on acts.
    pub asks_name: bool,
    /// Until when the link holds.
    pub expires: Timestamp,
    /// The second step's offer, once a password was chosen.
    pub offer: Option<Offer>,
}

/// What the first step asks for.
#[derive(Clone, Default)]
pub struct Choice {
    /// A sign-in name, when asked.
    pub login: String,
    /// The name on acts, when asked.
    pub name: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Choice")
    }
}

/// What the account will be called.
#[derive(Clone)]
struct Names {
    index: [u8; 32],
    /// Kept in words for officials only: a citizen's sign-in name is often an address.
    login: Option<String>,
    name: Option<String>,
}

impl Office {
    /// What a link asks for next.
    ///
    /// # Errors
    /// `office-link-over` (404).
    pub async fn enrolment(&self, sent: &str) -> Result<Enrolment, Problem> {
        let (office, sent) = (self.clone(), sent.to_string());
        self.store()
            .read(move |tx| {
                let (office, sent) = (office.clone(), sent.clone());
                Box::pin(async move {
                    let link = office.link(tx, &sent).await?;
                    office.enrolment_of(tx, &link).await
                })
            })
            .await
    }

    async fn enrolment_of(&self, tx: &mut Tx, link: &Link) -> Result<Enrolment, Problem> {
        let (login, name) = match link.purpose {
            LinkPurpose::Invite | LinkPurpose::Renew => {
                let account = self.official(tx, link.account).await?;
                (Some(account.login), Some(account.name))
            }
            LinkPurpose::FirstAdmin | LinkPurpose::Citizen => (link.login.clone(), link.name.clone()),
        };
        let offer = match &link.totp {
            Some(sealed) => {
                let context = link.totp_context();
                let plain = self.store().vault().open(tx, link.account, CLASS, &context, sealed).await?;
                Some(self.offer(&secret(&plain)?, login.as_deref()))
            }
            None => None,
        };
        Ok(Enrolment {
            purpose: link.purpose,
            name,
            login,
            asks_login: matches!(link.purpose, LinkPurpose::FirstAdmin | LinkPurpose::Citizen),
            asks_name: link.purpose == LinkPurpose::FirstAdmin,
            expires: link.expires,
            offer,
        })
    }

    fn offer(&self, secret: &Secret, login: Option<&str>) -> Offer {
        Offer { secret: secret.grouped(), uri: secret.uri(self.issuer(), login.unwrap_or("*")) }
    }

    /// The first step: names where asked, and a password. Gives what to scan. May be repeated until the link is used.
    ///
    /// # Errors
    /// `office-link-over`; `office-login-bad`, `office-login-taken`, `office-name-bad`, `office-password-*` with the field at
    /// fault; `office-busy`.
    pub async fn enrol_password(&self, sent: &str, choice: &Choice) -> Result<Offer, Problem> {
        let asked = self.enrolment(sent).await?;
        let login = if asked.asks_login { Some(choice.login.as_str()) } else { asked.login.as_deref() };
        let login =
            login.and_then(text::fold_login).ok_or_else(|| in_field(problems::login_bad(), "login"))?;
        let name = if asked.asks_name {
            Some(text::clean_name(&choice.name).ok_or_else(|| in_field(problems::name_bad(), "name"))?)
        } else {
            asked.name.clone()
        };
        let words = [name.as_deref().unwrap_or_default(), self.issuer()];
        let password = Password::chosen(&choice.password, &login, &words)?;
        let hash = self.hashing().hash(self.keyed_password(&password)?, self.world()).await?;
        let shown = (asked.purpose != LinkPurpose::Citizen).then(|| login.clone());
        let names = Names { index: self.login_index(&login)?, login: shown, name };
        let (office, sent, secret) = (self.clone(), sent.to_string(), Secret::random(self.world()));
        let offer = self.offer(&secret, Some(&login));
        self.store()
            .write(move |tx| {
                let (office, sent, hash) = (office.clone(), sent.clone(), hash.clone());
                let (names, secret) = (names.clone(), secret.clone());
                Box::pin(async move { office.keep_choice(tx, &sent, &names, hash, &secret).await })
            })
            .await?;
        Ok(offer)
    }

    async fn keep_choice(
        &self,
        tx: &mut Tx,
        sent: &str,
        names: &Names,
        hash: String,
        secret: &Secret,
    ) -> Result<(), Problem> {
        let link = self.link(tx, sent).await?;
        self.check_login_free(tx, &names.index, link.account).await?;
        let context = link.totp_context();
        let sealed = self.store().vault().seal(tx, link.account, CLASS, &context, secret.as_bytes()).await?;
        tx.execute(
            sql!(
                "update office_link set login_index = $2, login = $3, name = $4, password = $5, totp = $6 \
                 where token = $1"
            ),
            &params![link.token, names.index, names.login.clone(), names.name.clone(), hash, sealed],
        )
        .await?;
        Ok(())
    }

    async fn check_login_free(&self, tx: &mut Tx, index: &[u8; 32], account: Id) -> Result<(), Problem> {
        let other = sql!("select id from office_account where login_index = $1 and id <> $2");
        let taken = tx.query_opt(other, &params![index, account]).await?.is_some();
        if taken { Err(in_field(problems::login_taken(), "login")) } else { Ok(()) }
    }

    /// The last step: a code from the app. Sets the credentials, ends all sessions that were open under the old ones, and
    /// gives the recovery codes, which are shown once.
    ///
    /// # Errors
    /// `office-link-over`, `office-enrol-order`, `office-code-wrong`; `office-login-taken` and `office-admin-exists` when
    /// somebody was faster.
    pub async fn enrol_confirm(&self, sent: &str, typed: &str) -> Result<(Principal, Vec<String>), Problem> {
        let (office, sent, typed) = (self.clone(), sent.to_string(), typed.to_string());
        let done = self.store().write(move |tx| {
            let (office, sent, typed) = (office.clone(), sent.clone(), typed.clone());
            Box::pin(async move { office.confirm(tx, &sent, &typed).await })
        });
        done.await?.ok_or_else(problems::code_wrong)
    }

    /// `None` for a wrong code: no error for the transaction, because the count of it must be kept.
    async fn confirm(
        &self,
        tx: &mut Tx,
        sent: &str,
        typed: &str,
    ) -> Result<Option<(Principal, Vec<String>)>, Problem> {
        let link = self.link(tx, sent).await?;
        let (Some(sealed), Some(_)) = (&link.totp, &link.password) else {
            return Err(problems::enrol_order());
        };
        let context = link.totp_context();
        let plain = self.store().vault().open(tx, link.account, CLASS, &context, sealed).await?;
        let secret = secret(&plain)?;
        let Some(step) = secret.verify(typed, self.now(), None) else {
            let count = sql!("update office_link set tries = tries + 1 where token = $1");
            tx.execute(count, &params![link.token]).await?;
            let void = sql!("delete from office_link where token = $1 and tries >= $2");
            tx.execute(void, &params![link.token, LINK_TRIES]).await?;
            return Ok(None);
        };
        let principal = self.activate(tx, &link, &secret, step).await?;
        let codes = self.new_recovery_codes(tx, link.account).await?;
        session::end_all(tx, link.account).await?;
        // Whoever took over the account for a while may have left a passkey in it: all old ways end together.
        let gone = passkey::forget_all(tx, link.account).await?;
        self.tell_of_reset(tx, principal, gone).await?;
        tx.execute(sql!("delete from office_link where account = $1"), &params![link.account]).await?;
        tx.execute(sql!("delete from office_activation where account = $1"), &params![link.account]).await?;
        Ok(Some((principal, codes)))
    }

    async fn activate(
        &self,
        tx: &mut Tx,
        link: &Link,
        secret: &Secret,
        step: i64,
    ) -> Result<Principal, Problem> {
        let index = link.login_index.ok_or_else(problems::enrol_order)?;
        self.check_login_free(tx, &index, link.account).await?;
        let kind = if link.purpose == LinkPurpose::Citizen { "citizen" } else { "official" };
        if link.purpose == LinkPurpose::FirstAdmin {
            self.check_no_admin(tx).await?;
        }
        let context = totp_context(link.account);
        let sealed = self.store().vault().seal(tx, link.account, CLASS, &context, secret.as_bytes()).await?;
        // The code just shown is used up too. Suspension ends links, so nobody lifts theirs this way.
        tx.execute(
            sql!(
                "insert into office_account (id, kind, state, login_index, login, name, password, totp, totp_step, \
                 wrong_codes, created, signed_in) values ($1, $2, 'active', $3, $4, $5, $6, $7, $8, 0, $9, null) \
                 on conflict (id) do update set state = 'active', login_index = excluded.login_index, \
                 login = excluded.login, name = excluded.name, password = excluded.password, \
                 totp = excluded.totp, totp_step = excluded.totp_step, wrong_codes = 0"
            ),
            &params![
                link.account,
                kind,
                index,
                link.login.clone(),
                link.name.clone(),
                link.password.clone(),
                sealed,
                step,
                self.now()
            ],
        )
        .await?;
        if kind == "citizen" {
            return Ok(Principal::Citizen(link.account));
        }
        self.record_activation(tx, link).await?;
        Ok(Principal::Official(link.account))
    }

    async fn record_activation(&self, tx: &mut Tx, link: &Link) -> Result<(), Problem> {
        let name = link.name.clone().unwrap_or_default();
        if let (LinkPurpose::FirstAdmin, Some((office, role))) = (link.purpose, &link.place) {
            self.place_first_admin(tx, link.account, office, role).await?;
        }
        let place = self.assignments_of(tx, link.account).await?.into_iter().next();
        let (agency, office, role) = place.map(|a| (a.agency, a.office, a.role)).unwrap_or_default();
        let actor = Actor::Official(Official { id: link.account, name: name.clone(), agency, office, role });
        let public = json!({"by": link.purpose.word()});
        let private = json!({"official": link.account, "name": name});
        self.act(tx, &actor, "office.account-activated", public, private).await?;
        Ok(())
    }

    async fn new_recovery_codes(&self, tx: &mut Tx, account: Id) -> Result<Vec<String>, Problem> {
        tx.execute(sql!("delete from office_recovery where account = $1"), &params![account]).await?;
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let signs = code::random(self.world());
            let kept = self.recovery_hash(account, &signs)?;
            tx.execute(
                sql!("insert into office_recovery (account, code) values ($1, $2)"),
                &params![account, kept],
            )
            .await?;
            codes.push(format!("{}-{}", &signs[..5], &signs[5..]));
        }
        Ok(codes)
    }
}

fn secret(plain: &[u8]) -> Result<Secret, Problem> {
    Secret::from_slice(plain).ok_or_else(|| Problem::internal("a one-time code secret of the wrong length"))
}
