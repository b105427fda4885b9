//! Cards: what a person shows. A card has a number of its own and is replaced with it; the national number
//! stays.

use crate::number::{CardNumber, MAX_DRAWS};
use crate::people::{CLASS, People};
use crate::{problems, tokens};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{StoreError, Tx, params, sql};

/// How long a card is valid, in years; the number on it is valid as long as the card.
pub const CARD_YEARS: i16 = 10;

/// The state of a card that death ended.
pub(crate) const DIED: &str = "died";
/// The state of a card whose record two officials suspended.
pub(crate) const SUSPENDED: &str = "suspended";
/// The state of a card that counts.
pub(crate) const VALID: &str = "valid";

/// A card, as the tables keep it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Card {
    /// Its number.
    pub number: CardNumber,
    /// When it was issued.
    pub issued_at: Timestamp,
}

fn context(person: Id) -> Vec<u8> {
    [b"identity_card.number/".as_slice(), person.as_bytes()].concat()
}

/// Issues a card with a number nobody has or ever had. An earlier card must have been ended.
pub(crate) async fn issue(
    people: &People,
    tx: &mut Tx,
    person: Id,
    now: Timestamp,
) -> Result<CardNumber, Problem> {
    let world = people.store.world();
    for _ in 0..MAX_DRAWS {
        let number = CardNumber::draw(world);
        let plain = number.plain();
        let sealed = people.store.vault().seal(tx, person, CLASS, &context(person), plain.as_bytes()).await?;
        let insert = sql!(
            "insert into identity_card (hash, person, number, state, issued_at) values ($1, $2, $3, 'valid', $4) \
             on conflict (hash) do nothing"
        );
        let hash = people.card_hash(number)?;
        if tx.execute(insert, &params![hash, person, sealed, now]).await? == 1 {
            return Ok(number);
        }
    }
    Err(problems::numbers_out())
}

/// Ends a person's valid cards.
pub(crate) async fn end(tx: &mut Tx, person: Id, state: &str, now: Timestamp) -> Result<u64, StoreError> {
    let update =
        sql!("update identity_card set state = $2, ended_at = $3 where person = $1 and state = 'valid'");
    tx.execute(update, &params![person, state, now]).await
}

/// Turns a person's cards of one state into another: a suspension and its lifting, a death that was none.
pub(crate) async fn turn(tx: &mut Tx, person: Id, from: &str, to: &str) -> Result<u64, StoreError> {
    let update =
        sql!("update identity_card set state = $3, ended_at = null where person = $1 and state = $2");
    tx.execute(update, &params![person, from, to]).await
}

/// A card that a person has or had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldCard {
    /// The card.
    pub card: Card,
    /// `valid`, `suspended`, `lost`, `replaced` or `died`.
    pub state: String,
    /// When it was ended; none while it is valid.
    pub ended_at: Option<Timestamp>,
}

/// Every card of a person, newest first, at most 1,000.
pub(crate) async fn all(people: &People, tx: &mut Tx, person: Id) -> Result<Vec<HeldCard>, StoreError> {
    let select = sql!(
        "select number, issued_at, ended_at, state from identity_card where person = $1 and number is not null \
         order by issued_at desc, hash limit 1000"
    );
    let mut cards = Vec::new();
    for row in tx.query(select, &params![person]).await? {
        let plain = people.store.vault().open(tx, person, CLASS, &context(person), row.get(0)?).await?;
        let number = CardNumber::parse(&String::from_utf8_lossy(&plain)).map_err(|e| {
            StoreError::Malformed { what: "sealed card number".into(), reason: e.to_string() }
        })?;
        cards.push(HeldCard {
            card: Card { number, issued_at: row.get(1)? },
            state: row.get(3)?,
            ended_at: row.get(2)?,
        });
    }
    Ok(cards)
}

/// The person's valid card.
pub(crate) async fn valid(people: &People, tx: &mut Tx, person: Id) -> Result<Option<Card>, StoreError> {
    let cards = all(people, tx, person).await?;
    Ok(cards.into_iter().find(|held| held.state == "valid").map(|held| held.card))
}

/// A card that counts no more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PastCard {
    /// Who held it; none when they were erased.
    pub(crate) person: Option<Id>,
    /// Why it counts no more.
    pub(crate) state: String,
    /// Since when.
    pub(crate) ended_at: Option<Timestamp>,
}

/// The card of this number, when it counts no more.
pub(crate) async fn past(
    people: &People,
    tx: &mut Tx,
    number: CardNumber,
) -> Result<Option<PastCard>, StoreError> {
    let select =
        sql!("select person, state, ended_at from identity_card where hash = $1 and state <> 'valid'");
    let row = tx.query_opt(select, &params![people.card_hash(number)?]).await?;
    row.map(|row| Ok(PastCard { person: row.get(0)?, state: row.get(1)?, ended_at: row.get(2)? })).transpose()
}

/// Whose card this is, also when death ended it or two officials suspended it: whoever pays a pension must be able to learn of
/// the one, and not to take the other for it.
pub(crate) async fn holder_even_ended(
    people: &People,
    tx: &mut Tx,
    number: CardNumber,
) -> Result<Option<Id>, StoreError> {
    if let Some(holder) = holder(people, tx, number).await? {
        return Ok(Some(holder));
    }
    match past(people, tx, number)
        .await?
        .filter(|card| [DIED, SUSPENDED].contains(&card.state.as_str()))
        .and_then(|card| card.person)
    {
        Some(person) => tokens::living(tx, person).await.map(Some),
        None => Ok(None),
    }
}

/// When the card of this number was issued.
pub(crate) async fn issued_at(
    people: &People,
    tx: &mut Tx,
    number: CardNumber,
) -> Result<Option<Timestamp>, StoreError> {
    let select = sql!("select issued_at from identity_card where hash = $1");
    tx.query_opt(select, &params![people.card_hash(number)?]).await?.map(|row| row.get(0)).transpose()
}

/// Whose valid card this is: whoever absorbed the record it was given to, if somebody did.
pub(crate) async fn holder(
    people: &People,
    tx: &mut Tx,
    number: CardNumber,
) -> Result<Option<Id>, StoreError> {
    let select = sql!("select person from identity_card where hash = $1 and state = 'valid'");
    match tx.query_opt(select, &params![people.card_hash(number)?]).await? {
        Some(row) => tokens::living(tx, row.get(0)?).await.map(Some),
        None => Ok(None),
    }
}
