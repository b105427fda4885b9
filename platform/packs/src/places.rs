//! Where people live: a tree of areas whose names and borders change over time.

use daftar_kernel::Lang;
use daftar_office::roster::Label;
use daftar_ports::toml_reader::{Reader, Table};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Deepest tree: country, region, district, town, quarter and room for three more.
pub const DEPTH_MAX: usize = 8;
/// Most places in a country.
pub const PLACES_MAX: usize = 200_000;

/// An area with a name: a region, a district, a town. When its name, kind or parent changes, the same code stands there again
/// with the days of the new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its code: lower-case letters, digits and hyphens. A code is never given to another place.
    pub code: String,
    /// The place around it; none for the outermost.
    pub parent: Option<String>,
    /// Code of its kind, e.g. `district`.
    pub kind: String,
    /// Its names by language; also in languages the pages do not speak.
    pub names: Label,
    /// The first day it is so.
    pub from: Date,
    /// The first day it is so no more; none while it is.
    pub until: Option<Date>,
    /// How many people the last census counted; for shares and rates.
    pub population: Option<u32>,
}

impl Place {
    /// Whether it exists on a day.
    #[must_use]
    pub fn exists_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// All places of a country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    kinds: BTreeMap<String, Label>,
    /// In the order of the file, which is the order shown.
    places: Vec<Place>,
    /// The versions of each code, by their first day.
    by_code: BTreeMap<String, Vec<usize>>,
    children: BTreeMap<Option<String>, Vec<usize>>,
}

