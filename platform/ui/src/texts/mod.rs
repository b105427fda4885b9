//! Texts in the reader's language: every crate brings Fluent files, a country pack may add languages and change
//! words, and one [`Texts`] answers for one language.
//!
//! A key that an added language lacks is answered in English, and the page says that it is not complete
//! ([`Texts::completeness`]). A key that nobody has is answered as `⟦key⟧`: ugly on purpose, and found by
//! [`crate::check`] in the tests of the crate that asked for it.

mod catalog;
mod dates;
mod numbers;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use daftar_kernel::{Lang, Problem};
use fluent_bundle::{FluentArgs, FluentValue};

use catalog::Language;
pub(crate) use catalog::line_of;
pub use catalog::{Bundle, Catalog, Options, Overlay, TextFault};

/// What a message's placeable is filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg<'a> {
    /// Words, names, codes, formatted dates: put in as they are, isolated from the direction of their surroundings.
    Text(Cow<'a, str>),
    /// A count: chooses the plural form and is written with the language's separators.
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}
impl<'a> From<Cow<'a, str>> for Arg<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

/// What can fill a placeable, by value or by reference: templates hand in references of references.
pub trait ToArg {
    /// As an argument.
    fn to_arg(&self) -> Arg<'_>;
}
impl<T: ToArg + ?Sized> ToArg for &T {
    fn to_arg(&self) -> Arg<'_> {
        (**self).to_arg()
    }
}
impl ToArg for str {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(Cow::Borrowed(self))
    }
}
impl ToArg for String {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(Cow::Borrowed(self))
    }
}
impl ToArg for Cow<'_, str> {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(Cow::Borrowed(self))
    }
}
impl ToArg for Arg<'_> {
    fn to_arg(&self) -> Arg<'_> {
        match self {
            Self::Text(text) => Arg::Text(Cow::Borrowed(text)),
            Self::Number(count) => Arg::Number(*count),
        }
    }
}
macro_rules! counts {
    ($($int:ty),*) => { $(
        impl ToArg for $int {
            fn to_arg(&self) -> Arg<'_> {
                Arg::Number(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
        impl From<$int> for Arg<'_> {
            fn from(count: $int) -> Self {
                Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
            }
        }
    )* };
}
counts!(i8, i16, i32, i64, u8, u16, u32, u64, usize);

/// How far a language can be trusted, for the page to say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completeness {
    /// How many messages are answered in English instead.
    pub missing: usize,
    /// Whether a native speaker has read the texts.
    pub reviewed: bool,
}

/// The texts of one language. Cheap to clone.
#[derive(Clone)]
pub struct Texts {
    language: Arc<Language>,
    english: Arc<Language>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Texts({})", self.language.lang)
    }
}

impl Texts {
    /// The language.
    #[must_use]
    pub fn lang(&self) -> &Lang {
        &self.language.lang
    }
    /// Which way the language runs: `ltr` or `rtl`.
    #[must_use]
    pub fn dir(&self) -> &'static str {
        self.language.lang.dir()
    }
    /// How far the language can be trusted.
    #[must_use]
    pub fn completeness(&self) -> Completeness {
        self.language.completeness
    }
    /// Whether anybody has this key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.language.has(key) || self.english.has(key)
    }

    /// A message without placeables.
    #[must_use]
    pub fn get(&self, key: &str) -> Cow<'_, str> {
        self.language
            .format(key, None)
            .or_else(|| self.english.format(key, None).map(|text| self.foreign(text)))
            .unwrap_or_else(|| Cow::Owned(format!("⟦{key}⟧")))
    }
    /// A message with one placeable.
    #[must_use]
    pub fn one(&self, key: &str, name: &str, value: impl ToArg) -> String {
        self.with(key, &[(name, value.to_arg())])
    }
    /// A message with two placeables.
    #[must_use]
    pub fn two(&self, key: &str, name: &str, value: impl ToArg, name2: &str, value2: impl ToArg) -> String {
        self.with(key, &[(name, value.to_arg()), (name2, value2.to_arg())])
    }
    /// A message with any placeables.
    #[must_use]
    pub fn with(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            values.set(
                *name,
                match arg {
                    Arg::Text(text) => FluentValue::String(Cow::Borrowed(text)),
                    Arg::Number(count) => FluentValue::from(*count),
                },
            );
        }
        self.language
            .format(key, Some(&values))
            .or_else(|| self.english.format(key, Some(&values)).map(|text| self.foreign(text)))
            .map_or_else(|| format!("⟦{key}⟧"), Cow::into_owned)
    }

    /// English among words of another direction: isolated, or it would drag the full stop to the wrong end.
    fn foreign<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if self.dir() == "ltr" { text } else { Cow::Owned(format!("\u{2066}{text}\u{2069}")) }
    }

    /// A whole number with the language's separators: `12,345`, `12 345`, `١٢٬٣٤٥`. Text stays as it is.
    #[must_use]
    pub fn number(&self, count: impl ToArg) -> String {
        match count.to_arg() {
            Arg::Number(count) => numbers::format(&self.language.lang, self.language.native_digits, count),
            Arg::Text(text) => text.into_owned(),
        }
    }
    /// Items in a row as people say them: `a, b and c`.
    #[must_use]
    pub fn list<S: AsRef<str>>(&self, items: &[S]) -> String {
        let mut out = String::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 && index + 1 == items.len() {
                out.push_str(&self.get("ui-list-last"));
            } else if index > 0 {
                out.push_str(&self.get("ui-list-comma"));
            }
            // Each isolated by itself, none within another (see `dates::own`).
            out.push_str(&format!("\u{2068}{}\u{2069}", item.as_ref()));
        }
        out
    }

    /// What a person reads of a problem: what happened and why, and the next step.
    ///
    /// Values that are numbers of up to four digits choose plural forms; longer ones are references and stay as
    /// they are.
    #[must_use]
    pub fn problem(&self, problem: &Problem) -> ProblemWords {
        let code = if self.has(&format!("problem-{}", problem.code)) { problem.code } else { "internal" };
        let args: Vec<(&str, Arg<'_>)> = problem
            .args
            .iter()
            .map(|(name, value)| {
                let short = value.len() <= 4 && value.bytes().all(|b| b.is_ascii_digit());
                let count = if short { value.parse().ok().map(Arg::Number) } else { None };
                (*name, count.unwrap_or_else(|| Arg::from(value)))
            })
            .collect();
        ProblemWords {
            what: self.with(&format!("problem-{code}"), &args),
            next: self.with(&format!("problem-{code}-next"), &args),
        }
    }
}

