//! A country as its pack describes it: loaded, checked and typed.

use crate::civil::{self, Civil};
use crate::locales;
use crate::places::Places;
use crate::power::{self, PowerLaw};
use crate::retention::{self, Retention};
use crate::roster::RosterFiles;
use crate::source::SERVICE_FILES;
use crate::{Fault, Manifest, Source, forms, notices, svg};
use daftar_kernel::{Lang, Timestamp};
use daftar_office::permission::Permission;
use daftar_office::roster::{Label, Roster};
use daftar_ports::form::Form;
use daftar_ports::toml_reader::{Reader, Table};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The first line of `country.toml` says so: `format = "daftar-country/1"`.
pub const FORMAT: &str = "daftar-country/1";
/// Most languages of a country.
pub const LANGUAGES_MAX: usize = 40;

/// A language the country's pages speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// Its tag.
    pub lang: Lang,
    /// Its name for itself: `العربية`.
    pub name: String,
    /// Whether a native speaker has reviewed the texts. Pages in other languages say that they are not reviewed.
    pub reviewed: bool,
}

/// The country's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency {
    /// Its code of three letters (ISO 4217).
    pub code: String,
    /// Decimal places of the minor unit: 2 for cents, 3 for millimes.
    pub minor_digits: u8,
    /// Its name by language.
    pub names: Label,
}

/// A country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    /// Its code of two letters (ISO 3166-1).
    pub code: String,
    /// What the ministry calls this version: `2026.1`.
    pub version: String,
    /// Its name by language.
    pub names: Label,
    /// Its languages in the order they are offered; the first one stands in when a visitor asks for none of them.
    pub languages: Vec<Language>,
    /// Name of its time zone in the tz database.
    pub time_zone: String,
    /// Its money.
    pub currency: Currency,
    /// Its crest, safe to put into a page.
    pub crest: Option<String>,
    /// Where people live.
    pub places: Places,
    /// Agencies, offices, roles, purposes, and who answers complaints.
    pub roster: Arc<Roster>,
    /// How long what is kept, by class.
    pub retention: BTreeMap<String, Retention>,
    /// What its civil law says in numbers and lists.
    pub civil: Civil,
    /// Which services rest when electricity is short; none: nothing rests before everything does.
    pub power: Option<PowerLaw>,
    /// The forms people fill in, by id.
    pub forms: BTreeMap<String, Arc<Form>>,
    /// The file of each notice by its id; [`Country::notice`] gives it as a template.
    pub notices: BTreeMap<String, String>,
    /// Files of services by their names ([`crate::source::SERVICE_FILES`]), as each service reads its own.
    pub services: BTreeMap<String, String>,
    /// The country's own words (Fluent) over the program's, by language.
    pub locales: BTreeMap<Lang, String>,
    /// What names exactly the files this was read from.
    pub manifest: Manifest,
}

impl Country {
    /// Reads and checks a folder. `permissions` are those that the program's services declare.
    ///
    /// # Errors
    /// All faults at once, in the order of files and lines.
    pub fn load(folder: &Path, permissions: &[Permission]) -> Result<Self, Vec<Fault>> {
        Self::from_source(&Source::read(folder)?, permissions)
    }

    /// Checks the files of a pack.
    ///
    /// # Errors
    /// All faults at once, in the order of files and lines.
    pub fn from_source(source: &Source, permissions: &[Permission]) -> Result<Self, Vec<Fault>> {
        let mut faults = source.faults();
        let country = Loading { source, faults: &mut faults }.country(permissions);
        faults.sort();
        faults.dedup();
        match country {
            Some(country) if faults.is_empty() => Ok(country),
            // Whatever kept the country from being made has left a fault; should that ever fail, say so.
            _ if faults.is_empty() => {
                Err(vec![Fault::of_file("country.toml", "is not complete", "Compare it with country/demo")])
            }
            _ => Err(faults),
        }
    }

    /// The tags of its languages.
    pub fn tags(&self) -> impl Iterator<Item = &Lang> {
        self.languages.iter().map(|language| &language.lang)
    }
    /// The language that stands in when a visitor asks for none of the country's.
    #[must_use]
    pub fn first_language(&self) -> Lang {
        self.languages.first().map_or_else(Lang::english, |language| language.lang.clone())
    }
    /// Whether a native speaker has reviewed the texts of a language.
    #[must_use]
    pub fn is_reviewed(&self, lang: &Lang) -> bool {
        self.languages.iter().any(|language| language.lang == *lang && language.reviewed)
    }
    /// The first moment of a civil day in the country.
    #[must_use]
    pub fn day_begins(&self, day: Date) -> Timestamp {
        let zone = jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let begins = day.to_zoned(zone).and_then(|moment| moment.start_of_day());
        begins.map_or(Timestamp(i64::MAX), |moment| Timestamp(moment.timestamp().as_microsecond()))
    }
    /// The civil day in the country at a moment.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_local_date(&self.time_zone).parse().unwrap_or(Date::ZERO)
    }
}

