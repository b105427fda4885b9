//! Throwing away what has expired. Nothing here is needed for safety: whatever is read is checked for its date.

use crate::office::Office;
use crate::session::{IDLE_SECONDS, LONGEST_SECONDS};
use daftar_kernel::Problem;
use daftar_store::{Tx, params, sql};

/// Rows of one table that one sweep deletes at most, so that it never holds up the writer.
pub const SWEEP_ROWS: i64 = 500;
/// How long counts of looks an hour are kept, in hours; those behind an alarm stay.
const READING_HOURS: i64 = 90 * 24;

impl Office {
    /// Deletes what has expired, a bounded number of rows a table; gives how many. Meant to run every few minutes; when it
    /// gives a large number, again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self, tx: &mut Tx) -> Result<u64, Problem> {
        let now = self.now();
        let mut swept = self.sweep_drafts(tx, SWEEP_ROWS).await?;
        // A session is over when it was idle too long or is too old; the former is always the case before long.
        let idle = now.plus_seconds(-IDLE_SECONDS.min(LONGEST_SECONDS));
        let old_hour = now.seconds().div_euclid(3600) - READING_HOURS;
        for (delete, before) in [
            (
                sql!(
                    "delete from office_session where token in \
                     (select token from office_session where seen <= $1 order by seen limit $2)"
                ),
                idle.0,
            ),
            (
                sql!(
                    "delete from office_link where token in \
                     (select token from office_link where expires <= $1 order by expires limit $2)"
                ),
                now.0,
            ),
            (
                sql!(
                    "delete from office_challenge where token in \
                     (select token from office_challenge where expires <= $1 order by expires limit $2)"
                ),
                now.0,
            ),
            (
                sql!(
                    "delete from office_passkey_challenge where token in \
                     (select token from office_passkey_challenge where expires <= $1 order by expires limit $2)"
                ),
                now.0,
            ),
            (
                sql!(
                    "delete from office_throttle where key in \
                     (select key from office_throttle where expires <= $1 order by expires limit $2)"
                ),
                now.0,
            ),
            (
                sql!(
                    "delete from office_activation where account in \
                     (select account from office_activation where expires <= $1 order by expires limit $2)"
                ),
                now.0,
            ),
            (
                sql!(
                    "delete from office_device where expires <= $1 and token in \
                     (select token from office_device where expires <= $1 order by expires limit $2)"
                ),
                now.0,
            ),
            (
                sql!(
                    "delete from office_reading where hour <= $1 and official in (select r.official \
                     from office_reading r where r.hour <= $1 order by r.hour limit $2) and not exists (select 1 \
                     from office_alarm a where a.official = office_reading.official and a.hour = office_reading.hour)"
                ),
                old_hour,
            ),
        ] {
            swept += tx.execute(delete, &params![before, SWEEP_ROWS]).await?;
        }
        Ok(swept)
    }
}
