//! All languages of an installation, put together from the crates' files and the country pack's.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use daftar_kernel::Lang;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use super::{Completeness, Texts, numbers};
use crate::{placeables, pseudo};

/// One language's file of one crate, embedded with `include_str!`.
#[derive(Clone, Copy, Debug)]
pub struct Bundle {
    /// The crate's short name, which is also the prefix of its keys: `identity`.
    pub crate_name: &'static str,
    /// BCP 47 tag.
    pub lang: &'static str,
    /// Fluent 1.0 text.
    pub text: &'static str,
}

/// One language's file of a country pack, read at run time.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// Name of the file, for faults.
    pub file: String,
    /// The language it changes or adds.
    pub lang: Lang,
    /// Fluent 1.0 text.
    pub text: String,
}

/// What an installation chooses about its languages.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The country pack's words, later ones win.
    pub overlays: Vec<Overlay>,
    /// Write numbers and dates with the language's own digits where it has them. Off: Latin digits everywhere.
    pub native_digits: bool,
    /// Time zone of the tz database; empty means UTC.
    pub zone: String,
    /// Languages whose texts a native speaker has read. Others say on each page that nobody has.
    pub reviewed: Vec<Lang>,
    /// Adds the language `qps-ploc`: English in disguise, by which a test finds text that no file holds.
    pub pseudo: bool,
}

/// A fault in a language file, with the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}. {remedy}")]
pub struct TextFault {
    /// Name of the file; for embedded files `crate/locales/lang.ftl`.
    pub file: String,
    /// Line, counted from 1; 0 when it is about the whole file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// One language, ready to answer.
pub(super) struct Language {
    pub(super) lang: Lang,
    pub(super) native_digits: bool,
    pub(super) zone: String,
    pub(super) completeness: Completeness,
    bundle: FluentBundle<FluentResource>,
    keys: BTreeSet<String>,
}

impl Language {
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }
    pub(super) fn format<'a>(&'a self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<Cow<'a, str>> {
        let pattern = self.bundle.get_message(key)?.value()?;
        // A placeable nobody filled shows as {$name}; the check of placeables finds it before anybody reads it.
        let mut ignored = Vec::new();
        Some(match args {
            None => self.bundle.format_pattern(pattern, None, &mut ignored),
            Some(args) => {
                Cow::Owned(self.bundle.format_pattern(pattern, Some(args), &mut ignored).into_owned())
            }
        })
    }
}

/// All languages of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Catalog {
    languages: Arc<BTreeMap<Lang, Arc<Language>>>,
    english: Arc<Language>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.languages.keys()).finish()
    }
}

struct Source<'a> {
    file: String,
    text: Cow<'a, str>,
    overlay: bool,
}

impl Catalog {
    /// The languages of these crates, with Latin digits, in UTC.
    ///
    /// # Errors
    /// For files that are not Fluent, keys that two files of a language share, or no English.
    pub fn new(bundles: &[Bundle]) -> Result<Self, Vec<TextFault>> {
        Self::with(bundles, &Options::default())
    }

    /// The languages of these crates and of the country pack.
    ///
    /// # Errors
    /// As [`Catalog::new`], and for words of the pack with placeables that the English message does not have.
    pub fn with(bundles: &[Bundle], options: &Options) -> Result<Self, Vec<TextFault>> {
        let mut faults = Vec::new();
        let mut sources: BTreeMap<Lang, Vec<Source<'_>>> = BTreeMap::new();
        for bundle in bundles {
            let file = format!("{}/locales/{}.ftl", bundle.crate_name, bundle.lang);
            match Lang::parse(bundle.lang) {
                Some(lang) => sources.entry(lang).or_default().push(Source {
                    file,
                    text: Cow::Borrowed(bundle.text),
                    overlay: false,
                }),
                None => faults.push(fault(
                    file,
                    0,
                    "this is not a language tag",
                    "Name the file after a BCP 47 tag",
                )),
            }
        }
        if options.pseudo {
            let english = sources.get(&Lang::english()).into_iter().flatten();
            let disguised: Vec<Source<'_>> = english
                .map(|s| Source { file: s.file.clone(), text: s.text.clone(), overlay: false })
                .collect();
            sources.insert(pseudo::lang(), disguised);
        }
        for overlay in &options.overlays {
            sources.entry(overlay.lang.clone()).or_default().push(Source {
                file: overlay.file.clone(),
                text: Cow::Borrowed(&overlay.text),
                overlay: true,
            });
        }
        let mut languages = BTreeMap::new();
        let english_keys = keys_of(sources.get(&Lang::english()).map_or(&[], Vec::as_slice));
        for (lang, files) in &sources {
            let language = build(lang, files, &english_keys, options, &mut faults);
            languages.insert(lang.clone(), Arc::new(language));
        }
        let english = languages.get(&Lang::english()).cloned();
        match english {
            Some(english) if faults.is_empty() => Ok(Self { languages: Arc::new(languages), english }),
            Some(_) => Err(faults),
            None => {
                faults.push(fault(
                    "locales/en.ftl".into(),
                    0,
                    "there is no English",
                    "Every crate has English texts",
                ));
                Err(faults)
            }
        }
    }

