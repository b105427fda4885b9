use crate::{changed, country, demo, demo_folder, permissions};
use daftar_kernel::{Lang, Timestamp};
use daftar_packs::{Country, Source, diff};
use jiff::civil::date;

fn lang(tag: &str) -> Lang {
    Lang::parse(tag).unwrap()
}

#[test]
fn the_demo_pack_has_no_fault() {
    let country = Country::load(&demo_folder(), &permissions()).unwrap_or_else(|faults| {
        panic!("{}", faults.iter().map(|fault| format!("{fault}\n")).collect::<String>());
    });
    assert_eq!(country.names.get(&lang("ar")), "جمهورية زهرانة");
    assert_eq!(country.roster.complaint_desk("ombudsman").map(|o| o.code.as_str()), Some("court-registry"));
    assert!(country.roster.administration().is_some());
    assert!(country.crest.as_deref().is_some_and(|svg| svg.starts_with("<svg ")));
    assert!(country.forms.contains_key("person-registration"));
    assert!(country.is_reviewed(&lang("en")) && !country.is_reviewed(&lang("ar")));
}

#[test]
fn places_have_names_in_four_scripts_and_a_history() {
    let country = country(&demo()).unwrap();
    let today = date(2026, 11, 23);
    assert!((55..=70).contains(&country.places.innermost(today).count()));
    assert_eq!(country.places.inside(None, today).count(), 3);
    let name = |code: &str, tag: &str| country.places.get(code).unwrap().names.get(&lang(tag)).to_string();
    assert_eq!((name("32", "am").as_str(), name("33", "hi").as_str()), ("አምባ ሰላም", "नयापुर"));
    assert_eq!(country.places.path_on("2201", date(1990, 1, 1))[1].code, "20");
    assert_eq!(country.places.path_on("2201", today)[1].code, "22");
    assert!(country.places.get_on("1308", today).is_none(), "Old Sadir lies under the lake");
    assert!(country.places.full_name("1308", &lang("en")).starts_with("Old Sadir, "));
    assert!(country.places.innermost(today).all(|place| place.population.is_some()));
}

#[test]
fn days_begin_at_midnight_in_the_country() {
    let country = country(&demo()).unwrap();
    let begins = country.day_begins(date(2026, 12, 1));
    assert_eq!(begins.to_rfc3339(), "2026-11-30T23:00:00Z");
    assert_eq!(country.day(begins), date(2026, 12, 1));
    assert_eq!(country.day(Timestamp(begins.0 - 1)), date(2026, 11, 30));
}

#[test]
fn every_planted_fault_is_found_with_its_line() {
    type Plant = fn(&str) -> String;
    let plants: &[(&str, Plant, &str)] = &[
        ("country.toml", |t| t.replace("Africa/Tunis", "Africa/Nowhere"), "no time zone"),
        ("country.toml", |t| t.replace("time_zone", "timezone"), "unknown key 'timezone'"),
        ("country.toml", |t| t.replace("ar = \"جمهورية زهرانة\"", "sw = \"Zahrana\""), "no text in 'ar'"),
        ("country.toml", |t| t.replace("\"QZ\"", "\"qz\""), "not a code"),
        ("country.toml", |t| t.replace("daftar-country/1", "daftar-country/9"), "cannot read this format"),
        ("places.toml", |t| t.replacen("parent = \"1\"", "parent = \"9\"", 1), "does not exist"),
        ("agencies.toml", |t| t.replacen("place = \"1\"", "place = \"99\"", 1), "place '99' does not exist"),
        ("agencies.toml", |t| t.replace(", \"court-registry\"]", "]"), "fewer than two agencies"),
        ("roles.toml", |t| t.replacen("identity.person.read", "identity.person.raed", 1), "did you mean"),
        ("purposes.toml", |t| t.replacen("Police Act 2006, article 18", "", 1), "no legal basis"),
        ("retention.toml", |t| t.replacen("years = 5", "years = -5", 1), "whole number"),
        ("civil.toml", |t| t.replace("age_of_majority = 18", "age_of_majority = 0"), "whole number"),
        (
            "forms/person-registration.toml",
            |t| t.replace("\"Father's name\"", "\"Father's tribe\""),
            "asks for tribe",
        ),
        (
            "forms/person-registration.toml",
            |t| t.replace("id = \"email\"", "id = \"religion\""),
            "asks for religion",
        ),
        (
            "forms/person-registration.toml",
            |t| t.replace("ar = \"اسم الأب\"", "ar = \"القبيلة\""),
            "asks for tribe",
        ),
        (
            "forms/person-registration.toml",
            |t| t.replace("kind = \"phone\"", "kind = \"fax\""),
            "no kind 'fax'",
        ),
        ("locales/fr.ftl", |t| format!("{t}a = {{ $n\n"), "not Fluent"),
        ("crest.svg", |t| t.replace("<title>", "<script/><title>"), "<script>"),
    ];
    for (path, plant, expected) in plants {
        let faults = country(&changed(path, plant)).unwrap_err();
        let found = faults.iter().find(|fault| fault.to_string().contains(expected));
        let found = found.unwrap_or_else(|| panic!("{path}: {expected}: {faults:#?}"));
        assert_eq!(found.file, *path);
        assert!(found.line > 0 || *path == "country.toml", "{found}");
        assert!(!found.remedy.is_empty());
    }
}

