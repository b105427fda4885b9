//! What every page has around its own words: country, language, who is signed in, navigation, faults.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use daftar_kernel::{Lang, Timestamp};

use crate::html::is_safe_address;
use crate::parts::Link;
use crate::{Html, Texts, assets};

/// The name of the hidden field that carries the token against cross-site requests.
pub const CSRF_FIELD: &str = "csrf";
/// Where one signs in.
pub const SIGN_IN_PATH: &str = "/sign-in";
/// Where one signs out (POST).
pub const SIGN_OUT_PATH: &str = "/sign-out";
/// Where the limits and the state of the public record are told.
pub const TRUST_PATH: &str = "/trust";
/// The record's clock counts as late after this many seconds without a newly confirmed checkpoint.
pub const RECORD_LATE_AFTER_SECONDS: i64 = 300;

/// What all pages of an installation share.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// The country's name in each language; English stands in for the rest.
    pub names: BTreeMap<Lang, String>,
    /// The path of the crest's picture; none shows the house's own mark.
    pub crest: Option<String>,
    /// The languages offered, each with its own name for itself, in the order shown.
    pub languages: Vec<(Lang, String)>,
    /// Links of the footer beside the one to `/trust`; labels are message keys.
    pub footer: Vec<(String, String)>,
}

impl Site {
    /// The country's name.
    #[must_use]
    pub fn name(&self, lang: &Lang) -> &str {
        let by_lang = self.names.get(lang).or_else(|| self.names.get(&Lang::english()));
        by_lang.or_else(|| self.names.values().next()).map_or("Daftar", String::as_str)
    }
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The name, as they write it.
    pub name: String,
    /// Role and office, or empty for a citizen.
    pub role: String,
    /// Where their account is.
    pub href: String,
}

/// How a notice looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// Worth knowing.
    Info,
    /// Be careful.
    Warning,
}

impl Tone {
    /// The class of the stylesheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Info => "info",
            Self::Warning => "warn",
        }
    }
}

/// Something to say once, on the page after an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it looks.
    pub tone: Tone,
    /// What it says.
    pub text: Html,
}

/// A field's fault in words, for the summary and beside the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field's name; empty when it is about the whole page.
    pub field: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// How fresh the public record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordClock {
    /// When the newest checkpoint was published; none before the first.
    pub published: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
    /// How many witnesses confirmed it.
    pub witnesses: u32,
    /// How many the policy asks for.
    pub quorum: u32,
}

impl RecordClock {
    /// Whether the newest checkpoint is young and confirmed by enough witnesses.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let young = |at: Timestamp| self.now.seconds() - at.seconds() <= RECORD_LATE_AFTER_SECONDS;
        self.published.is_some_and(young) && self.witnesses >= self.quorum
    }
    /// In words.
    #[must_use]
    pub fn words(&self, t: &Texts) -> String {
        let Some(published) = self.published else { return t.get("ui-record-empty").into_owned() };
        let age = t.ago(published, self.now);
        if self.witnesses >= self.quorum {
            t.two("ui-record-confirmed", "age", age, "witnesses", self.witnesses)
        } else {
            t.with(
                "ui-record-unconfirmed",
                &[("age", age.into()), ("witnesses", self.witnesses.into()), ("quorum", self.quorum.into())],
            )
        }
    }
}

/// Everything around a page's own words. A template has it as the field `f`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Texts in the reader's language.
    pub t: Texts,
    /// What all pages share.
    pub site: Arc<Site>,
    /// The page's title, in the reader's language; also its `<h1>` where the template says so.
    pub title: String,
    /// Path and query of this page, for the language links.
    pub here: String,
    /// The token against cross-site requests; empty when there is no session.
    pub csrf: String,
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// Whether to offer signing in to those who are not.
    pub offer_sign_in: bool,
    /// The main navigation.
    pub nav: Vec<Link>,
    /// Something to say once.
    pub notice: Option<Notice>,
    /// Faults of the form on this page.
    pub faults: Vec<Fault>,
    /// How fresh the public record is, when the page says so.
    pub record: Option<RecordClock>,
    /// The demo's strip above the header.
    pub strip: Option<Html>,
    /// Whether the page uses the whole width: tables of officials.
    pub wide: bool,
    /// Whether the page has a form that needs a passkey, and so the script for it.
    pub passkeys: bool,
}

