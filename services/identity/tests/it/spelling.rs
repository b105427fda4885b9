//! Whoever had two records is found, and weighed, by the spelling of either; parted again, each by its own.

use crate::country::{self, amina, approve, approvers, ask, clerk, registrar, registration};
use daftar_identity::correct::{Correction, PhotoChange};
use daftar_identity::double::{Decision, Standing, Wish};
use daftar_identity::import::ImportOrder;
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_identity::search::{Found, Query};
use daftar_identity::{Desk, People};
use daftar_kernel::Id;
use daftar_office::Proven;
use daftar_store::{StoreError, params, sql};
use daftar_testing::for_each_engine;
use std::ops::ControlFlow;

const ARABIC: &str = "أمينة ديالو";

/// Amina as another desk wrote her: two years off, a letter less, and in a second script.
fn otherwise() -> Entry {
    Entry {
        name: "Amina Dialo".into(),
        given: String::new(),
        family: String::new(),
        other_names: vec![ARABIC.into()],
        born: "1992-02-13".into(),
        mother: "Fatou Keita".into(),
        ..amina()
    }
}

/// Registers somebody whom a desk would ask about.
async fn brought(people: &People, entry: Entry, key: &str) -> Id {
    let despite = Registration { despite: "says she was never here".into(), ..registration(entry, key) };
    people.register(&clerk(), despite).await.unwrap().person
}

/// The pair of two records.
async fn pair_of(people: &People, one: Id, other: Id) -> Option<Id> {
    let pairs = people.doubles(&clerk(), Standing::Open, None).await.unwrap();
    let wanted = [one.min(other), one.max(other)];
    pairs.iter().find(|pair| [pair.a, pair.b] == wanted).map(|pair| pair.id)
}

async fn decide(people: &People, pair: Id, (decision, keep): (Decision, Option<Id>), by: &[Proven]) {
    let wish = Wish { decision, keep, ground: "article 33; both cards seen".into() };
    let approval = people.request_pair_decision(&clerk(), pair, &wish).await.unwrap();
    approve(people, approval, by).await;
    people.decide(&clerk(), approval, decision).await.unwrap();
}

/// Two records, joined: the one that stays, the one that was absorbed, and their pair.
async fn joined(people: &People, by: &[Proven]) -> (Id, Id, Id) {
    let first = Entry { mother: "Fatou Keita".into(), ..amina() };
    let one = people.register(&clerk(), registration(first, "k1")).await.unwrap().person;
    let other = brought(people, otherwise(), "k2").await;
    let pair = pair_of(people, one, other).await.unwrap();
    decide(people, pair, (Decision::Merge, Some(one)), by).await;
    (one, other, pair)
}

/// What the record says is corrected so far that nothing of it is like the other spelling.
async fn correct_away(people: &People, person: Id) {
    let correction = Correction {
        person,
        expected_version: 1,
        entry: Entry {
            name: "Hawa Camara".into(),
            born: "1971-11-02".into(),
            birth_place: "south-1".into(),
            sex: "female".into(),
            ..Entry::default()
        },
        photo: PhotoChange::Keep,
        reason: "the passport says so".into(),
        evidence: "passport".into(),
        idempotency_key: "away".into(),
    };
    people.correct(&clerk(), correction).await.unwrap();
}

async fn found(people: &People, name: &str, born: &str) -> Vec<Found> {
    let query = Query { name: name.into(), born: born.into(), ..Query::default() };
    people.search(&registrar(), &ask(), &query).await.unwrap()
}

fn who(found: &[Found]) -> Vec<(Id, Option<&str>)> {
    found.iter().map(|one| (one.person, one.earlier.as_ref().map(|earlier| earlier.name.as_str()))).collect()
}

async fn sweep(people: &People) -> u64 {
    let swept = people.sweep_doubles("sweep", "registry-north", |_| ControlFlow::Continue(())).await;
    swept.unwrap().found
}