impl Places {
    /// The newest version of the place of this code, whether it still exists or not.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Place> {
        self.versions(code).last()
    }
    /// The place of this code as it was on a day.
    #[must_use]
    pub fn get_on(&self, code: &str, day: Date) -> Option<&Place> {
        self.versions(code).find(|place| place.exists_on(day))
    }
    /// All versions of the place of this code, oldest first.
    pub fn versions(&self, code: &str) -> impl DoubleEndedIterator<Item = &Place> {
        self.by_code.get(code).into_iter().flatten().filter_map(|at| self.places.get(*at))
    }
    /// The name of a kind of place.
    #[must_use]
    pub fn kind(&self, code: &str) -> Option<&Label> {
        self.kinds.get(code)
    }
    /// The kinds of places by code.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, &Label)> {
        self.kinds.iter().map(|(code, label)| (code.as_str(), label))
    }
    /// How many places there are or were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_code.len()
    }
    /// Whether there is no place.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }
    /// All versions of all places in the order of the file.
    pub fn all(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }
    /// The places that exist on a day.
    pub fn on(&self, day: Date) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(move |place| place.exists_on(day))
    }
    /// The places directly inside another (or the outermost ones) that exist on a day.
    pub fn inside(&self, parent: Option<&str>, day: Date) -> impl Iterator<Item = &Place> {
        let children = self.children.get(&parent.map(String::from));
        children.into_iter().flatten().filter_map(|at| self.places.get(*at)).filter(move |p| p.exists_on(day))
    }
    /// The places on a day inside which there is no other: where people live.
    pub fn innermost(&self, day: Date) -> impl Iterator<Item = &Place> {
        self.on(day).filter(move |place| self.inside(Some(&place.code), day).next().is_none())
    }
    /// The newest version of the place and of those around it, innermost first; empty for an unknown code.
    #[must_use]
    pub fn path(&self, code: &str) -> Vec<&Place> {
        self.climb(code, |code| self.get(code))
    }
    /// The place and those around it as they were on a day, innermost first; empty when it did not exist.
    #[must_use]
    pub fn path_on(&self, code: &str, day: Date) -> Vec<&Place> {
        self.climb(code, |code| self.get_on(code, day))
    }
    fn climb<'p>(&'p self, code: &str, get: impl Fn(&str) -> Option<&'p Place>) -> Vec<&'p Place> {
        let mut path = Vec::new();
        let mut next = get(code);
        while let Some(place) = next {
            path.push(place);
            next = place.parent.as_deref().filter(|_| path.len() < DEPTH_MAX).and_then(&get);
        }
        path
    }
    /// The name with those of the places around it: `Sidi Karim, Sahl Amani, Central Plain`. Empty for an unknown code.
    #[must_use]
    pub fn full_name(&self, code: &str, lang: &Lang) -> String {
        // U+060C is the comma of the Arabic script.
        let comma = if lang.dir() == "rtl" { "\u{60c} " } else { ", " };
        self.path(code).iter().map(|place| place.names.get(lang)).collect::<Vec<_>>().join(comma)
    }
    /// Whether one place lies in another by their newest versions, or is it.
    #[must_use]
    pub fn is_within(&self, code: &str, outer: &str) -> bool {
        self.path(code).iter().any(|place| place.code == outer)
    }

    /// Reads `places.toml`. Every place must have a name in these languages.
    pub(crate) fn read(reader: &Reader<'_>, top: &Table<'_, '_>, languages: &[Lang]) -> Self {
        let mut places = Self::default();
        for table in top.tables("kinds") {
            if let (Some(code), Some(label)) = (code(&table), table.label_in("label", languages))
                && places.kinds.insert(code.clone(), label).is_some()
            {
                table.fault("code", format!("'{code}' is there twice"), "Remove one of them");
            }
            table.finish();
        }
        let mut lines = Vec::new();
        for table in top.tables("places") {
            if places.places.len() == PLACES_MAX {
                table.fault("code", format!("more than {PLACES_MAX} places"), "Ask for a higher limit");
                break;
            }
            if let Some(place) = place(&table, &places, languages) {
                let at = places.places.len();
                places.by_code.entry(place.code.clone()).or_default().push(at);
                places.children.entry(place.parent.clone()).or_default().push(at);
                places.places.push(place);
                lines.push(Lines {
                    code: table.line_of("code"),
                    parent: table.line_of("parent"),
                    from: table.line_of("from"),
                });
            }
            table.finish();
        }
        if places.places.is_empty() {
            reader.fault_at(
                0,
                "there is no place",
                "Add [[places]]: at least the country itself or its regions",
            );
        }
        for versions in places.by_code.values_mut() {
            versions.sort_by_key(|at| places.places[*at].from);
        }
        places.check_versions(reader, &lines);
        places.check_tree(reader, &lines);
        places
    }

    /// The versions of one code follow one another.
    fn check_versions(&self, reader: &Reader<'_>, lines: &[Lines]) {
        for versions in self.by_code.values() {
            for pair in versions.windows(2) {
                let (earlier, later) = (&self.places[pair[0]], &self.places[pair[1]]);
                if earlier.until.is_none_or(|until| until > later.from) {
                    let message = format!("'{}' is there twice at the same time", later.code);
                    let remedy = "Give each place a code of its own; for a new version of a place write when the old one ends";
                    reader.fault_at(lines[pair[1]].code, message, remedy);
                }
            }
        }
    }

    /// Every parent is there for as long, and the tree is one.
    fn check_tree(&self, reader: &Reader<'_>, lines: &[Lines]) {
        for (place, lines) in self.places.iter().zip(lines) {
            let Some(code) = &place.parent else { continue };
            if self.get(code).is_none() {
                let message = format!("'{code}', the parent of '{}', does not exist", place.code);
                reader.fault_at(lines.parent, message, "Correct the code or declare the place");
            } else if !self.covers(code, place.from, place.until) {
                let message = format!("'{}' exists at times when '{code}' around it does not", place.code);
                reader.fault_at(lines.from, message, "Correct from and until of one of them");
            } else if self.climbs_too_far(place) {
                let message = format!("'{}' lies in a circle, or more than {DEPTH_MAX} deep", place.code);
                reader.fault_at(lines.parent, message, "Correct the parent");
            }
        }
    }

    /// Whether the versions of a code leave no gap between two days.
    fn covers(&self, code: &str, from: Date, until: Option<Date>) -> bool {
        let mut covered = from;
        for version in self
            .versions(code)
            .filter(|version| version.from <= from || version.until.is_none_or(|u| u > from))
        {
            if version.from > covered {
                return false;
            }
            match version.until {
                None => return true,
                Some(end) => covered = covered.max(end),
            }
        }
        until.is_some_and(|until| until <= covered)
    }

    fn climbs_too_far(&self, place: &Place) -> bool {
        let mut seen = BTreeSet::from([place.code.as_str()]);
        let mut next = place.parent.as_deref();
        while let Some(parent) = next.and_then(|code| self.get_on(code, place.from)) {
            if !seen.insert(&parent.code) || seen.len() > DEPTH_MAX {
                return true;
            }
            next = parent.parent.as_deref();
        }
        false
    }
}

/// Lines of one entry, for faults found when all are read.
struct Lines {
    code: usize,
    parent: usize,
    from: usize,
}

