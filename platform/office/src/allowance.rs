//! The stored side of [`crate::throttle`]: every try is charged before it is judged, so that a hundred at once get no more than a
//! hundred in a row, and taken back when it went well.

use crate::office::Office;
use crate::problems;
use crate::throttle::{Delay, Limit, Tries};
use daftar_kernel::{Problem, Timestamp};
use daftar_store::{Tx, params, sql};

const HOUR: i64 = 3600;

/// One account, from one network prefix, on an unknown device: waits double.
pub const PAIR: Limit = Limit {
    tries: 30,
    window_seconds: HOUR,
    delay: Some(Delay { free: 3, first_seconds: 2, longest_seconds: 900 }),
};
/// One account, from everywhere, on unknown devices.
pub const ACCOUNT: Limit = Limit { tries: 20, window_seconds: HOUR, delay: None };
/// One network prefix, on all accounts, from unknown devices: against one password tried on many names.
pub const SOURCE: Limit = Limit { tries: 100, window_seconds: HOUR, delay: None };
/// One account on one device it is known on. Nobody elsewhere can use this up.
pub const DEVICE: Limit = Limit {
    tries: 20,
    window_seconds: HOUR,
    delay: Some(Delay { free: 5, first_seconds: 2, longest_seconds: 60 }),
};
/// Wrong one-time codes of one account on unknown devices. Whoever gets here has the password; with three of a million
/// codes right at a time, ten a day is one chance in ninety a year.
pub const CODE: Limit = Limit { tries: 10, window_seconds: 24 * HOUR, delay: None };
/// Wrong one-time codes on a known device, or in an open session.
pub const KNOWN_CODE: Limit = Limit { tries: 10, window_seconds: HOUR, delay: None };
/// Things begun without an account from one network prefix. A village may share one, so it is large.
pub const BEGINNINGS: Limit = Limit { tries: 300, window_seconds: HOUR, delay: None };
/// Wrong activation codes from one network prefix.
pub const ACTIVATION: Limit = Limit { tries: 20, window_seconds: HOUR, delay: None };

/// What a try is counted against.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    pub(crate) key: [u8; 32],
    pub(crate) limit: Limit,
    /// Whether one success wipes the slate, or only takes back the try itself.
    pub(crate) cleared_by_success: bool,
}

impl Office {
    /// A counter. Its key is a keyed hash, so that the table tells nobody who tried to sign in from where.
    pub(crate) fn counter(
        &self,
        class: &str,
        limit: Limit,
        parts: &[&[u8]],
        cleared_by_success: bool,
    ) -> Result<Counter, Problem> {
        let all: Vec<&[u8]> = std::iter::once(class.as_bytes()).chain(parts.iter().copied()).collect();
        Ok(Counter { key: self.keyed("office-throttle", &all)?, limit, cleared_by_success })
    }
}

async fn load(tx: &mut Tx, key: &[u8; 32]) -> Result<Tries, Problem> {
    let row = tx.query_opt(sql!("select tries from office_throttle where key = $1"), &params![key]).await?;
    Ok(row.map(|row| row.get::<&[u8]>(0).map(Tries::decode)).transpose()?.unwrap_or_default())
}

async fn save(tx: &mut Tx, counter: &Counter, tries: &Tries, now: Timestamp) -> Result<(), Problem> {
    if tries.is_empty() {
        tx.execute(sql!("delete from office_throttle where key = $1"), &params![counter.key]).await?;
        return Ok(());
    }
    tx.execute(
        sql!(
            "insert into office_throttle (key, tries, expires) values ($1, $2, $3) \
             on conflict (key) do update set tries = excluded.tries, expires = excluded.expires"
        ),
        &params![counter.key, tries.encode(), now.plus_seconds(counter.limit.window_seconds)],
    )
    .await?;
    Ok(())
}

/// Charges a try to all counters, or to none when one of them says to wait.
pub(crate) async fn charge(tx: &mut Tx, counters: &[Counter], now: Timestamp) -> Result<(), Problem> {
    let mut loaded = Vec::with_capacity(counters.len());
    for counter in counters {
        loaded.push(load(tx, &counter.key).await?);
    }
    let longest = loaded.iter().zip(counters).filter_map(|(tries, c)| tries.wait(&c.limit, now)).max();
    if let Some(seconds) = longest {
        return Err(problems::slow_for(seconds));
    }
    for (tries, counter) in loaded.iter_mut().zip(counters) {
        tries.charge(&counter.limit, now);
        save(tx, counter, tries, now).await?;
    }
    Ok(())
}

/// Takes back a try that was charged at that time: it went well.
pub(crate) async fn refund(tx: &mut Tx, counters: &[Counter], at: Timestamp) -> Result<(), Problem> {
    for counter in counters {
        let mut tries =
            if counter.cleared_by_success { Tries::default() } else { load(tx, &counter.key).await? };
        tries.refund(at);
        save(tx, counter, &tries, at).await?;
    }
    Ok(())
}

/// Takes back a try that was never judged: unlike a success it clears nothing else.
pub(crate) async fn take_back(tx: &mut Tx, counters: &[Counter], at: Timestamp) -> Result<(), Problem> {
    for counter in counters {
        let mut tries = load(tx, &counter.key).await?;
        tries.refund(at);
        save(tx, counter, &tries, at).await?;
    }
    Ok(())
}
