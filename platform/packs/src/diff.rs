//! What a new version of a pack changes, in sentences two people can approve.

use crate::{Country, power};
use daftar_kernel::{Lang, hex};
use daftar_ports::form::{Field, Options};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The file it stands in.
    pub file: String,
    /// What changes, as a sentence.
    pub what: String,
    /// What it is, in the words of the files: `place '11': name in ar`, or `the file`.
    pub thing: String,
    /// What was said of it; none when it is new.
    pub before: Option<String>,
    /// What is said of it from then on; none when it goes, and when only comments or the order of entries differ.
    pub after: Option<String>,
}

impl Change {
    /// Whether only comments, spaces or the order of entries differ.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        self.before.is_none() && self.after.is_none()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// Everything that the new version changes, by file. No change of a byte goes without a line: a file of which only comments or
/// the order of entries differ says that.
#[must_use]
pub fn diff(old: &Country, new: &Country) -> Vec<Change> {
    let (was, is) = (Facts::of(old), Facts::of(new));
    let mut changes = Vec::new();
    for key in keys(&was.things, &is.things) {
        let (file, thing) = key;
        let mut add = |what: String, thing: String, before: Option<String>, after: Option<String>| {
            changes.push(Change { file: file.clone(), what, thing, before, after });
        };
        match (was.things.get(key), is.things.get(key)) {
            (None, Some(now)) => {
                let now = listed(now);
                add(format!("{thing} is new ({now})"), thing.clone(), None, Some(now));
            }
            (Some(before), None) => {
                let before = listed(before);
                add(format!("{thing} goes ({before})"), thing.clone(), Some(before), None);
            }
            (Some(before), Some(now)) => {
                for name in keys(before, now) {
                    let (one, other) = (before.get(name), now.get(name));
                    let what = match (one, other) {
                        (None, Some(value)) => format!("{thing} gains {name} '{value}'"),
                        (Some(value), None) => format!("{thing} loses {name} '{value}'"),
                        (Some(one), Some(other)) if one != other => {
                            format!("{thing}: {name} '{one}' becomes '{other}'")
                        }
                        _ => continue,
                    };
                    add(what, format!("{thing}: {name}"), one.cloned(), other.cloned());
                }
            }
            (None, None) => {}
        }
    }
    let silent = silent(old, new, &changes);
    changes.extend(silent);
    changes.sort();
    changes
}

/// Files whose bytes differ and of which no line was said.
fn silent(old: &Country, new: &Country, said: &[Change]) -> Vec<Change> {
    let (was, is): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (old.manifest.files().collect(), new.manifest.files().collect());
    let mut changes = Vec::new();
    for path in keys(&was, &is) {
        let digest =
            |found: Option<&&[u8; 32]>| found.map(|bytes| format!("SHA-256 {}", hex::encode(*bytes)));
        let (what, before, after) = match (was.get(path), is.get(path)) {
            (one, other) if one == other || said.iter().any(|change| change.file == **path) => continue,
            (None, other) => ("the file is new", None, digest(other)),
            (one, None) => ("the file goes", digest(one), None),
            _ => ("only comments, spaces or the order of entries change", None, None),
        };
        let (file, thing) = ((*path).to_string(), "the file".into());
        changes.push(Change { file, what: what.into(), thing, before, after });
    }
    changes
}

fn keys<'m, K: Ord, V>(old: &'m BTreeMap<K, V>, new: &'m BTreeMap<K, V>) -> BTreeSet<&'m K> {
    old.keys().chain(new.keys()).collect()
}

fn listed(values: &BTreeMap<String, String>) -> String {
    values.iter().map(|(name, value)| format!("{name} '{value}'")).collect::<Vec<_>>().join(", ")
}

/// A country as plain facts: of each thing in each file, what is said of it.
#[derive(Default)]
struct Facts {
    things: BTreeMap<(String, String), BTreeMap<String, String>>,
}

impl Facts {
    fn of(country: &Country) -> Self {
        let mut facts = Self::default();
        facts.head(country);
        facts.places(country);
        facts.agencies(country);
        facts.roles(country);
        facts.purposes(country);
        facts.retention(country);
        facts.civil(country);
        facts.power(country);
        facts.forms(country);
        for (name, text) in &country.notices {
            facts.thing(&format!("notices/{name}.toml"), "the notice").text("text", text);
        }
        for (file, text) in &country.services {
            facts.thing(file, "the file").text("text", text);
        }
        for (lang, text) in &country.locales {
            for message in text.split('\n').filter(|line| !line.trim_start().starts_with('#')) {
                if let Some((key, words)) = message.split_once('=') {
                    facts.thing(&format!("locales/{lang}.ftl"), "the texts").text(key.trim(), words.trim());
                }
            }
        }
        if let Some(crest) = &country.crest {
            let digest = country.manifest.digest_of("crest.svg").unwrap_or_default();
            let shown = format!("{} bytes, SHA-256 {}", crest.len(), hex::encode(&digest));
            facts.thing("crest.svg", "the crest").text("drawing", &shown);
        }
        facts
    }