fn place(table: &Table<'_, '_>, places: &Places, languages: &[Lang]) -> Option<Place> {
    let kind = table.text("kind");
    if let Some(kind) = kind.as_ref().filter(|kind| !places.kinds.contains_key(*kind)) {
        table.fault(
            "kind",
            format!("'{kind}' is no kind of place"),
            "Declare it under [[kinds]] or correct it",
        );
    }
    let (code, names) = (code(table), table.label_in("names", languages));
    let (from, until) = (table.date("from"), table.date_opt("until"));
    let parent = table.text_opt("parent");
    let population = table.number_opt("population", 0..=2_000_000_000).and_then(|n| u32::try_from(n).ok());
    let (code, kind, names, from) = (code?, kind?, names?, from?);
    if until.is_some_and(|until| until <= from) {
        table.fault("until", format!("'{code}' ends before it begins"), "Write a later date");
    }
    Some(Place { code, parent, kind, names, from, until, population })
}

fn code(table: &Table<'_, '_>) -> Option<String> {
    let code = table.text("code")?;
    let part_ok = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if code.len() > 60 || !code.split('-').all(part_ok) {
        table.fault(
            "code",
            format!("'{code}' is not a code"),
            "Write lower-case letters, digits and single hyphens",
        );
        return None;
    }
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const KINDS: &str = "[[kinds]]\ncode='region'\nlabel={en='Region'}\n";

    fn read(places: &str) -> (Places, Vec<String>) {
        let text = format!("{KINDS}{places}");
        let reader = Reader::new("places.toml", &text);
        let parsed = reader.parse();
        let top = reader.top(&parsed);
        let places = Places::read(&reader, &top, &[Lang::english()]);
        top.finish();
        (places, reader.into_faults().iter().map(ToString::to_string).collect())
    }

    fn place(code: &str, rest: &str) -> String {
        format!(
            "[[places]]\ncode='{code}'\nkind='region'\nnames={{en='{}'}}\nfrom=1960-01-01\n{rest}\n",
            code.to_uppercase()
        )
    }

    #[test]
    fn a_tree_over_time() {
        let text = [place("n", ""), place("n-1", "parent='n'\nuntil=1990-01-01"), place("n-2", "parent='n'")]
            .concat();
        let (places, faults) = read(&text);
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(places.inside(Some("n"), date(1989, 12, 31)).count(), 2);
        assert_eq!(places.inside(Some("n"), date(1990, 1, 1)).count(), 1);
        assert_eq!(places.on(date(1950, 1, 1)).count(), 0);
        assert_eq!(places.full_name("n-2", &Lang::english()), "N-2, N");
        assert_eq!(places.full_name("x", &Lang::english()), "");
        assert!(places.is_within("n-1", "n") && !places.is_within("n", "n-1"));
        assert_eq!(places.innermost(date(1990, 1, 1)).map(|p| p.code.as_str()).collect::<Vec<_>>(), ["n-2"]);
    }

    #[test]
    fn a_place_may_move_to_another_around_it() {
        let split = "from=1990-01-01";
        let text = [
            place("old", "until=1990-01-01"),
            place("new", "").replace("from=1960-01-01", split),
            place("town", "parent='old'\nuntil=1990-01-01"),
            place("town", "parent='new'").replace("from=1960-01-01", split),
        ]
        .concat();
        let (places, faults) = read(&text);
        assert_eq!(faults, Vec::<String>::new());
        let around = |day| places.path_on("town", day).iter().map(|p| p.code.clone()).collect::<Vec<_>>();
        assert_eq!(around(date(1989, 1, 1)), ["town", "old"]);
        assert_eq!(around(date(1990, 1, 1)), ["town", "new"]);
        assert_eq!(places.versions("town").count(), 2);
        assert_eq!(places.get("town").and_then(|p| p.parent.as_deref()), Some("new"));
        let (_, faults) = read(&text.replace("until=1990-01-01", "until=1991-01-01"));
        assert!(faults.iter().any(|fault| fault.contains("twice at the same time")), "{faults:?}");
    }

    #[test]
    fn each_mistake_is_found() {
        for (text, expected) in [
            (place("n", "parent='m'"), "does not exist"),
            ([place("a", "parent='b'"), place("b", "parent='a'")].concat(), "circle"),
            ([place("a", "until=1980-01-01"), place("b", "parent='a'")].concat(), "around it does not"),
            (place("a", "until=1950-01-01"), "ends before"),
            ([place("a", ""), place("a", "")].concat(), "twice"),
            (place("A", ""), "not a code"),
            (place("a", "color='red'"), "unknown key 'color'"),
            (place("a", "").replace("region", "realm"), "no kind of place"),
            (place("a", "").replace("en=", "fr="), "no text in 'en'"),
            (place("a", "").replace("from=1960-01-01", ""), "'from' is missing"),
            (String::new(), "there is no place"),
        ] {
            let (_, faults) = read(&text);
            assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:?}");
        }
    }
}