#[tokio::test]
async fn either_spelling_finds_whoever_was_joined() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let (one, other, pair) = joined(&people, &by).await;
        let (mine, theirs) =
            (people.office_token(one).await.unwrap(), people.office_token(other).await.unwrap());
        let looks = async |record: usize| people.looks_at_record(mine, record, None, 50).await.unwrap();
        let before = (looks(0).await.total, looks(1).await.total);

        let old = found(&people, "Amina Dialo", "1992-02-13").await;
        assert_eq!(who(&old), [(one, Some("Amina Dialo"))], "the old spelling leads to the one that stands");
        assert_eq!((old[0].name.as_str(), old[0].born.to_string().as_str()), ("Amina Diallo", "1990-02-13"));
        assert_eq!(old[0].earlier.as_ref().unwrap().born.to_string(), "1992-02-13");
        assert_eq!(who(&found(&people, ARABIC, "1992").await), [(one, Some(ARABIC))], "in either script");
        // Two searches: two looks at the person, and two at the record whose spelling was shown.
        assert_eq!((looks(0).await.total, looks(1).await.total), (before.0 + 2, before.1 + 2));
        let fields =
            |looks: &daftar_record::person::Looks| looks.rows[0].content.as_ref().unwrap().fields.join(" ");
        assert_eq!(fields(&looks(0).await), "name born birth_place sex");
        assert_eq!(fields(&looks(1).await), "name born");

        assert_eq!(who(&found(&people, "Amina Diallo", "1990-02-13").await), [(one, None)]);
        assert_eq!(looks(1).await.total, before.1 + 2, "what was not shown was not looked at");
        assert!(found(&people, "Amina Dialo", "1950").await.is_empty());

        decide(&people, pair, (Decision::Split, None), &by).await;
        assert_eq!(who(&found(&people, "Amina Dialo", "1992-02-13").await), [(other, None)], "parted again");
        assert_eq!(who(&found(&people, "Amina Diallo", "1990-02-13").await), [(one, None)]);
        assert_eq!(people.my_looks(theirs, None, 50).await.unwrap().total, before.1 + 3, "she sees who knew");

        decide(&people, pair, (Decision::Merge, Some(one)), &by).await;
        let approval = people.request_erasure(&clerk(), one, "Court 12/2026").await.unwrap();
        approve(&people, approval, &by).await;
        people.erase(&clerk(), approval).await.unwrap();
        for (name, born) in [("Amina Dialo", "1992-02-13"), (ARABIC, "1992"), ("Amina Diallo", "1990-02-13")]
        {
            assert!(found(&people, name, born).await.is_empty(), "{name}");
        }
        assert!(people.candidates(&registrar(), &ask(), &otherwise()).await.unwrap().is_empty());
        assert!(people.register(&clerk(), registration(otherwise(), "k9")).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn nobody_is_registered_a_third_time_by_the_old_spelling() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let (one, other, pair) = joined(&people, &by).await;
        correct_away(&people, one).await;
        let again = Entry { other_names: Vec::new(), ..otherwise() };
        let refused = people.register(&clerk(), registration(again.clone(), "k3")).await.unwrap_err();
        assert_eq!(refused.code, "identity-candidates");
        let shown = people.candidates(&registrar(), &ask(), &again).await.unwrap();
        assert_eq!(shown.len(), 1);
        assert_eq!((shown[0].found.person, shown[0].found.name.as_str()), (one, "Hawa Camara"));
        assert_eq!(shown[0].found.earlier.as_ref().unwrap().name, "Amina Dialo");
        assert!(shown[0].weight.millibits > 5_000, "{:?}", shown[0].weight);

        let third = brought(&people, again.clone(), "k3").await;
        let asked = pair_of(&people, one, third).await.expect("a pair with the one that stands");
        let theirs = people.office_token(other).await.unwrap();
        let before = people.looks_at_record(theirs, 1, None, 50).await.unwrap().total;
        let compared = people.compare_double(&registrar(), None, asked).await.unwrap();
        assert_eq!(compared.weight, shown[0].weight, "weighed by the spelling that raised the question");
        let earlier = compared.earlier.each_ref().map(|one| one.as_ref().map(|one| one.name.as_str()));
        let expected = [Some("Amina Dialo"), None];
        assert_eq!(earlier, if one < third { expected } else { [expected[1], expected[0]] });
        assert_eq!(people.looks_at_record(theirs, 1, None, 50).await.unwrap().total, before + 1);
        // The pair that was joined is compared as it stands: neither is the other's earlier spelling.
        let own = people.compare_double(&registrar(), None, pair).await.unwrap();
        assert!(own.earlier.iter().all(Option::is_none));

        assert_eq!(sweep(&people).await, 0, "known already");
        decide(&people, pair, (Decision::Split, None), &by).await;
        assert!(pair_of(&people, other, third).await.is_some(), "the question goes to whose spelling it was");
        let shown = people.candidates(&registrar(), &ask(), &again).await.unwrap();
        let mut ids: Vec<Id> = shown.iter().map(|one| one.found.person).collect();
        ids.sort_unstable();
        assert_eq!(ids, [other.min(third), other.max(third)]);
        assert!(shown.iter().all(|one| one.found.earlier.is_none()));
    })
    .await;
}