    fn thing(&mut self, file: &str, thing: &str) -> Thing<'_> {
        Thing(self.things.entry((file.into(), thing.into())).or_default())
    }

    fn head(&mut self, country: &Country) {
        let file = "country.toml";
        let mut head = self.thing(file, "the country");
        head.text("code", &country.code);
        head.text("version", &country.version);
        head.text("time zone", &country.time_zone);
        head.label("name", &country.names.0);
        head.list("languages", country.tags().map(ToString::to_string));
        for language in &country.languages {
            let mut thing = self.thing(file, &format!("language '{}'", language.lang));
            thing.text("name", &language.name);
            thing.text("reviewed", &language.reviewed.to_string());
        }
        let mut money = self.thing(file, "the currency");
        money.text("code", &country.currency.code);
        money.text("decimals", &country.currency.minor_digits.to_string());
        money.label("name", &country.currency.names.0);
    }

    fn places(&mut self, country: &Country) {
        for (code, label) in country.places.kinds() {
            self.thing("places.toml", &format!("kind of place '{code}'")).label("name", &label.0);
        }
        for place in country.places.all() {
            let mut thing = self.thing("places.toml", &format!("place '{}' from {}", place.code, place.from));
            thing.label("name", &place.names.0);
            thing.text("kind", &place.kind);
            thing.optional("parent", place.parent.as_ref());
            thing.optional("until", place.until.as_ref());
            thing.optional("population", place.population.as_ref());
        }
    }

    fn agencies(&mut self, country: &Country) {
        let file = "agencies.toml";
        for agency in country.roster.agencies() {
            self.thing(file, &format!("agency '{}'", agency.code)).label("name", &agency.label.0);
        }
        for office in country.roster.offices() {
            let mut thing = self.thing(file, &format!("office '{}'", office.code));
            thing.label("name", &office.label.0);
            thing.text("agency", &office.agency);
            thing.optional("place", office.place.as_ref());
            thing.each("role", &office.roles);
        }
        let rule = country.roster.complaints();
        let mut complaints = self.thing(file, "complaints");
        complaints.list("desks", rule.desks.iter().cloned());
        complaints.text("days to answer", &rule.answer_days.to_string());
    }

    fn roles(&mut self, country: &Country) {
        for role in country.roster.roles() {
            let mut thing = self.thing("roles.toml", &format!("role '{}'", role.code));
            thing.label("name", &role.label.0);
            thing.each("permission", &role.permissions);
            thing.each("purpose", &role.purposes);
            thing.text("looks an hour", &role.looks_per_hour.to_string());
        }
    }

    fn purposes(&mut self, country: &Country) {
        for purpose in country.roster.purposes() {
            let mut thing = self.thing("purposes.toml", &format!("purpose '{}'", purpose.code));
            thing.label("words", &purpose.label.0);
            thing.text("basis", &purpose.basis);
            thing.text("needs a case", &purpose.needs_case.to_string());
            thing.text("sealed", &format!("{:?}", purpose.sealed).to_lowercase());
            thing.text("review", &format!("{:?}", purpose.review).to_lowercase());
        }
    }