    /// The texts of a language, when the installation has it.
    #[must_use]
    pub fn texts(&self, lang: &Lang) -> Option<Texts> {
        let language = self.languages.get(lang)?;
        Some(Texts { language: Arc::clone(language), english: Arc::clone(&self.english) })
    }
    /// English.
    #[must_use]
    pub fn english(&self) -> Texts {
        Texts { language: Arc::clone(&self.english), english: Arc::clone(&self.english) }
    }
    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4); the first of `offered` when none fits.
    #[must_use]
    pub fn negotiate(&self, accept_language: &str, offered: &[Lang]) -> Texts {
        const RANGES_MAX: usize = 20;
        let mut ranges: Vec<(u16, &str)> = accept_language
            .split(',')
            .take(RANGES_MAX)
            .filter_map(|range| {
                let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
                Some((weight_thousandths(weight.trim().strip_prefix("q=")?)?, tag.trim()))
            })
            .filter(|(weight, _)| *weight > 0)
            .collect();
        ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let matching = |wanted: &str| {
            let exact = offered.iter().find(|lang| lang.tag().eq_ignore_ascii_case(wanted));
            exact.or_else(|| offered.iter().find(|lang| primary(lang.tag()) == primary(wanted)))
        };
        let chosen = ranges.iter().find_map(|(_, tag)| matching(tag)).or_else(|| offered.first());
        chosen.and_then(|lang| self.texts(lang)).unwrap_or_else(|| self.english())
    }
    /// Every language, in the order of tags.
    pub fn languages(&self) -> impl Iterator<Item = &Lang> {
        self.languages.keys()
    }
    /// Every key of English, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.english.keys.iter().map(String::as_str)
    }
}

/// A weight of RFC 9110 §12.4.2 in thousandths.
fn weight_thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

fn fault(file: String, line: usize, message: &str, remedy: &str) -> TextFault {
    TextFault { file, line, message: message.into(), remedy: remedy.into() }
}

