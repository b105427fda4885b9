use super::*;
use crate::entry::tests::rules;
use crate::person::Entry;
use proptest::prelude::*;

fn entry(name: &str, born: &str, place: &str) -> Entry {
    Entry { name: name.into(), born: born.into(), birth_place_text: place.into(), ..Entry::default() }
}
fn person(entry: &Entry) -> Person {
    entry.check(&rules()).unwrap()
}
fn bits(a: &Entry, b: &Entry) -> i64 {
    Scales::starting().unwrap().weigh(&person(a), &person(b)).millibits
}
/// Whether somebody of these three is a candidate for John Smith of Leeds.
fn found(name: &str, born: &str, place: &str) -> bool {
    bits(&entry("John Smith", "1956-06-20", "Leeds"), &entry(name, born, place)) >= CANDIDATE_MILLIBITS
}

#[test]
fn slips_are_found() {
    assert!(found("John Smith", "1956-06-20", "Leeds"));
    assert!(found("smith, john", "1956-06-20", ""), "the order of names");
    assert!(found("Jon Smyth", "1956-06-20", ""), "spelling");
    assert!(found("John Albert Smith", "1956-06-20", ""), "a middle name");
    assert!(found("John Smith", "1956", "leeds"));
    // OpenCRVS issue 13703: a year off by up to three, one part of the date, the year alone.
    for slip in ["1955-06-20", "1957-06-20", "1959-06-20", "1953-06-20", "1956-06-21", "1956-07-20", "1956"] {
        assert!(found("John Smith", slip, ""), "{slip}");
    }
    assert!(found("John Smith", "", "Leeds"), "no date, but the place");
    assert!(bits(&entry("Amina Diallo", "1956-06-10", ""), &entry("Amina Diallo", "1956-10-06", "")) > 0);
    assert!(bits(&entry("Sukarno", "1956-06-10", "Blitar"), &entry("Sukarno", "1956-06-10", "Blitar")) > 0);
}

#[test]
fn strangers_are_not() {
    assert!(!found("John Smith", "", ""), "a common name alone proves nothing");
    assert!(!found("John Smith", "1960-06-20", ""), "more than three years");
    assert!(!found("John Smith", "1956-07-21", ""), "day and month");
    assert!(!found("Peter Brown", "1956-06-20", "leeds"));
    assert!(!found("Jack Brown", "1956-06-20", "leeds"));
}

#[test]
fn names_meet_across_scripts() {
    let latin = entry("Mohammed Khalid", "1990-02-13", "");
    assert!(bits(&latin, &entry("محمد خالد", "1990-02-13", "")) > 0);
    assert!(bits(&latin, &entry("محمد خالد", "1971-11-02", "")) < 0);
    let both = Entry { other_names: vec!["محمد خالد".into()], ..latin.clone() };
    assert!(
        bits(&both, &entry("محمد خالد", "1990-02-13", ""))
            > bits(&latin, &entry("محمد خالد", "1990-02-13", "")),
        "the best of the names counts"
    );
}

/// A house in which everything but what makes somebody themselves is the same.
fn of_the_house(name: &str, born: &str) -> Entry {
    Entry {
        sex: "female".into(),
        mother: "Fatou Keita".into(),
        father: "Moussa Diallo".into(),
        address_lines: vec!["12 behind the mill".into()],
        ..entry(name, born, "Marsa")
    }
}

#[test]
fn twins_and_namesakes_are_kept_apart_and_told_why() {
    let one = of_the_house("Amina Diallo", "1990-02-13");
    for other in [of_the_house("Khadija Diallo", "1990-02-13"), of_the_house("Salma Diallo", "1993-09-04")] {
        let weight = Scales::starting().unwrap().weigh(&person(&one), &person(&other));
        assert!(!weight.is_candidate(), "{weight:?}");
        let relatives = weight.lines.iter().find(|line| line.about == "relatives").unwrap();
        assert!(relatives.millibits < -4_000, "{relatives:?}");
    }
    let mother = Entry {
        mother: "Awa Sow".into(),
        father: "Ali Keita".into(),
        ..of_the_house("Amina Diallo", "1962-05-30")
    };
    assert!(bits(&one, &mother) < CANDIDATE_MILLIBITS, "parent and child of one name");
    assert!(bits(&one, &of_the_house("Amina Dialo", "1990-02-13")) > CANDIDATE_MILLIBITS);
}

#[test]
fn two_codes_that_differ_by_a_digit_are_two_places() {
    let at =
        |code: &str| person(&Entry { birth_place: code.into(), ..entry("Amina Diallo", "1990-02-13", "") });
    let (here, there) = (at("p-north-1"), at("p-north-2"));
    let line = |weight: Weight| weight.lines.into_iter().find(|line| line.about == "birth-place").unwrap();
    let scales = Scales::starting().unwrap();
    assert_eq!(line(scales.weigh(&here, &here)).levels, ["same"]);
    assert_eq!(line(scales.weigh(&here, &there)).levels, ["different"]);
}

#[test]
fn every_word_has_a_message() {
    let english = format!("\n{}", include_str!("../locales/en.ftl"));
    let mut keys: Vec<String> =
        record_linkage::words().iter().map(|word| format!("identity-level-{}", level_key(word))).collect();
    keys.retain(|key| !key.ends_with("-part"));
    keys.extend(
        field_words().iter().chain(&["relatives", "prior"]).map(|word| format!("identity-weigh-{word}")),
    );
    for key in keys {
        assert!(english.contains(&format!("\n{key} =")), "{key}");
    }
}

proptest! {
    #[test]
    fn symmetric_reflexive_and_the_sum_of_its_lines(
        a in "[a-f]{2,5} [a-f]{2,5}", b in "[a-f]{2,5} [a-f]{2,5}",
        x in 1950_i16..1955, y in 1950_i16..1955, m in 1_i8..4, n in 1_i8..4,
    ) {
        let make = |name: &str, year, month| person(&entry(name, &format!("{year}-{month:02}-03"), "Leeds"));
        let (p, q) = (make(&a, x, m), make(&b, y, n));
        let scales = Scales::starting().unwrap();
        let weight = scales.weigh(&p, &q);
        prop_assert_eq!(&weight, &scales.weigh(&q, &p));
        prop_assert_eq!(weight.millibits, weight.lines.iter().map(|line| line.millibits).sum::<i64>());
        prop_assert!(scales.weigh(&p, &p).is_candidate());
    }
}
