//! How rooms ask under which token another room knows the same person, without learning who that is.

use daftar_kernel::{Id, Problem};
use std::future::Future;
use std::pin::Pin;

/// An answer that takes a look into the register of people.
pub type TokenAnswer<'a> = Pin<Box<dyn Future<Output = Result<Option<Id>, Problem>> + Send + 'a>>;

/// Under which tokens rooms know a person. Only the register of people can answer, and it tells nothing else.
pub trait PersonTokens: Send + Sync {
    /// The token under which the public record knows the holder of a citizen's account; `None` when there is no such
    /// holder any more.
    ///
    /// # Errors
    /// When the register cannot be asked.
    fn record_token_of_account(&self, account: Id) -> TokenAnswer<'_>;
}
