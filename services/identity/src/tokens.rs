//! The names other services know a person by. Each has its own, drawn at random, so that two services' tables
//! share nothing that could be joined.

use daftar_kernel::{Id, World};
use daftar_store::{StoreError, Tx, params, sql};

/// The public record and the access register.
pub const RECORD: &str = "record";
/// Sign-in of citizens.
pub const OFFICE: &str = "office";
/// The post room; drawn when there is the first thing to tell.
pub const POST: &str = "post";

/// A fresh token. All 122 free bits are random: the time in a UUIDv7 would tell which tokens were made
/// together.
#[must_use]
pub fn draw(world: &World) -> Id {
    let mut bytes = world.bytes::<16>();
    // Version 4, variant 1 (RFC 9562 §5.4).
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Id::from_bytes(bytes)
}

/// Writes a new person's tokens.
pub(crate) async fn add(tx: &mut Tx, person: Id, record: Id, office: Id) -> Result<(), StoreError> {
    let insert = sql!("insert into identity_token (person, service, token) values ($1, $2, $3)");
    for (service, token) in [(OFFICE, office), (RECORD, record)] {
        tx.execute(insert, &params![person, service, token]).await?;
    }
    Ok(())
}

/// Writes one more token: a service that comes later.
pub(crate) async fn give(tx: &mut Tx, person: Id, service: &str, token: Id) -> Result<(), StoreError> {
    let insert = sql!("insert into identity_token (person, service, token) values ($1, $2, $3)");
    tx.execute(insert, &params![person, service, token]).await?;
    Ok(())
}

/// The token a service knows a person by.
pub(crate) async fn of(tx: &mut Tx, person: Id, service: &str) -> Result<Option<Id>, StoreError> {
    let select = sql!("select token from identity_token where person = $1 and service = $2");
    tx.query_opt(select, &params![person, service]).await?.map(|row| row.get(0)).transpose()
}

/// The token a service knows a person by, drawn now when there is none yet.
pub(crate) async fn of_or_draw(tx: &mut Tx, person: Id, service: &str) -> Result<Id, StoreError> {
    if let Some(token) = of(tx, person, service).await? {
        return Ok(token);
    }
    let token = draw(tx.world());
    let insert = sql!("insert into identity_token (person, service, token) values ($1, $2, $3)");
    tx.execute(insert, &params![person, service, token]).await?;
    Ok(token)
}

/// Whose record this token was given to. It may have been absorbed since: for what belongs to the record and stays with
/// it, such as its letters, consents and sign-ins.
pub(crate) async fn holder(tx: &mut Tx, service: &str, token: Id) -> Result<Option<Id>, StoreError> {
    let select = sql!("select person from identity_token where token = $1 and service = $2");
    tx.query_opt(select, &params![token, service]).await?.map(|row| row.get(0)).transpose()
}

/// The person behind a service's token: whoever absorbed its record, if somebody did.
pub(crate) async fn person(tx: &mut Tx, service: &str, token: Id) -> Result<Option<Id>, StoreError> {
    match holder(tx, service, token).await? {
        Some(person) => living(tx, person).await.map(Some),
        None => Ok(None),
    }
}

/// Records that one may have absorbed, those that they had absorbed before among them.
pub const MAX_ABSORBED: usize = 16;

/// The record into which this one was absorbed, directly.
pub(crate) async fn merged_into(tx: &mut Tx, person: Id) -> Result<Option<Id>, StoreError> {
    let select = sql!("select merged_into from identity_person where id = $1");
    Ok(tx.query_opt(select, &params![person]).await?.map(|row| row.get(0)).transpose()?.flatten())
}

/// The one place where a merge is followed: the record that stands for this person now, itself when it was not
/// absorbed.
///
/// # Errors
/// When pointers lead round, which no merge makes; the store's.
pub(crate) async fn living(tx: &mut Tx, person: Id) -> Result<Id, StoreError> {
    let mut here = person;
    for _ in 0..=MAX_ABSORBED {
        match merged_into(tx, here).await? {
            Some(next) => here = next,
            None => return Ok(here),
        }
    }
    Err(StoreError::Malformed { what: "merged records".into(), reason: "their pointers lead round".into() })
}

/// Every record that this one has absorbed, those that they had absorbed among them, in the order in which they are
/// found.
pub(crate) async fn absorbed(tx: &mut Tx, person: Id) -> Result<Vec<Id>, StoreError> {
    let select = sql!("select id from identity_person where merged_into = $1 order by id limit $2");
    let (mut found, mut asked) = (Vec::new(), vec![person]);
    let most = i64::try_from(MAX_ABSORBED).unwrap_or(i64::MAX);
    while let Some(one) = asked.pop() {
        for row in tx.query(select, &params![one, most]).await? {
            let id: Id = row.get(0)?;
            if found.len() <= MAX_ABSORBED && !found.contains(&id) {
                found.push(id);
                asked.push(id);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_kernel::time::ManualClock;
    use daftar_kernel::{Timestamp, world::SeededRandom};

    #[test]
    fn tokens_of_one_moment_share_nothing() {
        let world =
            World::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)), SeededRandom::new(5));
        let (a, b) = (draw(&world), draw(&world));
        assert_ne!(a.as_bytes()[..6], b.as_bytes()[..6]);
        assert_eq!(a.to_string().parse::<Id>(), Ok(a));
    }
}
