//! An entry: what a form, the API, a CSV row or the demo's generator says of a person, and the rules that
//! make a person of it. One path for all of them, so that none is laxer.

use crate::name::{BadText, Name, plain_text};
use crate::person::{
    Address, MAX_ADDRESS_LINES, MAX_EMAIL_CHARS, MAX_LINE_CHARS, MAX_OTHER_NAMES, MAX_PLACE_CODE, Person,
    Place, Sex, Standing,
};
use daftar_kernel::problem::FieldFault;
use daftar_kernel::{Lang, PartialDate};
use std::fmt;

/// What a form, an API body or a CSV row says of a person, before the rules. Empty text means "not given".
#[derive(Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct Entry {
    /// See [`Person::name`]; when empty, made of `given` and `family`.
    pub name: String,
    /// See [`Person::given`].
    pub given: String,
    /// See [`Person::family`].
    pub family: String,
    /// See [`Person::other_names`].
    pub other_names: Vec<String>,
    /// `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or empty.
    pub born: String,
    /// Code of the birth place.
    pub birth_place: String,
    /// The birth place in words.
    pub birth_place_text: String,
    /// `female`, `male`, `other`, `unknown` or empty.
    pub sex: String,
    /// See [`Person::mother`].
    pub mother: String,
    /// See [`Person::father`].
    pub father: String,
    /// Code of the place the person lives in.
    pub address_place: String,
    /// Free address lines.
    pub address_lines: Vec<String>,
    /// See [`Person::phone`].
    pub phone: String,
    /// See [`Person::email`].
    pub email: String,
    /// BCP 47 tag.
    pub language: String,
    /// A word of [`Standing`], or empty.
    pub standing: String,
    /// Date of death, or empty.
    pub died: String,
    /// Blob of the photo, or empty.
    pub photo: String,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entry(…)")
    }
}

/// What the rules need to know of the world.
pub struct Rules<'a> {
    /// Today; nobody is born or dies after it.
    pub today: jiff::civil::Date,
    /// Whether the country pack has a place of this code.
    pub knows_place: &'a (dyn Fn(&str) -> bool + Sync),
}

impl Entry {
    /// The person this entry describes.
    ///
    /// # Errors
    /// Every fault, each with its field and a message key, so that a person mends them in one go.
    pub fn check(&self, rules: &Rules<'_>) -> Result<Person, Vec<FieldFault>> {
        let mut faults = Faults::default();
        let given = faults.name("given", &self.given);
        let family = faults.name("family", &self.family);
        let written = if self.name.trim().is_empty() {
            format!("{} {}", self.given.trim(), self.family.trim())
        } else {
            self.name.clone()
        };
        let name = faults.keep("name", Name::parse(&written).map_err(crate::name::BadName::message));
        let born = faults.date("born", &self.born, rules);
        let died = if self.died.is_empty() { None } else { Some(faults.date("died", &self.died, rules)) };
        if died.is_some_and(|died| surely_before(died, born)) {
            faults.add("died", "identity-fault-died-before-born");
        }
        let sex = faults.word("sex", &self.sex, Sex::Unknown, Sex::from_word);
        let standing = faults.word("standing", &self.standing, Standing::Unknown, Standing::from_word);
        let birth_place = Place {
            code: faults.place("birth_place", &self.birth_place, rules),
            text: faults.line("birth_place_text", &self.birth_place_text),
        };
        let address = Address {
            place: faults.place("address_place", &self.address_place, rules),
            lines: faults.address(&self.address_lines),
        };
        let other_names = faults.other_names(&self.other_names);
        let mother = faults.name("mother", &self.mother);
        let father = faults.name("father", &self.father);
        let phone = faults.optional("phone", &self.phone, phone);
        let email = faults.optional("email", &self.email, email);
        let language = faults
            .optional("language", &self.language, |tag| Lang::parse(tag).ok_or("identity-fault-language"));
        let photo = faults.optional("photo", &self.photo, blob_name);
        let Some(name) = name.filter(|_| faults.0.is_empty()) else { return Err(faults.0) };
        Ok(Person {
            name,
            given,
            family,
            other_names,
            born,
            birth_place,
            sex,
            mother,
            father,
            address,
            phone,
            email,
            language,
            standing,
            died,
            photo,
        })
    }
}

/// Whether the first date lies before the second whatever their unknown parts are.
fn surely_before(first: PartialDate, second: PartialDate) -> bool {
    let parts = |d: PartialDate| [d.year().map(i32::from), d.month().map(i32::from), d.day().map(i32::from)];
    for (a, b) in parts(first).into_iter().zip(parts(second)) {
        match (a, b) {
            (Some(a), Some(b)) if a != b => return a < b,
            (Some(_), Some(_)) => {}
            _ => return false,
        }
    }
    false
}

