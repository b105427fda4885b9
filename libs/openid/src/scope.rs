//! Scopes: what a client may ask for (RFC 6749 §3.3, OpenID Connect Core §5.4 and §11).

use std::fmt;

/// A scope we know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// Who somebody is, by a token made for the asking sector.
    OpenId,
    /// Name, date of birth, sex, language.
    Profile,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Postal address.
    Address,
    /// Use while the person is away: a refresh token (§11).
    OfflineAccess,
    /// Asking about people in the client's own name, by a token of its own (RFC 6749 §4.4). It opens no claims.
    Verify,
}

impl Scope {
    /// All of them, in the order they are written.
    pub const ALL: [Self; 7] = [
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::OfflineAccess,
        Self::Verify,
    ];
    /// Those of a client's own token, which speaks of no person; no person is asked for them.
    pub const OWN: [Self; 1] = [Self::Verify];
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::OfflineAccess => "offline_access",
            Self::Verify => "verify",
        }
    }
    /// The claims it opens (§5.4).
    #[must_use]
    pub const fn claims(self) -> &'static [&'static str] {
        match self {
            Self::OpenId => &["sub"],
            Self::Profile => {
                &["name", "given_name", "family_name", "birthdate", "gender", "locale", "updated_at"]
            }
            Self::Email => &["email", "email_verified"],
            Self::Phone => &["phone_number", "phone_number_verified"],
            Self::Address => &["address"],
            Self::OfflineAccess | Self::Verify => &[],
        }
    }
    /// The scope that opens a claim.
    #[must_use]
    pub fn of_claim(claim: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.claims().contains(&claim))
    }
}

/// A set of scopes, each once, in the order of [`Scope::ALL`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// A set of these.
    #[must_use]
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let mut all: Vec<Scope> = scopes.into_iter().collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }
    /// Reads words between blanks; unknown ones are passed over, as OpenID Connect Core §3.1.2.1 asks.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::new(
            text.split(' ').filter_map(|word| Scope::ALL.into_iter().find(|scope| scope.word() == word)),
        )
    }
    /// Whether it holds a scope.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }
    /// Those that are in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().copied().filter(|scope| other.has(*scope)).collect())
    }
    /// Those that are in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self::new(self.0.iter().chain(&other.0).copied())
    }
    /// Whether everything in it is in the other too.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| other.has(*scope))
    }
    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
    /// Without one.
    #[must_use]
    pub fn without(&self, scope: Scope) -> Self {
        Self(self.0.iter().copied().filter(|s| *s != scope).collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|scope| scope.word()).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_known_words_once_and_writes_them_in_order() {
        let scopes = Scopes::parse("email openid  email unknown profile");
        assert_eq!(scopes.to_string(), "openid profile email");
        assert_eq!(Scopes::parse(&scopes.to_string()), scopes);
        assert!(Scopes::parse("OPENID").is_empty());
    }

    #[test]
    fn sets() {
        let (a, b) = (Scopes::parse("openid email"), Scopes::parse("openid phone"));
        assert_eq!(a.and(&b).to_string(), "openid");
        assert_eq!(a.or(&b).to_string(), "openid email phone");
        assert!(a.and(&b).within(&a) && !a.within(&b));
        assert_eq!(Scope::of_claim("birthdate"), Some(Scope::Profile));
        assert_eq!(Scope::of_claim("national_number"), None);
    }
}