impl Frame {
    /// A page for somebody who has not signed in.
    #[must_use]
    pub fn new(t: Texts, site: Arc<Site>, title: impl Into<String>) -> Self {
        Self {
            t,
            site,
            title: title.into(),
            here: "/".into(),
            csrf: String::new(),
            signed_in: None,
            offer_sign_in: true,
            nav: Vec::new(),
            notice: None,
            faults: Vec::new(),
            record: None,
            strip: None,
            wide: false,
            passkeys: false,
        }
    }
    /// The same frame around a page with another title.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
    /// The same frame around a form with faults.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.faults = faults;
        self
    }
    /// The language's tag.
    #[must_use]
    pub fn lang(&self) -> &str {
        self.t.lang().tag()
    }
    /// `ltr` or `rtl`.
    #[must_use]
    pub fn dir(&self) -> &'static str {
        self.t.dir()
    }
    /// The country's name in the reader's language.
    #[must_use]
    pub fn country(&self) -> &str {
        self.site.name(self.t.lang())
    }
    /// The path of the crest's picture.
    #[must_use]
    pub fn crest(&self) -> &str {
        self.site.crest.as_deref().unwrap_or_else(|| assets::mark_path())
    }
    /// The path of the stylesheet.
    #[must_use]
    pub fn stylesheet(&self) -> &'static str {
        assets::stylesheet_path()
    }
    /// The path of the script that enhances.
    #[must_use]
    pub fn script(&self) -> &'static str {
        assets::script_path()
    }
    /// The path of the script for passkeys.
    #[must_use]
    pub fn passkey_script(&self) -> &'static str {
        assets::passkey_path()
    }
    /// What the page says of the language's quality: message keys, none when it is complete and reviewed.
    #[must_use]
    pub fn translation_notes(&self) -> Vec<Cow<'_, str>> {
        let state = self.t.completeness();
        let english = *self.t.lang() == Lang::english();
        let mut notes = Vec::new();
        if state.missing > 0 {
            notes.push(self.t.get("ui-language-incomplete"));
        }
        if !state.reviewed && !english {
            notes.push(self.t.get("ui-language-unreviewed"));
        }
        notes
    }
    /// Each language with the address of this page in it.
    #[must_use]
    pub fn languages(&self) -> Vec<LanguageLink<'_>> {
        // Only a path of this site: the address comes from the request.
        let here =
            if is_safe_address(&self.here) && self.here.starts_with('/') { self.here.as_str() } else { "/" };
        let (path, query) = here.split_once('?').unwrap_or((here, ""));
        let kept: Vec<&str> =
            query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
        let link = |(lang, own_name): &'_ (Lang, String)| {
            let mut pairs = kept.clone();
            let chosen = format!("lang={lang}");
            pairs.push(&chosen);
            (format!("{path}?{}", pairs.join("&")), own_name.clone(), lang.clone())
        };
        self.site
            .languages
            .iter()
            .map(|pair| {
                let (href, name, _) = link(pair);
                LanguageLink { lang: &pair.0, href, name, current: pair.0 == *self.t.lang() }
            })
            .collect()
    }
    /// The fault of a field, or empty.
    #[must_use]
    pub fn error(&self, field: &str) -> &str {
        self.faults.iter().find(|fault| fault.field == field).map_or("", |fault| fault.message.as_str())
    }
    /// The attributes that tie a control to its hint and its fault.
    #[must_use]
    pub fn described(&self, field: &str, hint: &str) -> Html {
        let mut ids = Vec::new();
        if !hint.is_empty() {
            ids.push(format!("{field}-hint"));
        }
        let bad = !self.error(field).is_empty();
        if bad {
            ids.push(format!("{field}-error"));
        }
        let invalid = if bad { " aria-invalid=\"true\"" } else { "" };
        if ids.is_empty() {
            return Html::default();
        }
        Html::trusted(format!(" aria-describedby=\"{}\"{invalid}", Html::text(ids.join(" "))))
    }
}

/// A link to this page in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageLink<'a> {
    /// The language.
    pub lang: &'a Lang,
    /// This page in it.
    pub href: String,
    /// The language's own name.
    pub name: String,
    /// Whether it is the page's language.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    fn frame() -> Frame {
        let catalog = Catalog::new(&crate::BUNDLES).unwrap();
        let tag = |t: &str| Lang::parse(t).unwrap();
        let site = Site {
            languages: vec![(tag("en"), "English".into()), (tag("ar"), "العربية".into())],
            ..Site::default()
        };
        Frame::new(catalog.english(), Arc::new(site), "Title")
    }

    #[test]
    fn language_links_keep_the_page_and_stay_on_the_site() {
        let mut f = frame();
        f.here = "/a?q=1&lang=en&r=2".into();
        let links: Vec<String> = f.languages().into_iter().map(|l| l.href).collect();
        assert_eq!(links, ["/a?q=1&r=2&lang=en", "/a?q=1&r=2&lang=ar"]);
        for bad in ["//evil.example/", "https://evil.example/", "javascript:x", ""] {
            f.here = bad.into();
            assert_eq!(f.languages()[1].href, "/?lang=ar", "{bad}");
        }
    }

    #[test]
    fn controls_are_tied_to_hint_and_fault() {
        let f = frame();
        assert_eq!(f.described("x", "").as_str(), "");
        assert_eq!(f.described("x", "h").as_str(), " aria-describedby=\"x-hint\"");
        let f = f.with_faults(vec![Fault { field: "x".into(), message: "bad".into() }]);
        assert_eq!(f.described("x", "").as_str(), " aria-describedby=\"x-error\" aria-invalid=\"true\"");
    }

    #[test]
    fn the_record_is_late_one_second_past_the_limit_or_without_its_quorum() {
        let published = Timestamp::from_seconds(1000);
        let clock = RecordClock {
            published: Some(published),
            now: published.plus_seconds(RECORD_LATE_AFTER_SECONDS),
            witnesses: 2,
            quorum: 2,
        };
        assert!(clock.is_fresh());
        assert!(!RecordClock { now: clock.now.plus_seconds(1), ..clock }.is_fresh());
        assert!(!RecordClock { witnesses: 1, ..clock }.is_fresh());
        assert!(!RecordClock { published: None, ..clock }.is_fresh());
    }
}
