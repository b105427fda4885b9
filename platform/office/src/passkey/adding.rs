//! A new passkey: somebody signed in and freshly proven asks for it, names it, and their authenticator makes it.

use super::{Ceremony, NAME_MAX_CHARS, PASSKEYS_MAX, Purpose, Sealed, Told, clean_name, principal};
use crate::office::{CLASS, Office, Proven};
use crate::{Principal, problems};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use daftar_kernel::{Id, Problem};
use daftar_store::{Tx, params, sql};
use webauthn::{Credential, Refusal, Registration, registration};

/// What to hand to the browser so that it makes a passkey.
#[derive(Clone, Debug)]
pub struct Adding {
    /// The challenge and its cookie.
    pub ceremony: Ceremony,
    /// The user handle: 64 random bytes that stand for this account here and nowhere else, base64url.
    pub user: String,
    /// What the authenticator shows: an official's sign-in name, or the country's name for a citizen.
    pub user_name: String,
    /// What the passkey will be called.
    pub name: String,
    /// Ids of the account's passkeys, base64url: an authenticator that holds one makes no second.
    pub known: Vec<String>,
}

/// What the browser answers.
#[derive(Clone)]
pub struct Created {
    /// The cookie's token.
    pub browser: Option<String>,
    /// What it will be called.
    pub name: String,
    /// `clientDataJSON`, base64url.
    pub client_data: String,
    /// `attestationObject`, base64url.
    pub attestation: String,
}

impl std::fmt::Debug for Created {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Created")
    }
}

fn handle_context(account: Id) -> Vec<u8> {
    [b"office_passkey_user.sealed/".as_slice(), account.as_bytes()].concat()
}

impl Office {
    /// Begins adding a passkey to one's own account.
    ///
    /// # Errors
    /// `office-passkey-off`, `office-passkey-name-bad`, `office-passkeys-many`; `office-not-official` without an account.
    pub async fn begin_passkey(&self, by: &Proven, name: &str) -> Result<Adding, Problem> {
        self.need_site()?;
        let (whose, name) = (principal(by.actor())?, clean_name(name)?);
        let (office, account) = (self.clone(), whose.id());
        let (user, known, login) = self
            .store()
            .write(move |tx| {
                let office = office.clone();
                Box::pin(async move {
                    check_room(tx, account).await?;
                    let user = office.user_handle(tx, account).await?;
                    let list = office.sealed_passkeys(tx, account).await?;
                    let known: Vec<String> = list.into_iter().map(|(_, sealed)| sealed.credential).collect();
                    let find = sql!("select login from office_account where id = $1");
                    let row = tx.query_opt(find, &params![account]).await?;
                    let login = row.map(|row| row.get::<Option<String>>(0)).transpose()?.flatten();
                    Ok::<_, Problem>((user, known, login))
                })
            })
            .await?;
        let user_name = match whose {
            Principal::Official(_) => login.unwrap_or_default(),
            Principal::Citizen(_) => self.issuer().to_string(),
        };
        let ceremony = self.begin_ceremony(Purpose::Add, Some(account)).await?;
        Ok(Adding { ceremony, user: URL_SAFE_NO_PAD.encode(user), user_name, name, known })
    }

    /// The account's user handle; drawn when there is none yet. It is no token of any floor and tells nothing (§14.6.1).
    async fn user_handle(&self, tx: &mut Tx, account: Id) -> Result<Vec<u8>, Problem> {
        let find = sql!("select sealed from office_passkey_user where account = $1");
        let context = handle_context(account);
        if let Some(row) = tx.query_opt(find, &params![account]).await? {
            let vault = self.store().vault();
            return Ok(vault.open(tx, account, CLASS, &context, row.get(0)?).await?.to_vec());
        }
        let handle = self.world().bytes::<64>();
        let sealed = self.store().vault().seal(tx, account, CLASS, &context, &handle).await?;
        let insert = sql!(
            "insert into office_passkey_user (account, handle, sealed, only_since) values ($1, $2, $3, null)"
        );
        tx.execute(insert, &params![account, self.handle_index(&handle)?, sealed]).await?;
        Ok(handle.to_vec())
    }