/// Brings somebody in without comparing.
async fn in_bulk(people: &People, entry: Entry) -> Id {
    let desk = Desk::program("demo", "registry", "registry-north");
    let enrolled = people.store().write({
        let people = people.clone();
        move |tx| {
            let (people, desk, entry) = (people.clone(), desk.clone(), entry.clone());
            Box::pin(async move {
                let cause = daftar_identity::version::Cause::MadeUp;
                let one = people.newcomer(people.check(&entry)?, cause, "", "")?;
                people.enroll(tx, &desk, &[one]).await
            })
        }
    });
    enrolled.await.unwrap()[0].person
}

#[tokio::test]
async fn a_sweep_and_an_import_meet_the_old_spelling_too() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let (one, ..) = joined(&people, &by).await;
        correct_away(&people, one).await;
        let third = in_bulk(&people, otherwise()).await;
        assert_eq!(sweep(&people).await, 1);
        assert!(pair_of(&people, one, third).await.is_some());
        assert_eq!(sweep(&people).await, 0, "once");

        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("people.csv"), "id,name,born\n1,Amina Dialo,1992-02-13\n").unwrap();
        let mapping = "format = 1\nsource = 'Books'\nagency = 'registry'\noffice = 'registry-north'\n\
                       purpose = 'registration'\nbasis = 'Registration Act'\nreference = 'id'\n\
                       [field.name]\ncolumns = ['name']\n[field.born]\ncolumns = ['born']\n";
        let order = ImportOrder {
            file: path("people.csv"),
            mapping: mapping.into(),
            commit: true,
            report: path("report.csv"),
            duplicates: path("duplicates.csv"),
        };
        let summary = people.import(&order, |_| ControlFlow::Continue(())).await.unwrap();
        assert_eq!((summary.registered, summary.held), (0, 1), "the row waits");
        let report = std::fs::read_to_string(path("duplicates.csv")).unwrap();
        assert!(report.contains(&one.to_string()) && report.contains(&third.to_string()), "{report}");
    })
    .await;
}

#[tokio::test]
async fn what_was_decided_of_the_absorbed_record_stays_decided() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let first = Entry { mother: "Fatou Keita".into(), ..amina() };
        let one = people.register(&clerk(), registration(first, "k1")).await.unwrap().person;
        let other = brought(&people, otherwise(), "k2").await;
        let pair = pair_of(&people, one, other).await.unwrap();
        // A namesake, who is like the second only and is known to be somebody else.
        let namesake = in_bulk(&people, Entry { mother: String::new(), ..otherwise() }).await;
        sweep(&people).await;
        let apart = pair_of(&people, other, namesake).await.unwrap();
        decide(&people, apart, (Decision::Different, None), &by).await;
        if let Some(too) = pair_of(&people, one, namesake).await {
            decide(&people, too, (Decision::Different, None), &by).await;
            let forget = sql!("delete from identity_double where id = $1");
            let done =
                store.write(move |tx| Box::pin(async move { tx.execute(forget, &params![too]).await }));
            let done: Result<u64, StoreError> = done.await;
            assert_eq!(done.unwrap(), 1);
        }
        decide(&people, pair, (Decision::Merge, Some(one)), &by).await;
        correct_away(&people, one).await;
        assert_eq!(sweep(&people).await, 0, "that she is not the namesake was decided");
    })
    .await;
}

#[tokio::test]
async fn keys_made_anew_are_those_of_absorbed_records_too() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let (one, other, _) = joined(&people, &by).await;
        let clear = store.write(|tx| {
            Box::pin(async move { tx.execute(sql!("delete from identity_index where 1 = 1"), &[]).await })
        });
        let clear: Result<u64, StoreError> = clear.await;
        assert!(clear.unwrap() > 0);
        let mut after = None;
        while let Some(last) = people.reindex(after).await.unwrap() {
            after = Some(last);
        }
        assert_eq!(after, Some(one.max(other)));
        assert_eq!(who(&found(&people, "Amina Dialo", "1992").await), [(one, Some("Amina Dialo"))]);
        assert_eq!(who(&found(&people, "Amina Diallo", "1990").await), [(one, None)]);
    })
    .await;
}
