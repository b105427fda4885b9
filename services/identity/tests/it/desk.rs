//! Registering, finding, reading and correcting at a desk.

use crate::country::{self, amina, ask, clerk, official, registrar, registration};
use daftar_identity::correct::{Correction, PhotoChange};
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_identity::search::Query;
use daftar_kernel::{Actor, Id};
use daftar_testing::for_each_engine;
use std::collections::HashSet;

fn query(name: &str, born: &str) -> Query {
    Query { name: name.into(), born: born.into(), ..Query::default() }
}

#[tokio::test]
async fn somebody_is_registered_once_and_found() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let first = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let again = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        assert_eq!(first, again, "the same key gives the same answer");
        let other =
            people.register(&clerk(), registration(Entry { name: "X Y".into(), ..amina() }, "k1")).await;
        assert_eq!(other.unwrap_err().code, "identity-key-used");

        let twin =
            Entry { name: "AMINA DIALO".into(), given: String::new(), family: String::new(), ..amina() };
        let refused = people.register(&clerk(), registration(twin.clone(), "k2")).await.unwrap_err();
        assert_eq!(refused.code, "identity-candidates");
        let shown = people.candidates(&registrar(), &ask(), &twin).await.unwrap();
        assert_eq!(shown.iter().map(|c| c.found.person).collect::<Vec<_>>(), [first.person]);
        let weight = &shown[0].weight;
        assert!(weight.millibits > 5_000, "{weight:?}");
        let name = weight.lines.iter().find(|line| line.about == "name").unwrap();
        assert_eq!(name.levels, ["same", "misspelled"]);
        let despite =
            Registration { despite: "a twin sister, both present".into(), ..registration(twin, "k2") };
        let second = people.register(&clerk(), despite).await.unwrap();
        assert_ne!(first.person, second.person);

        let found = people.search(&registrar(), &ask(), &query("Diallo Amina", "1990")).await.unwrap();
        assert_eq!(found.iter().map(|f| f.person).collect::<Vec<_>>(), [first.person, second.person]);
        assert!(
            people.search(&registrar(), &ask(), &query("Amina Diallo", "1950")).await.unwrap().is_empty()
        );
        let place = Query { name: "Amina Diallo".into(), birth_place: "north-1".into(), ..Query::default() };
        assert_eq!(people.search(&registrar(), &ask(), &place).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn numbers_find_their_holder_with_a_second_attribute() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let shown = people.read(&registrar(), &ask(), one.person, &["number", "card", "born"]).await.unwrap();
        let (number, card) = (shown.number.unwrap(), shown.card.unwrap().number);
        for number in [number.grouped(), card.grouped(), card.plain()] {
            let by = |born: &str| Query { number: number.clone(), born: born.into(), ..Query::default() };
            let found = people.search(&registrar(), &ask(), &by("1990")).await.unwrap();
            assert_eq!(found.len(), 1);
            assert!(people.search(&registrar(), &ask(), &by("1991-05-30")).await.unwrap().is_empty());
        }
        people.replace_card(&clerk(), one.person, "lost", "c1").await.unwrap();
        let old = Query { number: card.plain(), born: "1990".into(), ..Query::default() };
        assert!(
            people.search(&registrar(), &ask(), &old).await.unwrap().is_empty(),
            "a replaced card finds nobody"
        );
    })
    .await;
}

#[tokio::test]
async fn every_reader_is_seen_and_only_with_a_purpose() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let citizen = people.office_token(one.person).await.unwrap();
        let officer = official("Sami", "officer");
        let wrong = people.read(&officer, &ask(), one.person, &["name"]).await.unwrap_err();
        assert_eq!(wrong.code, "office-purpose");
        assert_eq!(
            people
                .register(&Actor::Official(officer.clone()), registration(amina(), "k"))
                .await
                .unwrap_err()
                .kind
                .status(),
            403
        );
        let patrol = daftar_office::permit::Ask { purpose: "patrol".into(), ..Default::default() };
        let shown = people.read(&officer, &patrol, one.person, &["born"]).await.unwrap();
        assert_eq!(shown.record.email, None, "what was not asked for is not shown");
        assert_eq!(shown.number, None);
        people.search(&registrar(), &ask(), &query("Amina Diallo", "1990")).await.unwrap();
        let looks = people.my_looks(citizen, None, 10).await.unwrap();
        let who: Vec<_> = looks
            .rows
            .iter()
            .map(|l| l.content.as_ref().unwrap())
            .map(|c| (c.reader.as_str(), c.fields.join(" ")))
            .collect();
        assert_eq!(
            who,
            [("Rim", "name born birth_place sex".to_string()), ("Sami", "name born".to_string())]
        );
        assert_eq!(
            people.read(&registrar(), &ask(), Id::from_bytes([3; 16]), &[]).await.unwrap_err().code,
            "identity-unknown"
        );
        assert_eq!(
            people.my_looks(citizen, None, 10).await.unwrap().total,
            2,
            "a refused look shows nothing"
        );
    })
    .await;
}