/// A problem in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemWords {
    /// What happened, and why.
    pub what: String,
    /// The next step.
    pub next: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: &str = "a = A\nhello = Hello { $name }!\nn = { $n ->\n    [0] none\n    [one] one\n   *[other] { $n } many\n}\n";
    const AR: &str = "a = أ\nn = { $n ->\n [zero] صفر\n [one] واحد\n [two] اثنان\n [few] { $n } قليل\n [many] { $n } كثير\n*[other] { $n } آخر\n }\n";

    fn bundles() -> [Bundle; 3] {
        [
            Bundle { crate_name: "x", lang: "en", text: EN },
            Bundle { crate_name: "x", lang: "ar", text: AR },
            crate::BUNDLES[0],
        ]
    }
    fn texts(lang: &str) -> Texts {
        let catalog = Catalog::new(&bundles()).unwrap();
        catalog.texts(&Lang::parse(lang).unwrap()).unwrap()
    }

    #[test]
    fn the_six_arabic_plurals() {
        let t = texts("ar");
        let said: Vec<String> = [0, 1, 2, 3, 11, 100].iter().map(|n| t.one("n", "n", n)).collect();
        assert_eq!(said[..3], ["صفر", "واحد", "اثنان"]);
        assert!(said[3].ends_with("قليل") && said[4].ends_with("كثير") && said[5].ends_with("آخر"));
    }

    #[test]
    fn exact_numbers_win_over_plural_classes() {
        assert_eq!(texts("en").one("n", "n", 0), "none");
        assert_eq!(texts("en").one("n", "n", 12_345), "\u{2068}12,345\u{2069} many");
    }

    #[test]
    fn values_are_isolated_and_missing_keys_fall_back() {
        assert_eq!(texts("en").one("hello", "name", "سعاد"), "Hello \u{2068}سعاد\u{2069}!");
        let t = texts("ar");
        assert_eq!(t.one("hello", "name", "x"), "\u{2066}Hello \u{2068}x\u{2069}!\u{2069}");
        assert_eq!(t.get("no-such"), "⟦no-such⟧");
        assert!(t.completeness().missing > 0);
    }

    #[test]
    fn lists_are_spoken() {
        let plain = |items: &[&str]| texts("en").list(items).replace(['\u{2068}', '\u{2069}'], "");
        assert_eq!(plain(&[]), "");
        assert_eq!(plain(&["a"]), "a");
        assert_eq!(plain(&["a", "b"]), "a and b");
        assert_eq!(plain(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn problems_speak_and_unknown_codes_do_not_leak() {
        let t = texts("en");
        let unknown = t.problem(&Problem::refused("no-such-code"));
        assert_eq!(unknown, t.problem(&Problem::internal("x")));
        assert!(!unknown.what.is_empty() && !unknown.next.is_empty());
    }
}
