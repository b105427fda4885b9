//! The demo country: a small, made-up one to try everything in, and to break.

use crate::installation::Installation;
use daftar_http::with_tx;
use daftar_kernel::Problem;

/// Whether a store is marked as a demo country's.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_demo(installation: &Installation) -> Result<bool, Problem> {
    let (store, office) = (installation.store.clone(), installation.office.clone());
    with_tx!(store.read, tx, [office] { office.is_demo(tx).await })
}