/// Every message of these files with the placeables it needs.
fn keys_of(files: &[Source<'_>]) -> BTreeMap<String, BTreeSet<String>> {
    files.iter().flat_map(|file| placeables::of(&file.text)).collect()
}

fn build(
    lang: &Lang,
    files: &[Source<'_>],
    english: &BTreeMap<String, BTreeSet<String>>,
    options: &Options,
    faults: &mut Vec<TextFault>,
) -> Language {
    // A tag Fluent cannot read (a private one) still has texts; only its plurals are English ones.
    let id: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    bundle.set_formatter(Some(if options.native_digits { numbers::native } else { numbers::latin }));
    if *lang == pseudo::lang() {
        bundle.set_transform(Some(pseudo::disguise));
    }
    let mut keys = BTreeSet::new();
    for file in files {
        let found = placeables::of(&file.text);
        let duplicates = placeables::duplicates(&file.text);
        let shared = found.keys().filter(|key| !file.overlay && keys.contains(*key)).cloned();
        for key in shared.chain(duplicates) {
            faults.push(fault(
                file.file.clone(),
                line_of(&file.text, &key),
                &format!("the key '{key}' is there twice"),
                "Keep one of them",
            ));
        }
        if file.overlay {
            for (key, names) in &found {
                let Some(known) = english.get(key) else { continue };
                for name in names.difference(known) {
                    faults.push(fault(
                        file.file.clone(),
                        line_of(&file.text, key),
                        &format!(
                            "the message '{key}' uses {{ ${name} }}, which the English message does not have"
                        ),
                        "Use only the placeables of the English message",
                    ));
                }
            }
        }
        keys.extend(found.into_keys());
        match FluentResource::try_new(file.text.clone().into_owned()) {
            Ok(resource) => bundle.add_resource_overriding(resource),
            Err((_, errors)) => faults.extend(errors.iter().map(|error| {
                let line = file.text.bytes().take(error.pos.start).filter(|b| *b == b'\n').count() + 1;
                fault(
                    file.file.clone(),
                    line,
                    &error.to_string(),
                    "Write 'key = text' with the text indented when it goes over several lines",
                )
            })),
        }
    }
    let missing = english.keys().filter(|key| !keys.contains(*key)).count();
    let completeness = Completeness { missing, reviewed: options.reviewed.contains(lang) };
    Language {
        lang: lang.clone(),
        native_digits: options.native_digits,
        zone: if options.zone.is_empty() { "UTC".into() } else { options.zone.clone() },
        completeness,
        bundle,
        keys,
    }
}

/// The line of a message's key, counted from 1; 0 when it is not there.
pub(crate) fn line_of(text: &str, key: &str) -> usize {
    let starts = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
    text.lines().position(starts).map_or(0, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Bundle = Bundle { crate_name: "x", lang: "en", text: "x-a = A { $n }\nx-b = B\n" };

    fn overlay(lang: &str, text: &str) -> Options {
        let lang = Lang::parse(lang).unwrap();
        Options {
            overlays: vec![Overlay { file: format!("locales/{lang}.ftl"), lang, text: text.into() }],
            ..Options::default()
        }
    }

    #[test]
    fn a_pack_changes_words_and_adds_languages() {
        let catalog = Catalog::with(&[EN], &overlay("en", "x-b = Bee\n")).unwrap();
        assert_eq!(catalog.english().get("x-b"), "Bee");
        let catalog = Catalog::with(&[EN], &overlay("sw", "x-b = Nyuki\n")).unwrap();
        let sw = catalog.texts(&Lang::parse("sw").unwrap()).unwrap();
        assert_eq!((sw.get("x-b").as_ref(), sw.completeness().missing), ("Nyuki", 1));
    }

    #[test]
    fn faults_have_a_file_a_line_and_a_remedy() {
        let one = |options: &Options| Catalog::with(&[EN], options).unwrap_err().remove(0);
        let bad = one(&overlay("sw", "x-b = ok\n\nx-a = { $m }\n"));
        assert_eq!((bad.file.as_str(), bad.line), ("locales/sw.ftl", 3));
        assert!(bad.message.contains("$m"), "{bad}");
        let bad = one(&overlay("sw", "x-b = ok\nnonsense\n"));
        assert_eq!(bad.line, 2, "{bad}");
        let twice = Bundle { crate_name: "y", lang: "en", text: "x-b = B\n" };
        assert_eq!(Catalog::new(&[EN, twice]).unwrap_err()[0].line, 1);
        let same = Bundle { crate_name: "y", lang: "en", text: "y-b = B\ny-c = C\ny-b = D\n" };
        assert_eq!(Catalog::new(&[EN, same]).unwrap_err().len(), 1);
        let none = Bundle { lang: "fr", ..EN };
        assert!(Catalog::new(&[none]).is_err());
    }

    #[test]
    fn accept_language_is_honoured_and_garbage_is_not() {
        let ar = Bundle { lang: "ar", ..EN };
        let catalog = Catalog::new(&[EN, ar]).unwrap();
        let offered: Vec<Lang> = ["en", "ar"].iter().filter_map(|t| Lang::parse(t)).collect();
        let best = |header: &str| catalog.negotiate(header, &offered).lang().tag().to_string();
        for (header, expected) in [
            ("", "en"),
            ("ar", "ar"),
            ("ar-TN,en;q=0.8", "ar"),
            ("fr, en;q=0.2, ar;q=0.9", "ar"),
            ("ar;q=0, en", "en"),
            ("ar;q=2", "en"),
            (";;;,,,q=\u{0}", "en"),
        ] {
            assert_eq!(best(header), expected, "{header:?}");
        }
    }

    #[test]
    fn the_pseudo_language_disguises_text_but_not_values() {
        let catalog = Catalog::with(&[EN], &Options { pseudo: true, ..Options::default() }).unwrap();
        let t = catalog.texts(&pseudo::lang()).unwrap();
        let said = t.one("x-a", "n", "Name");
        assert!(said.contains("Name") && !said.contains('A'), "{said}");
    }
}