#[derive(Default)]
struct Faults(Vec<FieldFault>);

impl Faults {
    fn add(&mut self, field: &str, message: &'static str) {
        self.0.push(FieldFault { field: field.into(), message: message.into() });
    }
    fn keep<T>(&mut self, field: &str, outcome: Result<T, &'static str>) -> Option<T> {
        outcome.map_err(|message| self.add(field, message)).ok()
    }
    fn optional<T>(
        &mut self,
        field: &str,
        text: &str,
        f: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        let text = text.trim();
        if text.is_empty() { None } else { self.keep(field, f(text)) }
    }
    fn name(&mut self, field: &str, text: &str) -> Option<Name> {
        self.optional(field, text, |text| Name::parse(text).map_err(crate::name::BadName::message))
    }
    fn other_names(&mut self, texts: &[String]) -> Vec<Name> {
        if texts.len() > MAX_OTHER_NAMES {
            self.add("other_names", "identity-fault-other-names-many");
            return Vec::new();
        }
        texts.iter().filter_map(|text| self.name("other_names", text)).collect()
    }
    fn date(&mut self, field: &str, text: &str, rules: &Rules<'_>) -> PartialDate {
        use daftar_kernel::date::BadDate;
        let date = match text.trim().parse::<PartialDate>() {
            Ok(date) => date,
            Err(BadDate::Form(_)) => {
                self.add(field, "identity-fault-date-form");
                PartialDate::Unknown
            }
            Err(BadDate::Calendar(_)) => {
                self.add(field, "identity-fault-date-calendar");
                PartialDate::Unknown
            }
        };
        if surely_before(PartialDate::Day(rules.today), date) {
            self.add(field, "identity-fault-date-future");
        }
        date
    }
    fn word<T>(&mut self, field: &str, text: &str, empty: T, of: impl Fn(&str) -> Option<T>) -> T {
        match text.trim() {
            "" => empty,
            word => of(word).unwrap_or_else(|| {
                self.add(field, "identity-fault-choice");
                empty
            }),
        }
    }
    fn place(&mut self, field: &str, code: &str, rules: &Rules<'_>) -> Option<String> {
        self.optional(field, code, |code| {
            let known = code.len() <= MAX_PLACE_CODE && (rules.knows_place)(code);
            if known { Ok(code.to_string()) } else { Err("identity-fault-place") }
        })
    }
    fn line(&mut self, field: &str, text: &str) -> Option<String> {
        self.optional(field, text, line).filter(|line| !line.is_empty())
    }
    fn address(&mut self, lines: &[String]) -> Vec<String> {
        let lines: Vec<String> = lines.iter().filter_map(|text| self.line("address_lines", text)).collect();
        if lines.len() > MAX_ADDRESS_LINES {
            self.add("address_lines", "identity-fault-address-lines");
        }
        lines
    }
}

fn line(text: &str) -> Result<String, &'static str> {
    plain_text(text, MAX_LINE_CHARS).map_err(|fault| match fault {
        BadText::TooLong => "identity-fault-text-long",
        BadText::Invisible => "identity-fault-text-invisible",
        BadText::Damaged => "identity-fault-text-damaged",
        BadText::Marks => "identity-fault-text-marks",
    })
}

fn phone(text: &str) -> Result<String, &'static str> {
    let mut out = String::new();
    for c in text.chars() {
        match record_linkage::digit::decimal_digit(c) {
            Some(digit) => out.push(char::from(b'0' + digit)),
            None if c == '+' && out.is_empty() => out.push('+'),
            None if c.is_whitespace() || matches!(c, '-' | '.' | '(' | ')' | '/') => {}
            None => return Err("identity-fault-phone"),
        }
    }
    // E.164 §6.2.1: at most 15 digits; three are the shortest a village exchange had.
    let digits = out.trim_start_matches('+').len();
    if (3..=15).contains(&digits) { Ok(out) } else { Err("identity-fault-phone") }
}

fn email(text: &str) -> Result<String, &'static str> {
    const FAULT: &str = "identity-fault-email";
    let text = plain_text(text, MAX_EMAIL_CHARS).map_err(|_| FAULT)?;
    let (local, domain) = text.rsplit_once('@').ok_or(FAULT)?;
    let no_space = text
        .chars()
        .all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"'));
    let label_ok = |l: &str| !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-');
    let good = no_space
        && !local.is_empty()
        && !local.contains('@')
        && local.len() <= 64
        && domain.contains('.')
        && domain.split('.').all(label_ok);
    if good { Ok(text) } else { Err(FAULT) }
}

