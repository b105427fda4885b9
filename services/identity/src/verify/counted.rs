//! Who asks, and whether they may ask once more: read and counted in the transaction that answers.

use super::partner::{self, Partner};
use super::{HELD, MINUTE, Ticket, Token, Verifier, lock, quota};
use crate::openid::token::access_name;
use crate::problems;
use daftar_kernel::Problem;
use daftar_store::{Tx, params, sql};

/// Kind of the row that counts requests.
pub(super) const ASKED: &str = "asked";
/// Kind of the row that counts cards of nobody.
const MISSED: &str = "missed";

/// A partner that is let in.
pub(super) struct Caller {
    pub(super) partner: Partner,
    /// Of the day's quota, what the row gave beyond this request.
    pub(super) more: i64,
    day: String,
    missed: i64,
}

impl Verifier {
    /// Finds whose token it is, and counts the request against the minute and the day.
    ///
    /// # Errors
    /// `identity-verify-token` for one that was revoked; `identity-verify-partner` when the client may not ask about people;
    /// `identity-verify-pace`, `identity-verify-quota`, `identity-verify-misses` with the time to wait.
    pub(super) async fn admit(&self, tx: &mut Tx, token: &Token, ticket: &Ticket) -> Result<Caller, Problem> {
        let (now, day) = (self.now(), self.day());
        let find = sql!(
            "select c.id, c.name, c.organisation, c.agency, c.why, c.sector, p.purpose, p.consent, p.attributes, \
             p.per_minute, p.per_day, p.set_at, m.asked from identity_openid_token t \
             join identity_openid_client c on c.id = t.client and c.withdrawn_at is null \
             left join identity_verify_partner p on p.client = c.id \
             left join identity_verify_count m on m.client = c.id and m.day = $3 and m.kind = 'missed' \
             where t.name = $1 and t.kind = 'own' and t.expires > $2"
        );
        let row = tx.query_opt(find, &params![access_name(&token.jti), now, &day]).await?;
        let row = row.ok_or_else(problems::verify_token)?;
        if row.get::<Option<&str>>(6)?.is_none() {
            return Err(problems::verify_partner());
        }
        let partner = partner::read(&row)?;
        if !ticket.mark(MINUTE) {
            let taken = lock(&self.shared.minutes).take(&partner.client, partner.per_minute, now);
            taken.map_err(|wait| problems::verify_pace().retry_after(wait))?;
        }
        let mut caller = Caller { missed: row.get::<Option<i64>>(12)?.unwrap_or(0), more: 0, day, partner };
        // Asked for before anything is looked up: after too many misses a hit must not be told from a miss either.
        if caller.missed >= quota::misses(caller.partner.per_day) {
            return Err(problems::verify_misses().retry_after(self.people().seconds_to_midnight()));
        }
        caller.more = self.charge_day(tx, &caller, ticket).await?;
        Ok(caller)
    }

    /// Takes one request of the day: from the block this node holds, else from the row.
    async fn charge_day(&self, tx: &mut Tx, caller: &Caller, ticket: &Ticket) -> Result<i64, Problem> {
        let (client, day, per_day) = (&caller.partner.client, &caller.day, caller.partner.per_day);
        if ticket.has(HELD) {
            return Ok(0);
        }
        if lock(&self.shared.days).take(client, day) {
            ticket.mark(HELD);
            return Ok(0);
        }
        let asked = count_of(tx, client, day, ASKED).await?;
        let taken = quota::block(per_day).min(per_day - asked);
        if taken < 1 {
            return Err(problems::verify_quota().retry_after(self.people().seconds_to_midnight()));
        }
        put_count(tx, client, day, ASKED, asked + taken).await?;
        Ok(taken - 1)
    }

    /// Notes that a card was nobody's, or not the one of the consent.
    pub(super) async fn missed(&self, tx: &mut Tx, caller: &Caller) -> Result<(), Problem> {
        put_count(tx, &caller.partner.client, &caller.day, MISSED, caller.missed + 1).await
    }
}

/// What a row has counted.
pub(super) async fn count_of(tx: &mut Tx, client: &str, day: &str, kind: &str) -> Result<i64, Problem> {
    let select = sql!("select asked from identity_verify_count where client = $1 and day = $2 and kind = $3");
    let row = tx.query_opt(select, &params![client, day, kind]).await?;
    Ok(row.map(|row| row.get(0)).transpose()?.unwrap_or(0))
}

async fn put_count(tx: &mut Tx, client: &str, day: &str, kind: &str, asked: i64) -> Result<(), Problem> {
    let put = sql!(
        "insert into identity_verify_count (client, day, kind, asked) values ($1, $2, $3, $4) \
         on conflict (client, day, kind) do update set asked = excluded.asked"
    );
    tx.execute(put, &params![client, day, kind, asked]).await?;
    Ok(())
}
