//! Which addresses a network has: one block of 254 from 10.64.0.0/10, so that no two networks of the country overlap.

use crate::problems;
use daftar_kernel::{Id, Problem};
use daftar_store::{Tx, counter, params, sql};

/// How many blocks there are.
pub const BLOCKS: i64 = 64 * 256;

/// The block with its gateway's address, as an engine takes it: block 259 is `10.65.3.1/24`.
#[must_use]
pub fn gateway(number: i64) -> String {
    format!("10.{}.{}.1/24", 64 + number / 256, number % 256)
}

/// Takes a block that nobody has.
///
/// # Errors
/// `cloud-blocks-out`; the store's.
pub(crate) async fn take(tx: &mut Tx, network: Id) -> Result<i64, Problem> {
    let free = sql!("select number from cloud_block where network is null order by number limit 1");
    if let Some(row) = tx.query_opt(free, &[]).await? {
        let number: i64 = row.get(0)?;
        let again = sql!("update cloud_block set network = $2 where number = $1");
        tx.execute(again, &params![number, network]).await?;
        return Ok(number);
    }
    // Counted from 1; block 0 stays free for the machines themselves.
    let number = counter::next(tx, "cloud-block").await?;
    if number >= BLOCKS {
        return Err(problems::blocks_out());
    }
    let new = sql!("insert into cloud_block (number, network) values ($1, $2)");
    tx.execute(new, &params![number, network]).await?;
    Ok(number)
}

/// Gives the block of a network back.
pub(crate) async fn give_back(tx: &mut Tx, network: Id) -> Result<(), Problem> {
    let text = sql!("update cloud_block set network = null where network = $1");
    tx.execute(text, &params![network]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_do_not_overlap_and_stay_in_the_plan() {
        assert_eq!(
            [1, 255, 256, 259, BLOCKS - 1].map(gateway),
            ["10.64.1.1/24", "10.64.255.1/24", "10.65.0.1/24", "10.65.3.1/24", "10.127.255.1/24"]
        );
    }
}
