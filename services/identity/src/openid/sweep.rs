//! Deletes what has expired.

use super::authorization::TAKES_SECONDS;
use super::{Provider, history};
use daftar_kernel::Problem;
use daftar_store::{params, sql};

impl Provider {
    /// Deletes what has expired, and turns the signing keys when it is time; answers how many rows went. Meant to be called by the
    /// housekeeper of every node; doing it twice is harmless.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep(&self) -> Result<u64, Problem> {
        if self.issuer().is_ok() {
            self.renew_keys().await?;
        }
        let now = self.now();
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    let mut gone = 0;
                    for (statement, before) in [
                        (
                            sql!("delete from identity_openid_authorization where created <= $1"),
                            now.plus_seconds(-TAKES_SECONDS),
                        ),
                        (sql!("delete from identity_openid_token where expires <= $1"), now),
                        (sql!("delete from identity_openid_signin where expires <= $1"), now),
                        (sql!("delete from identity_openid_assertion where expires <= $1"), now),
                        (
                            sql!("delete from identity_openid_history where at <= $1"),
                            now.plus_seconds(-history::KEEP_SECONDS),
                        ),
                    ] {
                        gone += tx.execute(statement, &params![before]).await?;
                    }
                    Ok(gone)
                })
            })
            .await
    }
}
