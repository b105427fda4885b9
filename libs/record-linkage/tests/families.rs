//! What linkage does with invented people: the slips of one person, and the likeness of families.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use proptest::prelude::*;
use record_linkage::invented::{self, Invented, Likeness};
use record_linkage::{Explanation, Index, Linked, Model, Options, link};
use std::collections::BTreeMap;

fn linked(file: &Invented, threads: usize) -> Linked {
    let options = Options { threads, ..Options::default() };
    link(&invented::schema().unwrap(), &file.rows, &options, |_| {}).unwrap()
}

/// For each likeness, how many of a thousand pairs were joined.
fn joined(file: &Invented, linked: &Linked) -> BTreeMap<Likeness, usize> {
    let mut table: BTreeMap<Likeness, (usize, usize)> = BTreeMap::new();
    for (a, b, likeness) in &file.pairs {
        let (joined, all) = table.entry(*likeness).or_default();
        *joined += usize::from(linked.groups[*a as usize] == linked.groups[*b as usize]);
        *all += 1;
    }
    table.into_iter().map(|(likeness, (joined, all))| (likeness, joined * 1_000 / all)).collect()
}

/// Whether the given names of two records have nothing in common.
fn are_called_otherwise(why: &Explanation) -> bool {
    why.reasons.iter().any(|reason| reason.role == Some("first part") && reason.level == "different")
}

#[test]
fn one_person_is_found_and_a_family_stays_apart() {
    for (single, each, seed) in [(6_000, 100, 1), (2_000, 40, 2), (500, 10, 3)] {
        let file = invented::file(single, each, seed);
        let linked = linked(&file, 2);
        for (likeness, share) in joined(&file, &linked) {
            match likeness {
                Likeness::Siblings | Likeness::Namesakes => assert_eq!(share, 0, "{likeness:?} of {single}"),
                // One pair at most: names too rare in the file to be known for names.
                Likeness::Twins => assert!(share * each <= 1_000, "{likeness:?} of {single}: {share}"),
                _ => assert!(share >= 800, "{likeness:?} of {single}: {share}"),
            }
        }
        // The rule: twins whose given names have nothing in common are never joined.
        for (a, b, likeness) in &file.pairs {
            let otherwise = are_called_otherwise(&linked.explain(*a, *b).unwrap());
            let joined = linked.groups[*a as usize] == linked.groups[*b as usize];
            assert!(likeness.is_one_person() || !otherwise || !joined, "{likeness:?} {a} {b} of {single}");
        }
    }
}

/// People enough to know their names, and one twin pair or one person written twice, all else the same.
fn in_a_town_that_knows(names: [&str; 2], family: [&str; 2]) -> (Linked, u32) {
    let mut file = invented::file(400, 20, 7);
    for (n, name) in names.iter().cycle().take(12).enumerate() {
        let n = n + 1;
        file.rows.push(
            [
                format!("{name} Quba{n}"),
                format!("19{n:02}-0{}-1{n}", n % 9 + 1),
                String::new(),
                String::new(),
            ]
            .into(),
        );
    }
    let place = file.rows.len() as u32;
    for name in family {
        let row = [&format!("{name} Wasiqi"), "1987-05-23", "Nahr Fadi", "31-0042", "male"];
        file.rows.push(row.map(String::from).into());
    }
    (linked(&file, 1), place)
}

#[test]
fn twins_whose_names_sound_alike_stay_two() {
    for (one, other, slip) in [
        ("Hassan", "Hussein", "Hasssan"),
        ("Amina", "Amna", "Aminna"),
        ("Karim", "Karem", "Kariim"),
        ("حسن", "حسين", "حسنن"),
        ("አበበ", "አበባ", "አበበበ"),
        ("सुनील", "सुनीला", "सुनीीलल"),
        ("Марина", "Марьяна", "Маринна"),
    ] {
        let (linked, place) = in_a_town_that_knows([one, other], [one, other]);
        let why = linked.explain(place, place + 1);
        assert_ne!(
            linked.groups[place as usize],
            linked.groups[place as usize + 1],
            "{one} {other}: {why:?}"
        );
        // What nobody is called is a slip, not a brother.
        let (linked, place) = in_a_town_that_knows([one, other], [one, slip]);
        let why = linked.explain(place, place + 1);
        assert_eq!(linked.groups[place as usize], linked.groups[place as usize + 1], "{one} {slip}: {why:?}");
    }
}

#[test]
fn who_bears_the_fathers_name_is_not_his_twin() {
    // Written once, "Khalid" would be left over for either of them.
    for family in [["Khalid Khalid", "Tariq Khalid"], ["Tariq Khalid", "Khalid Khalid"]] {
        let (linked, place) = in_a_town_that_knows(["Khalid", "Tariq"], family);
        assert_ne!(linked.groups[place as usize], linked.groups[place as usize + 1], "{family:?}");
    }
    let (linked, place) = in_a_town_that_knows(["Khalid", "Tariq"], ["Khalid Khalid", "Khalid"]);
    assert_eq!(linked.groups[place as usize], linked.groups[place as usize + 1], "a part that is left out");
}

#[test]
fn strangers_are_not_joined() {
    let file = invented::file(5_000, 0, 4);
    let linked = linked(&file, 2);
    let alone = (0..5_000_u32).filter(|row| linked.groups[*row as usize] == *row).count();
    assert!(alone >= 4_990, "{} of 5,000 strangers were joined", 5_000 - alone);
}

