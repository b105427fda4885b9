//! Passwords: which are good enough (NIST SP 800-63B-4 §3.1.1) and how they are kept (Argon2id, RFC 9106).

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use daftar_kernel::{Problem, World};
use std::sync::Arc;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::problems;

/// Shortest password, in characters. NIST asks for 8 beside a second factor and 15 without; every account here has a
/// second factor.
pub const MIN_CHARS: usize = 12;
/// Longest password, in characters: room for a sentence in any script.
pub const MAX_CHARS: usize = 256;
/// Characters that must remain when everything common was taken away.
const OWN_CHARS: usize = 4;

const COMMON: &str = include_str!("password/common.txt");

/// A password in the one form that is hashed (NFKC), wiped from memory when dropped.
pub struct Password(Zeroizing<String>);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

impl Password {
    /// What somebody typed who says that it is their password; `None` when it is too long to be one.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        if text.len() > MAX_CHARS * 8 {
            return None;
        }
        let normal = Zeroizing::new(text.nfkc().collect::<String>());
        (normal.chars().count() <= MAX_CHARS).then_some(Self(normal))
    }
    /// A password somebody chooses. `login` and `words` are what must not make up all of it: the account's own name, the
    /// name of its holder, of the country.
    ///
    /// # Errors
    /// `office-password-short`, `-long`, `-control` or `-common`, each with a fault of the field `password`. There are
    /// no rules about kinds of characters, and none that passwords expire.
    pub fn chosen(text: &str, login: &str, words: &[&str]) -> Result<Self, Problem> {
        Self::judged(text, login, words).map_err(|problem| problems::in_field(problem, "password"))
    }
    fn judged(text: &str, login: &str, words: &[&str]) -> Result<Self, Problem> {
        let password = Self::typed(text).ok_or_else(problems::password_long)?;
        if password.0.chars().count() < MIN_CHARS {
            return Err(problems::password_short());
        }
        if password.0.chars().any(char::is_control) {
            return Err(problems::password_control());
        }
        if is_common(&password.0, login, words) {
            return Err(problems::password_common());
        }
        Ok(password)
    }
    /// The bytes to hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Whether a guesser would try it early: a repeated piece, a run of neighbours, or nothing but common words, the given
/// words, digits and punctuation.
fn is_common(password: &str, login: &str, words: &[&str]) -> bool {
    let lower: Zeroizing<String> = Zeroizing::new(password.to_lowercase());
    let chars: Zeroizing<Vec<u32>> = Zeroizing::new(lower.chars().map(u32::from).collect());
    let repeats = |period: usize| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b);
    if (1..=chars.len() / 3).any(repeats) {
        return true;
    }
    let step = |wanted: i64| {
        let pairs = chars.iter().zip(chars.iter().skip(1));
        let fits = |(a, b): &(&u32, &u32)| {
            let step = i64::from(**b) - i64::from(**a);
            // 9 is followed by 0 on every keyboard.
            step == wanted || (step.abs() == 9 && step.signum() == -wanted)
        };
        pairs.filter(fits).count()
    };
    if [-1, 0, 1].into_iter().any(|wanted| step(wanted) * 3 >= (chars.len() - 1) * 2) {
        return true;
    }
    only_common_words(&lower, login, words)
}

fn only_common_words(lower: &str, login: &str, words: &[&str]) -> bool {
    let mut rest = Zeroizing::new(lower.to_string());
    let mut found = false;
    let login_parts = login.split(|c: char| !c.is_alphanumeric()).chain([login]);
    let own = words.iter().flat_map(|text| text.split_whitespace()).chain(login_parts);
    let own = own.map(str::to_lowercase).filter(|word| word.chars().count() >= 3).collect::<Vec<_>>();
    let common = COMMON.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut all: Vec<&str> = own.iter().map(String::as_str).chain(common).collect();
    // The longest first, or 'pass' would leave 'word' of 'password' standing.
    all.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in all {
        // 'pa$$w0rd' is read as 'password'; the plain text is tried as well, for words with digits.
        for text in [Zeroizing::new(rest.to_string()), Zeroizing::new(plain_letters(&rest))] {
            if text.contains(word) {
                rest = Zeroizing::new(text.replace(word, " "));
                found = true;
                break;
            }
        }
    }
    found && rest.chars().filter(|c| c.is_alphabetic()).count() < OWN_CHARS
}

