//! What a consent is about: claims, and use while the person is away. A consent is a set of these, so that a client that asks
//! for one thing more has to ask again.

use openid::authorize::Request;
use openid::scope::Scope;
use std::collections::BTreeSet;

/// A set of claims and [`AWAY`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items(pub BTreeSet<String>);

/// Use while the person is away: a refresh token.
pub const AWAY: &str = "offline_access";

/// What a person reads of an item: several claims make one line.
const WORDS: [(&str, &[&str]); 8] = [
    ("name", &["name", "given_name", "family_name"]),
    ("birthdate", &["birthdate"]),
    ("gender", &["gender"]),
    ("locale", &["locale"]),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("address", &["address"]),
    ("away", &[AWAY]),
];

impl Items {
    /// What a request asks for.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let scoped = request.scopes.iter().flat_map(|scope| scope.claims().iter().copied());
        let single = request.claims.id_token.keys().chain(request.claims.userinfo.keys()).map(String::as_str);
        let away = request.scopes.has(Scope::OfflineAccess).then_some(AWAY);
        let personal = |name: &&str| !matches!(*name, "sub" | "acr" | "auth_time");
        Self(scoped.chain(single).filter(personal).chain(away).map(str::to_string).collect())
    }
    /// From a column.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.split(' ').filter(|word| !word.is_empty()).map(str::to_string).collect())
    }
    /// For a column.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.0.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    }
    /// Whether the other set holds all of this one.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }
    /// Both together.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }
    /// The words a person reads, each the end of a message key `identity-item-…`.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        WORDS
            .iter()
            .filter(|(_, claims)| claims.iter().any(|claim| self.0.contains(*claim)))
            .map(|(word, _)| *word)
            .collect()
    }
}

/// The words of all items, for the tests of the texts.
#[must_use]
pub fn all_words() -> Vec<&'static str> {
    WORDS.iter().map(|(word, _)| *word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_of_a_scope_is_said_in_words() {
        let said: Vec<&str> = WORDS.iter().flat_map(|(_, claims)| claims.iter().copied()).collect();
        // The pairwise token is said once for all; when a record last changed says nothing about its person.
        for claim in Scope::ALL.iter().flat_map(|scope| scope.claims()) {
            assert!(
                said.contains(claim) || matches!(*claim, "sub" | "updated_at"),
                "{claim} is asked without a word"
            );
        }
    }

    #[test]
    fn sets() {
        let small = Items::parse("email");
        let large = Items::parse("name email");
        assert!(small.within(&large) && !large.within(&small));
        assert_eq!(Items::parse(&large.to_text()), large);
        assert_eq!(small.with(&large), large);
        assert_eq!(Items::parse("name given_name offline_access").words(), ["name", "away"]);
        assert!(Items::parse("").words().is_empty());
    }
}