/// A pack while it is read.
struct Loading<'s> {
    source: &'s Source,
    faults: &'s mut Vec<Fault>,
}

/// What `country.toml` says.
struct Head {
    code: String,
    version: String,
    names: Label,
    languages: Vec<Language>,
    time_zone: String,
    currency: Currency,
}

impl<'s> Loading<'s> {
    fn country(mut self, permissions: &[Permission]) -> Option<Country> {
        let head = self.toml("country.toml", |_, top| head(top)).flatten();
        // Without the languages nothing else can be checked for completeness; English at least must be everywhere.
        let tags = match &head {
            Some(head) => head.languages.iter().map(|language| language.lang.clone()).collect(),
            None => vec![Lang::english()],
        };
        let places = self.toml("places.toml", |reader, top| Places::read(reader, top, &tags));
        let mut roster = RosterFiles::default();
        let empty = Places::default();
        let in_places = places.as_ref().unwrap_or(&empty);
        self.toml("agencies.toml", |_, top| roster.agencies(top, in_places));
        self.toml("roles.toml", |_, top| roster.roles(top));
        self.toml("purposes.toml", |_, top| roster.purposes(top));
        let roster = roster.finish(&tags, permissions, self.faults);
        let retention = self.toml("retention.toml", |reader, top| retention::read(reader, top, &tags));
        let civil = self.toml("civil.toml", |reader, top| civil::read(reader, top, &tags)).flatten();
        let power = match self.source.get(power::FILE) {
            Some(_) => self.toml(power::FILE, power::read).flatten(),
            None => None,
        };
        let forms = self.forms(&tags);
        let notices = self.notices(&tags);
        let services = self.services();
        let locales = self.locales(&tags);
        let crest = self.crest();
        let head = head?;
        Some(Country {
            code: head.code,
            version: head.version,
            names: head.names,
            languages: head.languages,
            time_zone: head.time_zone,
            currency: head.currency,
            crest,
            places: places?,
            roster: Arc::new(roster?),
            retention: retention?,
            civil: civil?,
            power,
            forms,
            notices,
            services,
            locales,
            manifest: self.source.manifest(),
        })
    }

    /// The text of a file that must be there.
    fn text(&mut self, path: &str) -> Option<&'s str> {
        let Some(bytes) = self.source.get(path) else {
            self.faults.push(Fault::of_file(path, "is missing", "Add it; country/demo shows what it holds"));
            return None;
        };
        let text = std::str::from_utf8(bytes).ok();
        if text.is_none() {
            self.faults.push(Fault::of_file(path, "is not UTF-8", "Save it as UTF-8"));
        }
        text
    }

    /// Reads one TOML file whole: what `read` does not ask for is a fault.
    fn toml<T>(&mut self, path: &str, read: impl FnOnce(&Reader<'_>, &Table<'_, '_>) -> T) -> Option<T> {
        let text = self.text(path)?;
        let reader = Reader::new(path, text);
        let parsed = reader.parse();
        let top = reader.top(&parsed);
        let value = read(&reader, &top);
        top.finish();
        self.faults.extend(reader.into_faults());
        Some(value)
    }

    fn texts(&mut self, folder: &str, end: &str) -> BTreeMap<String, String> {
        let paths: Vec<String> = self.source.inside(folder).map(|(path, _)| path.to_string()).collect();
        let mut texts = BTreeMap::new();
        for path in paths {
            let name = path.rsplit('/').next().and_then(|file| file.strip_suffix(end)).map(String::from);
            if let (Some(name), Some(text)) = (name, self.text(&path)) {
                texts.insert(name, text.to_string());
            }
        }
        texts
    }

    fn forms(&mut self, tags: &[Lang]) -> BTreeMap<String, Arc<Form>> {
        let mut parsed_forms = BTreeMap::new();
        for (id, text) in self.texts("forms", ".toml") {
            let path = format!("forms/{id}.toml");
            let reader = Reader::new(&path, &text);
            let parsed = reader.parse();
            match Form::parse(&path, &text) {
                Ok(form) => {
                    forms::check(&reader, &reader.top(&parsed), &path, tags);
                    self.faults.extend(reader.into_faults());
                    parsed_forms.insert(id, Arc::new(form));
                }
                Err(faults) => self.faults.extend(faults),
            }
        }
        parsed_forms
    }

    fn notices(&mut self, tags: &[Lang]) -> BTreeMap<String, String> {
        let texts = self.texts("notices", ".toml");
        for (id, text) in &texts {
            let path = format!("notices/{id}.toml");
            let reader = Reader::new(&path, text);
            let parsed = reader.parse();
            notices::check(&reader, &reader.top(&parsed), tags);
            self.faults.extend(reader.into_faults());
        }
        texts
    }

    fn services(&mut self) -> BTreeMap<String, String> {
        let there = SERVICE_FILES.iter().filter(|file| self.source.get(file).is_some());
        let there: Vec<&str> = there.copied().collect();
        there.into_iter().filter_map(|file| Some((file.to_string(), self.text(file)?.to_string()))).collect()
    }

    fn locales(&mut self, tags: &[Lang]) -> BTreeMap<Lang, String> {
        let mut overlays = BTreeMap::new();
        for (name, text) in self.texts("locales", ".ftl") {
            let path = format!("locales/{name}.ftl");
            let Some(lang) = locales::read(&path, &text, self.faults) else { continue };
            if !tags.contains(&lang) {
                let message = format!("'{lang}' is none of the country's languages");
                self.faults.push(Fault::of_file(
                    &path,
                    message,
                    "Add the language to country.toml or remove the file",
                ));
            }
            overlays.insert(lang, text);
        }
        overlays
    }

    fn crest(&mut self) -> Option<String> {
        self.source.get("crest.svg")?;
        let text = self.text("crest.svg")?;
        match svg::sanitise(text) {
            Ok(crest) => Some(crest),
            Err(refused) => {
                self.faults.push(Fault {
                    file: "crest.svg".into(),
                    line: refused.line,
                    message: refused.message,
                    remedy: "Draw the crest with plain shapes only; README of daftar-packs lists them".into(),
                });
                None
            }
        }
    }
}

