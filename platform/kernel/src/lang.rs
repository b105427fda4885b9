//! Languages by their BCP 47 tag. Which ones a country speaks is data of its pack.

use std::collections::BTreeMap;
use std::fmt;

/// A language tag such as `en`, `ar` or `zh-Hant`: letters, digits and `-`, at most 35 bytes (RFC 5646 §4.4.1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lang(String);

/// Which way a script runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

impl Lang {
    /// The tag, when it is well formed enough to be put in a page or a file name.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let part_ok = |p: &str| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric());
        (tag.len() <= 35 && tag.split('-').all(part_ok) && tag.starts_with(|c: char| c.is_ascii_alphabetic()))
            .then(|| Self(tag.to_string()))
    }
    /// English, which every installation has.
    #[must_use]
    pub fn english() -> Self {
        Self("en".into())
    }
    /// The tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.0
    }
    /// Which way the language's usual script runs.
    #[must_use]
    pub fn direction(&self) -> Direction {
        let primary = self.0.split('-').next().unwrap_or_default();
        match primary {
            "ar" | "fa" | "he" | "ur" | "ps" | "sd" | "ug" | "yi" | "dv" | "ckb" => Direction::Rtl,
            _ => Direction::Ltr,
        }
    }
    /// `ltr` or `rtl`, for HTML's `dir`.
    #[must_use]
    pub fn dir(&self) -> &'static str {
        match self.direction() {
            Direction::Ltr => "ltr",
            Direction::Rtl => "rtl",
        }
    }
}

/// A text in several languages, as a country's files write it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Label(pub BTreeMap<Lang, String>);

impl Label {
    /// The text in this language, else in English, else in any; empty only when there is none at all.
    #[must_use]
    pub fn get(&self, lang: &Lang) -> &str {
        let Self(texts) = self;
        texts
            .get(lang)
            .or_else(|| texts.get(&Lang::english()))
            .or_else(|| texts.values().next())
            .map_or("", |t| t)
    }
    /// A label with an English text only.
    #[must_use]
    pub fn english(text: impl Into<String>) -> Self {
        Self(BTreeMap::from([(Lang::english(), text.into())]))
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl serde::Serialize for Lang {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}
impl<'de> serde::Deserialize<'de> for Lang {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let tag = String::deserialize(d)?;
        Self::parse(&tag)
            .ok_or_else(|| serde::de::Error::custom(format!("'{tag}' is not a language tag (BCP 47)")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        assert_eq!(Lang::parse("ar").map(|l| l.dir()), Some("rtl"));
        assert_eq!(Lang::parse("zh-Hant").map(|l| l.dir()), Some("ltr"));
        for bad in ["", "-", "en_US", "../x", "a-", "en\u{0}", "123"] {
            assert!(Lang::parse(bad).is_none(), "{bad:?}");
        }
    }
}