/// The letters that people write as digits and signs, as letters again.
fn plain_letters(text: &str) -> String {
    let letter = |c: char| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Cost {
    /// What OWASP's Password Storage Cheat Sheet asks at least of Argon2id with one lane: 19 MiB, two passes.
    pub const OWASP: Self = Self { memory_kib: 19_456, passes: 2 };
    /// The least the algorithm takes, so that tests and the demo country do not spend minutes on it. Never for people.
    pub const TEST: Self = Self { memory_kib: 8, passes: 1 };
    /// The most that is accepted from a stored hash: a row somebody edited must not use up the machine's memory.
    const MOST: Self = Self { memory_kib: 262_144, passes: 10 };

    fn argon2(self) -> Result<Argon2<'static>, Problem> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32)).map_err(Problem::internal)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// Hashes passwords off the async threads, few at a time: each takes [`Cost::memory_kib`], and sign-in must not be a way
/// to use up the machine's memory.
#[derive(Clone, Debug)]
pub struct Hashing {
    cost: Cost,
    /// At work.
    slots: Arc<Semaphore>,
    /// At work and waiting.
    queue: Arc<Semaphore>,
}

/// Hashes that run at once.
pub const HASHES_AT_ONCE: usize = 2;
/// Hashes that wait; whoever comes then is told to try again.
pub const HASHES_WAITING: usize = 64;

/// What came of comparing a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Right,
    /// It is, but it was hashed with other parameters than today's: hash it again while it is at hand.
    RightButOld,
    /// It is not.
    Wrong,
}

impl Hashing {
    /// With this cost.
    #[must_use]
    pub fn new(cost: Cost) -> Self {
        Self {
            cost,
            slots: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            queue: Arc::new(Semaphore::new(HASHES_AT_ONCE + HASHES_WAITING)),
        }
    }
    /// The PHC string of a password: algorithm, parameters, salt and hash.
    ///
    /// # Errors
    /// `office-busy` (503) when too many wait already.
    pub async fn hash(&self, keyed_password: [u8; 32], world: &World) -> Result<String, Problem> {
        let (cost, salt) = (self.cost, world.bytes::<16>());
        let keyed = Zeroizing::new(keyed_password);
        self.run(move || {
            let hash = cost.argon2()?.hash_password_with_salt(keyed.as_slice(), &salt);
            Ok(hash.map_err(Problem::internal)?.to_string())
        })
        .await
    }
    /// Compares a password with a stored PHC string. Without one (there is no such account) it works as long and
    /// answers [`Verdict::Wrong`], so that the time does not tell which accounts exist.
    ///
    /// # Errors
    /// `office-busy` (503) when too many wait already.
    pub async fn verify(&self, keyed_password: [u8; 32], stored: Option<String>) -> Result<Verdict, Problem> {
        let cost = self.cost;
        let keyed = Zeroizing::new(keyed_password);
        self.run(move || {
            let Some(parsed) = stored.as_deref().and_then(|text| PasswordHash::new(text).ok()) else {
                cost.argon2()?
                    .hash_password_with_salt(keyed.as_slice(), &[0; 16])
                    .map_err(Problem::internal)?;
                return Ok(Verdict::Wrong);
            };
            let made_with = Params::try_from(&parsed).map_err(Problem::internal)?;
            let too_much =
                made_with.m_cost() > Cost::MOST.memory_kib || made_with.t_cost() > Cost::MOST.passes;
            if too_much || made_with.p_cost() != 1 {
                return Err(Problem::internal("a stored password hash has parameters that we never wrote"));
            }
            let today = Cost { memory_kib: made_with.m_cost(), passes: made_with.t_cost() } == cost;
            Ok(match (cost.argon2()?.verify_password(keyed.as_slice(), &parsed), today) {
                (Err(_), _) => Verdict::Wrong,
                (Ok(()), true) => Verdict::Right,
                (Ok(()), false) => Verdict::RightButOld,
            })
        })
        .await
    }
    /// Every place taken, until the permit is dropped.
    #[cfg(test)]
    pub(crate) fn full(&self) -> tokio::sync::OwnedSemaphorePermit {
        let all = u32::try_from(HASHES_AT_ONCE + HASHES_WAITING).unwrap();
        Arc::clone(&self.queue).try_acquire_many_owned(all).unwrap()
    }
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let waiting = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| problems::busy())?;
        let working = Arc::clone(&self.slots).acquire_owned().await.map_err(Problem::internal)?;
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: a client that hangs up does not free the slot while the memory is in use.
            let _held = (waiting, working);
            work()
        })
        .await
        .map_err(Problem::internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_kernel::{Timestamp, time::ManualClock, world::SeededRandom};

    fn code(text: &str) -> Option<&'static str> {
        Password::chosen(text, "amal.haddad", &["Amal Haddad", "République démo"]).err().map(|p| p.code)
    }

    #[test]
    fn length_is_all_that_is_asked() {
        assert_eq!(code("seven tulips"), None);
        assert_eq!(code("ورد على النافذة القديمة"), None);
        assert_eq!(code("የአበባ ቅርጫት ጠረጴዛ"), None);
        assert_eq!(code("839201748824"), None);
        assert_eq!(code("seven tulip"), Some("office-password-short"));
        assert_eq!(
            code(&"käse brot".repeat(28)),
            Some("office-password-common"),
            "the same piece again and again"
        );
        let long: String = (0..90)
            .flat_map(|i| format!("tulip{} ", i * i).into_bytes())
            .map(char::from)
            .take(MAX_CHARS)
            .collect();
        assert_eq!(code(&long), None);
        assert_eq!(code(&format!("{long}x")), Some("office-password-long"));
        assert_eq!(code(&"x".repeat(10_000_000)), Some("office-password-long"));
        assert_eq!(code("seven\u{0}tulips"), Some("office-password-control"));
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for bad in [
            "Password1234!",
            "pa$$w0rd2026!",
            "qwertyuiop123",
            "aaaaaaaaaaaaa",
            "abcabcabcabc",
            "123456789012",
            "987654321098",
            "administrator",
            "AmalHaddad2026",
            "amal.haddad!!",
            "Daftar-Daftar-1",
            "motdepasse2026",
            "abcdefghijklm",
            "welcome-welcome",
            "démorépublique1",
            "1q2w3e4r5t6y",
        ] {
            assert_eq!(code(bad), Some("office-password-common"), "{bad}");
        }
    }

    #[test]
    fn one_form_for_what_looks_the_same() {
        let bytes = |text| Password::typed(text).map(|p| p.as_bytes().to_vec());
        assert_eq!(bytes("Cafe\u{301} au lait"), bytes("Caf\u{e9} au lait"));
        assert_eq!(format!("{:?}", Password::typed("secret words")), "Some(Password)");
    }

    fn world() -> World {
        World::new(ManualClock::new(Timestamp(0)), SeededRandom::new(3))
    }

    #[tokio::test]
    async fn hashed_compared_and_renewed() {
        let (old, new) = (Hashing::new(Cost::TEST), Hashing::new(Cost { memory_kib: 16, passes: 1 }));
        let stored = old.hash([1; 32], &world()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        assert_eq!(old.verify([1; 32], Some(stored.clone())).await, Ok(Verdict::Right));
        assert_eq!(old.verify([2; 32], Some(stored.clone())).await, Ok(Verdict::Wrong));
        assert_eq!(old.verify([1; 32], None).await, Ok(Verdict::Wrong));
        assert_eq!(new.verify([1; 32], Some(stored)).await, Ok(Verdict::RightButOld));
    }

    #[tokio::test]
    async fn an_edited_row_cannot_use_up_the_memory() {
        let hashing = Hashing::new(Cost::TEST);
        let stored = hashing.hash([1; 32], &world()).await.unwrap().replace("m=8", "m=4194304");
        assert_eq!(hashing.verify([1; 32], Some(stored)).await.map_err(|p| p.code), Err("internal"));
    }

    #[tokio::test]
    async fn who_comes_when_the_queue_is_full_is_told_so() {
        let hashing = Hashing::new(Cost::TEST);
        let all = hashing.full();
        assert_eq!(hashing.verify([1; 32], None).await.map_err(|p| p.code), Err("office-busy"));
        drop(all);
        assert_eq!(hashing.verify([1; 32], None).await, Ok(Verdict::Wrong));
    }

    #[test]
    fn the_cost_for_people_is_what_owasp_asks() {
        assert_eq!((Cost::OWASP.memory_kib, Cost::OWASP.passes), (19 * 1024, 2));
    }
}