    fn retention(&mut self, country: &Country) {
        for class in country.retention.values() {
            let mut thing = self.thing("retention.toml", &format!("class '{}'", class.class));
            thing.label("words", &class.label.0);
            thing.text("basis", &class.basis);
            thing.text("years", &class.years.map_or_else(|| "for ever".into(), |years| years.to_string()));
            thing.text("counted from", &format!("{:?}", class.counted).to_lowercase());
        }
    }

    fn civil(&mut self, country: &Country) {
        let file = "civil.toml";
        let mut rules = self.thing(file, "the rules");
        rules.text("age of majority", &country.civil.age_of_majority.to_string());
        rules.text("introductions a year", &country.civil.introductions_a_year.to_string());
        rules.list("documents", country.civil.documents.iter().map(|document| document.kind.clone()));
        for document in &country.civil.documents {
            self.thing(file, &format!("document '{}'", document.kind)).label("name", &document.label.0);
        }
    }

    fn power(&mut self, country: &Country) {
        let Some(law) = &country.power else { return };
        let mut rules = self.thing(power::FILE, "the order");
        rules.text("basis", &law.basis);
        rules.text("margin in percent", &law.margin_percent.to_string());
        for (index, step) in law.steps.iter().enumerate() {
            let mut thing = self.thing(power::FILE, &format!("step {}", index + 1));
            thing.list("activities", step.activities.iter().cloned());
            thing.text("at percent", &step.at_percent.to_string());
            thing.optional("at minutes", step.at_minutes.as_ref());
            thing.optional("at degrees Celsius", step.at_celsius.as_ref());
        }
    }

    fn forms(&mut self, country: &Country) {
        for form in country.forms.values() {
            let file = format!("forms/{}.toml", form.id);
            let mut thing = self.thing(&file, "the form");
            thing.text("version", &form.version.to_string());
            thing.label("title", &form.title.0);
            thing.list("pages", form.pages.iter().map(|page| page.id.clone()));
            for page in &form.pages {
                let mut thing = self.thing(&file, &format!("page '{}'", page.id));
                thing.label("title", &page.title.0);
                thing.label("help", &page.help.0);
                thing.list("fields", page.fields.iter().map(|field| field.id.clone()));
                for field in &page.fields {
                    field_facts(&mut self.thing(&file, &format!("field '{}'", field.id)), field);
                }
            }
        }
    }
}

fn field_facts(thing: &mut Thing<'_>, field: &Field) {
    thing.label("label", &field.label.0);
    thing.label("help", &field.help.0);
    thing.text("kind", field.kind.word());
    thing.text("required", &field.required.to_string());
    thing.text("most characters", &field.max_chars.to_string());
    thing.text("bounds", &format!("{} to {}", field.bounds.0, field.bounds.1));
    if let Some(condition) = &field.show_if {
        thing.text("condition", &format!("{} is {}", condition.field, condition.is.join(" or ")));
    }
    match &field.options {
        Options::None => {}
        Options::Source(source) => thing.text("list", source),
        Options::Inline(choices) => {
            for choice in choices {
                thing.label(&format!("option '{}'", choice.value), &choice.label.0);
            }
        }
    }
}

/// What is said of one thing.
struct Thing<'f>(&'f mut BTreeMap<String, String>);

impl Thing<'_> {
    fn text(&mut self, name: &str, value: &str) {
        self.0.insert(name.into(), value.into());
    }
    fn optional(&mut self, name: &str, value: Option<&impl fmt::Display>) {
        if let Some(value) = value {
            self.text(name, &value.to_string());
        }
    }
    fn label(&mut self, name: &str, label: &BTreeMap<Lang, String>) {
        for (lang, text) in label {
            self.text(&format!("{name} in {lang}"), text);
        }
    }
    /// A list whose order matters.
    fn list(&mut self, name: &str, values: impl Iterator<Item = String>) {
        self.text(name, &values.collect::<Vec<_>>().join(", "));
    }
    /// A set of which each member can come and go.
    fn each(&mut self, name: &str, values: &[String]) {
        for value in values {
            self.text(&format!("{name} {value}"), "yes");
        }
    }
}