#[tokio::test]
async fn a_correction_is_a_new_version() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let correction = |expected, name: &str, key: &str| Correction {
            person: one.person,
            expected_version: expected,
            entry: Entry { name: name.into(), given: String::new(), family: String::new(), ..amina() },
            photo: PhotoChange::Keep,
            reason: "married".into(),
            evidence: "marriage certificate 12/2026".into(),
            idempotency_key: key.into(),
        };
        let second = people.correct(&clerk(), correction(1, "Amina Traoré", "c1")).await.unwrap();
        assert_eq!((second.version, second.person), (2, one.person));
        assert_eq!(people.correct(&clerk(), correction(1, "Amina Traoré", "c1")).await.unwrap(), second);
        assert_eq!(
            people.correct(&clerk(), correction(1, "Amina Keita", "c2")).await.unwrap_err().code,
            "identity-changed"
        );
        assert_eq!(
            people.correct(&clerk(), correction(2, "Amina Traoré", "c3")).await.unwrap_err().code,
            "identity-unchanged"
        );
        let empty = Correction { reason: " ".into(), ..correction(2, "A B", "c4") };
        assert_eq!(people.correct(&clerk(), empty).await.unwrap_err().code, "identity-reason");
        let shown = people.read(&registrar(), &ask(), one.person, &["history"]).await.unwrap();
        let names: Vec<_> = shown.history.iter().map(|v| v.document.person.name.to_string()).collect();
        assert_eq!(names, ["Amina Diallo", "Amina Traoré"]);
        assert_eq!(shown.history[1].document.evidence, "marriage certificate 12/2026");
        assert!(
            people
                .search(&registrar(), &ask(), &query("Amina Diallo", "1990-02-13"))
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            people.search(&registrar(), &ask(), &query("Amina Traore", "1990-02-13")).await.unwrap().len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn twenty_are_shown_and_twenty_one_are_not() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        for n in 0..21 {
            let entry = Entry { born: format!("1990-02-{:02}", n + 1), ..amina() };
            let despite = Registration { despite: "a test".into(), ..registration(entry, &format!("k{n}")) };
            people.register(&clerk(), despite).await.unwrap();
            let found = people.search(&registrar(), &ask(), &query("Amina Diallo", "1990")).await;
            match n {
                20 => assert_eq!(found.unwrap_err().code, "identity-search-many"),
                _ => assert_eq!(found.unwrap().len(), n + 1),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn faults_name_their_fields_and_change_nothing() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let bad = Entry {
            name: "<script>".into(),
            born: "1990-02-30".into(),
            birth_place: "atlantis".into(),
            ..amina()
        };
        let problem = people.register(&clerk(), registration(bad, "k1")).await.unwrap_err();
        assert_eq!(problem.code, "identity-entry");
        let fields: Vec<_> = problem.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["name", "born", "birth_place"]);
        assert_eq!(
            people.register(&clerk(), registration(amina(), "")).await.unwrap_err().code,
            "identity-key-missing"
        );
        let figures = people.figures().await.unwrap();
        assert_eq!(figures.districts.rows.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn numbers_stay_unique_with_many_desks_at_once() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let desks = (0..24).map(|n| {
            let people = people.clone();
            tokio::spawn(async move {
                let entry =
                    Entry { name: format!("Person Number{n}"), born: format!("{}", 1900 + n), ..amina() };
                people.register(&clerk(), registration(entry, &format!("k{n}"))).await.unwrap()
            })
        });
        let mut numbers = HashSet::new();
        for desk in desks.collect::<Vec<_>>() {
            let done = desk.await.unwrap();
            let shown = people.read(&registrar(), &ask(), done.person, &["number", "card"]).await.unwrap();
            assert!(numbers.insert(shown.number.unwrap().plain()));
            assert!(numbers.insert(shown.card.unwrap().number.plain()));
        }
        assert_eq!(numbers.len(), 48);
    })
    .await;
}
