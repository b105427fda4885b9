//! What the register tells the office floor: under which token the record knows the holder of an account.

use crate::people::People;
use daftar_kernel::Id;
use daftar_kernel::problem::Kind;
use daftar_ports::PersonTokens;
use daftar_ports::persons::{TokenAnswer, TokensAnswer};

/// The register as the one that knows tokens.
pub struct Tokens(pub People);

impl PersonTokens for Tokens {
    fn record_tokens_of_account(&self, account: Id) -> TokensAnswer<'_> {
        Box::pin(async move {
            match self.0.own_subjects(account).await {
                Err(problem) if problem.kind == Kind::NotFound => Ok(Vec::new()),
                found => found,
            }
        })
    }
    fn record_token_of_account(&self, account: Id) -> TokenAnswer<'_> {
        Box::pin(async move {
            match self.0.own_subject(account).await {
                Ok(token) => Ok(Some(token)),
                Err(problem) if problem.kind == Kind::NotFound => Ok(None),
                Err(problem) => Err(problem),
            }
        })
    }
}