/// Blob names are what the store hands out: up to 128 letters, digits and `-`.
fn blob_name(text: &str) -> Result<String, &'static str> {
    let good = text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if good { Ok(text.to_string()) } else { Err("identity-fault-photo") }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn rules() -> Rules<'static> {
        Rules { today: jiff::civil::date(2026, 11, 23), knows_place: &|code| code.starts_with("p-") }
    }

    fn entry(name: &str) -> Entry {
        Entry { name: name.into(), ..Entry::default() }
    }

    #[test]
    fn a_single_name_is_enough() {
        let person = entry("Sukarno").check(&rules()).unwrap();
        assert_eq!(
            (person.born, person.sex, person.standing),
            (PartialDate::Unknown, Sex::Unknown, Standing::Unknown)
        );
        assert_eq!(person.given, None);
        assert_eq!(format!("{person:?}"), "Person(…)");
    }

    #[test]
    fn parts_make_a_name() {
        let parts = Entry { given: "Amina".into(), family: "Diallo".into(), ..Entry::default() };
        assert_eq!(parts.check(&rules()).unwrap().name.as_str(), "Amina Diallo");
        let only_given = Entry { given: "Amina".into(), ..Entry::default() };
        assert_eq!(only_given.check(&rules()).unwrap().name.as_str(), "Amina");
    }

    #[test]
    fn all_faults_at_once() {
        let bad = Entry {
            name: "<".into(),
            born: "2027-01-01".into(),
            died: "31.12.1999".into(),
            sex: "man".into(),
            standing: "alien".into(),
            birth_place: "nowhere".into(),
            address_lines: vec!["x".repeat(MAX_LINE_CHARS + 1)],
            phone: "call me".into(),
            email: "a@b".into(),
            language: "en_US".into(),
            photo: "../etc".into(),
            other_names: vec![String::from("A"); MAX_OTHER_NAMES + 1],
            ..Entry::default()
        };
        let faults = bad.check(&rules()).unwrap_err();
        let mut fields: Vec<&str> = faults.iter().map(|f| f.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "address_lines",
                "birth_place",
                "born",
                "died",
                "email",
                "language",
                "name",
                "other_names",
                "phone",
                "photo",
                "sex",
                "standing"
            ]
        );
    }

    #[test]
    fn dates_that_cannot_be() {
        let dates = |born: &str, died: &str| {
            Entry { born: born.into(), died: died.into(), ..entry("A B") }.check(&rules()).is_ok()
        };
        assert!(dates("1950", "1950-03"), "within the unknown part anything may be");
        assert!(dates("", "1990"));
        assert!(dates("2026-11-23", ""));
        assert!(dates("2026-11", ""));
        assert!(!dates("2026-12", ""));
        assert!(!dates("2026-11-24", ""));
        assert!(!dates("1950-03-02", "1950-03-01"));
        assert!(!dates("1950", "1949-12-31"));
    }

    #[test]
    fn contacts() {
        assert_eq!(phone("+216 (71) 123-456"), Ok("+21671123456".into()));
        assert_eq!(phone("٧١ ١٢٣ ٤٥٦"), Ok("71123456".into()));
        assert!(phone("1234567890123456").is_err());
        assert!(phone("12+3").is_err());
        for good in ["a@b.example", "first.last+tag@sub.example.org", "é@exämple.org"] {
            assert_eq!(email(good).as_deref(), Ok(good));
        }
        let long = format!("a@{}.org", "b".repeat(64));
        for bad in
            ["a", "@b.c", "a@b", "a b@c.d", "a@b..c", "a@-b.c", "a@b@c.d", "a@b.c\r\nBcc: x@y.z", &long]
        {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn entry_and_person_are_inverse() {
        let full = Entry {
            name: "فاطمة الزهراء".into(),
            other_names: vec!["Fatima Zahra".into()],
            born: "1984-03".into(),
            birth_place: "p-1".into(),
            birth_place_text: "الحي القديم".into(),
            sex: "female".into(),
            mother: "خديجة".into(),
            address_place: "p-2".into(),
            address_lines: vec!["behind the mill".into()],
            phone: "+21671123456".into(),
            email: "f@z.example".into(),
            language: "ar".into(),
            standing: "refugee".into(),
            photo: "ab12".into(),
            ..Entry::default()
        };
        let person = full.check(&rules()).unwrap();
        assert_eq!(person.entry(), full);
        assert_eq!(person.entry().check(&rules()), Ok(person.clone()));
        let text = serde_json::to_string(&person).unwrap();
        assert_eq!(serde_json::from_str::<Person>(&text).unwrap(), person);
        let moved =
            Entry { address_place: "p-3".into(), email: String::new(), ..full }.check(&rules()).unwrap();
        assert_eq!(person.differences(&moved), ["address", "contacts"]);
        assert_eq!(person.differences(&person), Vec::<&str>::new());
    }

    #[test]
    fn unknown_fields_are_refused() {
        assert!(serde_json::from_str::<Entry>(r#"{"name":"A","religion":"x"}"#).is_err());
    }
}
