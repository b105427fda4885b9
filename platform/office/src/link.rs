//! One-time links: who holds one may set the credentials of one account, once, for a while.

use crate::office::Office;
use crate::{problems, token};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};

/// How long an official's link holds: 72 hours.
pub const LINK_SECONDS: i64 = 72 * 3600;
/// How long the first administrator's link holds: 24 hours.
pub const FIRST_ADMIN_SECONDS: i64 = 24 * 3600;
/// How long a link holds that somebody made for themselves, or with an activation code.
pub const OWN_LINK_SECONDS: i64 = 3600;

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkPurpose {
    /// A new official opens their account.
    Invite,
    /// The first administrator of an installation makes theirs.
    FirstAdmin,
    /// An official sets new credentials.
    Renew,
    /// A citizen claims their account or sets new credentials.
    Citizen,
}

impl LinkPurpose {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::FirstAdmin => "first-admin",
            Self::Renew => "renew",
            Self::Citizen => "citizen",
        }
    }
    fn read(word: &str) -> Result<Self, Problem> {
        [Self::Invite, Self::FirstAdmin, Self::Renew, Self::Citizen]
            .into_iter()
            .find(|purpose| purpose.word() == word)
            .ok_or_else(|| Problem::internal("a link for a purpose that we never wrote"))
    }
}

/// A link to make.
pub(crate) struct NewLink {
    pub(crate) account: Id,
    pub(crate) purpose: LinkPurpose,
    pub(crate) seconds: i64,
    /// Office and role of a first administrator.
    pub(crate) place: Option<(String, String)>,
}

impl NewLink {
    pub(crate) const fn plain(account: Id, purpose: LinkPurpose, seconds: i64) -> Self {
        Self { account, purpose, seconds, place: None }
    }
}

/// A link as it lies in its row, with what was chosen so far.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) token: [u8; 32],
    pub(crate) account: Id,
    pub(crate) purpose: LinkPurpose,
    pub(crate) expires: Timestamp,
    pub(crate) place: Option<(String, String)>,
    pub(crate) login_index: Option<[u8; 32]>,
    pub(crate) login: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) totp: Option<Vec<u8>>,
}

impl Link {
    fn read(token: [u8; 32], row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            token,
            account: row.get(0)?,
            purpose: LinkPurpose::read(row.get(1)?)?,
            expires: row.get(2)?,
            place: row.get::<Option<String>>(3)?.zip(row.get::<Option<String>>(4)?),
            login_index: row.get(5)?,
            login: row.get(6)?,
            name: row.get(7)?,
            password: row.get(8)?,
            totp: row.get(9)?,
        })
    }
    /// What the secret chosen with this link is bound to.
    pub(crate) fn totp_context(&self) -> Vec<u8> {
        [b"office_link.totp/".as_slice(), &self.token].concat()
    }
}

impl Office {
    /// Makes a link and gives out its token. Earlier links of the account are void.
    pub(crate) async fn issue_link(&self, tx: &mut Tx, new: &NewLink) -> Result<String, Problem> {
        let (link, kept) = token::fresh(self.world());
        let (office, role) = new.place.clone().unzip();
        tx.execute(sql!("delete from office_link where account = $1"), &params![new.account]).await?;
        tx.execute(
            sql!(
                "insert into office_link (token, account, purpose, expires, office, role, login_index, login, name, \
                 password, totp, tries) values ($1, $2, $3, $4, $5, $6, null, null, null, null, null, 0)"
            ),
            &params![
                kept,
                new.account,
                new.purpose.word(),
                self.now().plus_seconds(new.seconds),
                office,
                role
            ],
        )
        .await?;
        Ok(link)
    }

    pub(crate) async fn link(&self, tx: &mut Tx, sent: &str) -> Result<Link, Problem> {
        let token = token::stored(sent).ok_or_else(problems::link_over)?;
        let row = tx
            .query_opt(
                sql!(
                    "select account, purpose, expires, office, role, login_index, login, name, password, totp \
                     from office_link where token = $1 and expires > $2"
                ),
                &params![token, self.now()],
            )
            .await?;
        Link::read(token, &row.ok_or_else(problems::link_over)?)
    }
}