#[test]
fn all_faults_come_at_once() {
    let mut files: Vec<(String, Vec<u8>)> = demo().files().map(|(p, b)| (p.into(), b.into())).collect();
    files.retain(|(path, _)| path != "purposes.toml");
    for (path, bytes) in &mut files {
        if path == "country.toml" {
            bytes.extend_from_slice(b"\ncolour = 1\n");
        }
        if path == "roles.toml" {
            *bytes = vec![0xff, 0xfe];
        }
    }
    files.push(("setup.exe".into(), vec![0]));
    let faults = country(&Source::of(files)).unwrap_err();
    for file in ["country.toml", "purposes.toml", "roles.toml", "setup.exe"] {
        assert!(faults.iter().any(|fault| fault.file == file), "{file}: {faults:#?}");
    }
}

#[test]
fn a_diff_says_every_change_and_nothing_else() {
    let old = country(&demo()).unwrap();
    assert_eq!(diff(&old, &old), []);
    let lines = |path: &str, change: fn(&str) -> String| {
        let new = country(&changed(path, change)).unwrap();
        diff(&old, &new).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        lines("roles.toml", |t| t.replacen("  \"identity.person.correct\",\n", "", 1)),
        ["roles.toml: role 'registrar' loses permission identity.person.correct 'yes'"]
    );
    assert_eq!(
        lines("country.toml", |t| t.replace("2026.1", "2026.2")),
        ["country.toml: the country: version '2026.1' becomes '2026.2'"]
    );
    assert_eq!(
        lines("places.toml", |t| t.replace("Lulu Island", "Pearl Island")),
        ["places.toml: place '1204' from 1961-03-20: name in en 'Lulu Island' becomes 'Pearl Island'"]
    );
    assert_eq!(
        lines("forms/person-registration.toml", |t| t
            .replace("kind = \"phone\"", "kind = \"phone\"\nrequired = true")),
        ["forms/person-registration.toml: field 'phone': required 'false' becomes 'true'"]
    );
    assert_eq!(
        lines("purposes.toml", |t| format!("# a note\n{t}")),
        ["purposes.toml: only comments, spaces or the order of entries change"]
    );
    assert_eq!(lines("README.md", |t| format!("{t}more\n")).len(), 1);
}

#[test]
fn name_lists_are_long_enough_for_a_country() {
    let source = demo();
    let mut scripts = 0;
    for (path, bytes) in source.inside("people") {
        let table: toml::Table = std::str::from_utf8(bytes).unwrap().parse().unwrap();
        let list = |key: &str| {
            let list: Vec<_> = table.get(key).into_iter().flat_map(|v| v.as_array().unwrap()).collect();
            for (place, name) in list.iter().enumerate() {
                assert!(!list[..place].contains(name), "{path}: {name} is there twice");
            }
            list.len()
        };
        assert!(list("female") >= 60 && list("male") >= 60, "{path}");
        let has_families = table["style"].as_str() != Some("given-father-grandfather");
        assert!(!has_families || list("family") >= 80, "{path}");
        scripts += 1;
    }
    assert_eq!(scripts, 4);
}