fn head(top: &Table<'_, '_>) -> Option<Head> {
    if top.text("format").is_some_and(|format| format != FORMAT) {
        top.fault("format", "this program cannot read this format", format!("Write format = \"{FORMAT}\""));
    }
    let code = letters(top, "code", 2);
    let version = top.text("version");
    let languages = languages(top);
    let tags: Vec<Lang> = languages.iter().map(|language| language.lang.clone()).collect();
    let names = top.label_in("names", &tags);
    let time_zone = top.text("time_zone");
    if let Some(zone) = time_zone.as_ref().filter(|zone| jiff::tz::TimeZone::get(zone).is_err()) {
        let remedy = "Write a name of the tz database, such as Africa/Tunis";
        top.fault("time_zone", format!("'{zone}' is no time zone"), remedy);
    }
    let currency = currency(top, &tags);
    Some(Head {
        code: code?,
        version: version?,
        names: names?,
        languages,
        time_zone: time_zone?,
        currency: currency?,
    })
}

fn letters(table: &Table<'_, '_>, key: &'static str, count: usize) -> Option<String> {
    let code = table.text(key)?;
    if code.len() != count || !code.bytes().all(|b| b.is_ascii_uppercase()) {
        table.fault(key, format!("'{code}' is not a code"), format!("Write {count} capital letters"));
        return None;
    }
    Some(code)
}

fn languages(top: &Table<'_, '_>) -> Vec<Language> {
    let mut languages: Vec<Language> = Vec::new();
    for table in top.tables("languages") {
        let (tag, name, reviewed) = (table.text("tag"), table.text("name"), table.is_set("reviewed"));
        if let (Some(tag), Some(name)) = (tag, name) {
            match Lang::parse(&tag) {
                Some(lang) if languages.iter().all(|other| other.lang != lang) => {
                    languages.push(Language { lang, name, reviewed });
                }
                Some(_) => table.fault("tag", format!("'{tag}' is there twice"), "Remove one of them"),
                None => {
                    table.fault("tag", format!("'{tag}' is not a language tag"), "Write e.g. fr or zh-Hant")
                }
            }
        }
        table.finish();
    }
    if languages.iter().all(|language| language.lang != Lang::english()) {
        let remedy = "Add [[languages]] tag = \"en\": it stands in for texts that others lack";
        top.fault("languages", "English is missing", remedy);
    }
    if languages.len() > LANGUAGES_MAX {
        top.fault("languages", format!("more than {LANGUAGES_MAX} languages"), "Remove some");
    }
    languages
}

fn currency(top: &Table<'_, '_>, tags: &[Lang]) -> Option<Currency> {
    let Some(table) = top.table_opt("currency") else {
        top.fault("currency", "the currency is missing", "Add [currency] with code, minor_digits and names");
        return None;
    };
    let (code, names) = (letters(&table, "code", 3), table.label_in("names", tags));
    let minor_digits =
        table.number_opt("minor_digits", 0..=4).and_then(|n| u8::try_from(n).ok()).unwrap_or(2);
    table.finish();
    Some(Currency { code: code?, minor_digits, names: names? })
}
