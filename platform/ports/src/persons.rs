//! How rooms ask about the same person without learning who that is: under which token another room knows them, and, for the
//! post room alone, where they can be reached.

use daftar_kernel::{Id, Lang, Problem};
use std::future::Future;
use std::pin::Pin;

/// An answer that takes a look into the register of people.
pub type TokenAnswer<'a> = Pin<Box<dyn Future<Output = Result<Option<Id>, Problem>> + Send + 'a>>;

/// An answer of several tokens.
pub type TokensAnswer<'a> = Pin<Box<dyn Future<Output = Result<Vec<Id>, Problem>> + Send + 'a>>;

/// Under which tokens rooms know a person. Only the register of people can answer, and it tells nothing else.
pub trait PersonTokens: Send + Sync {
    /// The token under which the public record knows the holder of a citizen's account; `None` when there is no such
    /// holder any more.
    ///
    /// # Errors
    /// When the register cannot be asked.
    fn record_token_of_account(&self, account: Id) -> TokenAnswer<'_>;
    /// Every token under which the public record knows the holder of a citizen's account: that one first, then those of
    /// records that were found to be the same person's. Empty when there is no such holder any more.
    ///
    /// # Errors
    /// When the register cannot be asked.
    fn record_tokens_of_account(&self, account: Id) -> TokensAnswer<'_>;
}

/// Where a person can be reached now. It goes to the person alone, and into no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Addressee {
    /// The post room's token of the person.
    pub token: Id,
    /// Name, as on an envelope.
    pub name: String,
    /// E-mail address, if there is one.
    pub email: Option<String>,
    /// Lines of the address, without the place.
    pub lines: Vec<String>,
    /// Code of the place in the country pack.
    pub place: Option<String>,
    /// The language the person wants letters in.
    pub lang: Option<Lang>,
}

impl std::fmt::Debug for Addressee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Addressee({})", self.token)
    }
}

/// An answer about where somebody can be reached.
pub type AddresseeAnswer<'a> = Pin<Box<dyn Future<Output = Result<Option<Addressee>, Problem>> + Send + 'a>>;

/// Where people can be reached. `None` when there is nobody to be reached any more: erased, or dead.
pub trait Addressees: Send + Sync {
    /// The person whom the post room knows by this token.
    ///
    /// # Errors
    /// When the register cannot be asked.
    fn of_token(&self, token: Id) -> AddresseeAnswer<'_>;
    /// The holder of a citizen's account.
    ///
    /// # Errors
    /// When the register cannot be asked.
    fn of_account(&self, account: Id) -> AddresseeAnswer<'_>;
    /// The token under which the public record knows the person whom the post room knows by this one; `None` when the data
    /// was erased.
    ///
    /// # Errors
    /// When the register cannot be asked.
    fn record_token(&self, token: Id) -> TokenAnswer<'_>;
}