    pub(crate) fn handle_index(&self, handle: &[u8]) -> Result<[u8; 32], Problem> {
        self.keyed("office-passkey-user", &[handle])
    }
    pub(crate) fn credential_index(&self, id: &[u8]) -> Result<[u8; 32], Problem> {
        self.keyed("office-passkey", &[id])
    }

    /// Keeps a new passkey. An act of the record; `subject` is the token under which it knows a citizen, who is told.
    ///
    /// # Errors
    /// `office-passkey-over`; `office-passkey-unverified` and `office-passkey-unfit` for one that cannot serve here;
    /// `office-passkey-wrong`; `office-passkey-known`, `office-passkeys-many`.
    pub async fn add_passkey(
        &self,
        by: &Proven,
        subject: Option<Id>,
        created: &Created,
    ) -> Result<Id, Problem> {
        let site = self.need_site()?;
        let (account, name) = (principal(by.actor())?.id(), clean_name(&created.name)?);
        let (office, browser) = (self.clone(), created.browser.clone());
        // The challenge is used up first, so that a wrong answer cannot be followed by another.
        let challenge = self
            .store()
            .write(move |tx| {
                let (office, browser) = (office.clone(), browser.clone());
                Box::pin(async move {
                    office.take_challenge(tx, (Purpose::Add, Some(account)), browser.as_deref()).await
                })
            })
            .await?;
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| problems::passkey_wrong());
        let (client_data, object) = (decode(&created.client_data)?, decode(&created.attestation)?);
        let sent = Registration { client_data: &client_data, attestation_object: &object };
        let made = registration::verify(&site, &challenge, true, &sent).map_err(|refusal| told(&refusal))?;
        let (office, by) = (self.clone(), by.clone());
        self.store()
            .write(move |tx| {
                let (office, by, made, name) = (office.clone(), by.clone(), made.clone(), name.clone());
                Box::pin(async move {
                    let id = office.keep_passkey(tx, account, &made, &name).await?;
                    let act = "office.passkey-added";
                    let receipt = office.passkey_act(tx, by.actor(), subject, act, &name).await?;
                    office.tell_of_passkey(tx, by.actor(), Told::Added, receipt).await?;
                    Ok(id)
                })
            })
            .await
    }

    async fn keep_passkey(
        &self,
        tx: &mut Tx,
        account: Id,
        made: &Credential,
        name: &str,
    ) -> Result<Id, Problem> {
        check_room(tx, account).await?;
        let id = self.world().id();
        let content = Sealed {
            credential: URL_SAFE_NO_PAD.encode(&made.id),
            key: URL_SAFE_NO_PAD.encode(made.key.as_cose()),
            name: name.to_string(),
            eligible: made.backup_eligible,
        };
        let sealed = self.seal_passkey(tx, account, id, &content).await?;
        // §7.1 step 26: an id that is registered already, whoever's it is.
        let kept = tx
            .execute(
                sql!(
                    "insert into office_passkey (id, account, credential, sealed, counter, created, used, blocked) \
                     values ($1, $2, $3, $4, $5, $6, null, null) on conflict (credential) do nothing"
                ),
                &params![
                    id,
                    account,
                    self.credential_index(&made.id)?,
                    sealed,
                    i64::from(made.counter),
                    self.now()
                ],
            )
            .await?;
        if kept == 0 { Err(problems::passkey_known()) } else { Ok(id) }
    }
}

async fn check_room(tx: &mut Tx, account: Id) -> Result<(), Problem> {
    let count = sql!("select count(*) from office_passkey where account = $1");
    let held: i64 = tx.query_one(count, &params![account]).await?.get(0)?;
    if held >= PASSKEYS_MAX { Err(problems::passkeys_many().arg("most", PASSKEYS_MAX)) } else { Ok(()) }
}

/// A refusal of the standard's, for people; the operator's log gets the step.
pub(super) fn told(refusal: &Refusal) -> Problem {
    let problem = match refusal {
        Refusal::UserVerification => problems::passkey_unverified(),
        Refusal::Algorithm | Refusal::Format => problems::passkey_unfit(),
        _ => problems::passkey_wrong(),
    };
    problem.detail(refusal)
}

const _: () = assert!(NAME_MAX_CHARS <= crate::text::NAME_MAX_CHARS);