#[test]
fn a_model_is_the_same_after_it_was_kept() {
    let file = invented::file(1_000, 20, 5);
    let linked = linked(&file, 1);
    let text = serde_json::to_string(&linked.model).unwrap();
    let again: Model = serde_json::from_str(&text).unwrap();
    assert!(serde_json::to_string(&again).unwrap() == text, "written again it is the same");
    for (a, b, likeness) in &file.pairs {
        let why = linked.explain(*a, *b).unwrap();
        assert_eq!(why, again.explain(&file.rows[*a as usize], &file.rows[*b as usize]), "{likeness:?}");
        assert_eq!(why.weight, linked.explain(*b, *a).unwrap().weight);
        let sum = why.prior + why.relatives + why.reasons.iter().map(|reason| reason.weight).sum::<f32>();
        assert!((sum - why.weight).abs() < 0.001, "the reasons add up");
    }
    for (from, to) in
        [("\"form\":1", "\"form\":2"), ("\"people\":", "\"people\":-"), ("\"prior\":0", "\"prior\":7")]
    {
        assert!(serde_json::from_str::<Model>(&text.replacen(from, to, 1)).is_err(), "{to}");
    }
}

#[test]
fn one_record_finds_its_person_among_many() {
    let file = invented::file(3_000, 30, 6);
    let linked = linked(&file, 1);
    let mut index = Index::new(linked.model.clone());
    let (mut found, mut asked, mut wrong) = (0, 0, 0);
    for row in &file.rows {
        index.add(row);
    }
    index.settle();
    for (a, b, likeness) in &file.pairs {
        let matches = index.find(&file.rows[*b as usize], 0.0, 20);
        let hit = matches.iter().any(|found| found.record == *a);
        if likeness.is_one_person() {
            asked += 1;
            found += usize::from(hit);
        } else {
            let why = linked.explain(*a, *b).unwrap();
            wrong += usize::from(hit && (*likeness != Likeness::Twins || are_called_otherwise(&why)));
        }
        let itself = matches.iter().find(|found| found.record == *b).unwrap();
        assert_eq!(
            itself.explanation,
            index.model().explain(&file.rows[*b as usize], &file.rows[*b as usize])
        );
        assert!(matches.windows(2).all(|two| two[0].explanation.weight >= two[1].explanation.weight));
    }
    assert!(found * 10 >= asked * 9, "{found} of {asked}");
    assert_eq!(wrong, 0, "relatives");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn order_and_threads_change_nothing(seed in 0_u64..1_000, shift in 1_usize..300, threads in 1_usize..5) {
        let file = invented::file(200, 10, seed);
        let one = linked(&file, 1);
        let mut turned = file.clone();
        turned.rows.rotate_left(shift % file.rows.len());
        turned.rows.reverse();
        let other = linked(&turned, threads);
        // Row r of the file is row (n - 1) - ((r - shift) mod n) of the turned one.
        let n = file.rows.len();
        let place = |row: usize| n - 1 - (row + n - shift % n) % n;
        for a in 0..n {
            prop_assert_eq!(&file.rows[a], &turned.rows[place(a)]);
            for b in [(a + 1) % n, one.groups[a] as usize] {
                prop_assert_eq!(
                    one.groups[a] == one.groups[b],
                    other.groups[place(a)] == other.groups[place(b)]
                );
            }
        }
    }

    #[test]
    fn it_does_not_matter_who_comes_first(a in "(ali|ally|hassan|hussein|omar)( (ali|ally|hassan|hussein|omar)){0,4}", b in "(ali|ally|hassan|hussein|omar)( (ali|ally|hassan|hussein|omar)){0,4}") {
        let file = invented::file(60, 2, 8);
        let mut rows = file.rows;
        rows.extend((0..12).map(|n| vec![format!("{} Quba{n}", ["ali", "ally", "hassan", "hussein"][n % 4])]));
        rows.extend([&a, &b].map(|name| vec![name.clone(), "1987-05-23".into()]));
        let n = rows.len() as u32;
        let linked = link(&invented::schema().unwrap(), &rows, &Options::default(), |_| {}).unwrap();
        let (one, other) = (linked.explain(n - 2, n - 1).unwrap(), linked.explain(n - 1, n - 2).unwrap());
        let said = |why: &Explanation| {
            let mut said: Vec<_> = why.reasons.iter().map(|r| (r.field, r.role, r.level)).collect();
            said.sort_unstable();
            said
        };
        prop_assert_eq!(said(&one), said(&other));
        let own = linked.explain(n - 1, n - 1).unwrap();
        prop_assert!(own.reasons.iter().all(|reason| reason.level.starts_with("same")), "{:?}", own);
    }

    #[test]
    fn hostile_texts_do_not_trip(rows in prop::collection::vec(prop::collection::vec("\\PC{0,40}", 0..7), 0..20)) {
        let linked = link(&invented::schema().unwrap(), &rows, &Options::default(), |_| {}).unwrap();
        prop_assert_eq!(linked.groups.len(), rows.len());
        prop_assert!(linked.pairs.iter().all(|pair| pair.weight.is_finite()));
    }
}
