//! One person, one record: found, weighed, joined by two officials, parted again.

use crate::country::{self, amina, approve, approvers, ask, clerk, official, registrar, registration};
use daftar_identity::People;
use daftar_identity::bonds::Ties;
use daftar_identity::double::{Decision, FoundBy, PAGE, Standing, Wish};
use daftar_identity::person::Entry;
use daftar_identity::register::{Registered, Registration};
use daftar_identity::search::Query;
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::Proven;
use daftar_store::{StoreError, params, sql};
use daftar_testing::{TestStore, for_each_engine};

/// Amina as another desk wrote her: two years off, a letter less.
fn again() -> Entry {
    Entry {
        name: "Amina Dialo".into(),
        given: String::new(),
        family: String::new(),
        born: "1992-02-13".into(),
        mother: "Fatou Keita".into(),
        ..first()
    }
}
fn first() -> Entry {
    Entry { mother: "Fatou Keita".into(), ..amina() }
}

async fn registered(people: &People, entry: Entry, key: &str) -> Registered {
    let despite = Registration { despite: "says she was never here".into(), ..registration(entry, key) };
    people.register(&clerk(), despite).await.unwrap()
}

/// Both records, and the pair they make.
async fn pair(people: &People) -> (Id, Id, Id) {
    let one = people.register(&clerk(), registration(first(), "k1")).await.unwrap().person;
    let other = registered(people, again(), "k2").await.person;
    let pairs = people.doubles(&clerk(), Standing::Open, None).await.unwrap();
    assert_eq!(pairs.len(), 1);
    (one, other, pairs[0].id)
}

async fn ask_for(people: &People, pair: Id, decision: Decision, keep: Option<Id>) -> Result<Id, Problem> {
    let wish = Wish { decision, keep, ground: "Civil Registration Act, article 33; both cards seen".into() };
    people.request_pair_decision(&clerk(), pair, &wish).await
}

async fn decided(
    people: &People,
    pair: Id,
    decision: Decision,
    keep: Option<Id>,
    by: &[Proven],
) -> Result<(Id, Id), Problem> {
    let approval = ask_for(people, pair, decision, keep).await?;
    approve(people, approval, by).await;
    people.decide(&clerk(), approval, decision).await
}

/// Every row that says who somebody is, as text. Letters draw a token of their own: it is no part of it.
async fn rows(store: &TestStore) -> Vec<String> {
    let read = store.read(|tx| {
        Box::pin(async move {
            let mut all = Vec::new();
            for row in tx
                .query(sql!("select id, version, state, number, registered_at, changed_at, merged_into from identity_person order by id"), &[])
                .await?
            {
                let (id, version, state): (Id, i64, &str) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let (number, at, changed): (Option<&[u8]>, i64, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
                all.push(format!("{id} {version} {state} {number:?} {at} {changed} {:?}", row.get::<Option<Id>>(6)?));
            }
            for row in tx.query(sql!("select person, hash from identity_index order by person, hash"), &[]).await? {
                all.push(format!("key {} {:?}", row.get::<Id>(0)?, row.get::<&[u8]>(1)?));
            }
            for row in tx
                .query(sql!("select person, service, token from identity_token where service <> 'post' order by person, service"), &[])
                .await?
            {
                all.push(format!("token {} {} {}", row.get::<Id>(0)?, row.get::<&str>(1)?, row.get::<Id>(2)?));
            }
            for row in tx.query(sql!("select person, state, hash from identity_card order by hash"), &[]).await? {
                all.push(format!("card {:?} {} {:?}", row.get::<Option<Id>>(0)?, row.get::<&str>(1)?, row.get::<&[u8]>(2)?));
            }
            for row in tx.query(sql!("select person, hash from identity_number order by hash"), &[]).await? {
                all.push(format!("number {:?} {:?}", row.get::<Option<Id>>(0)?, row.get::<&[u8]>(1)?));
            }
            for row in tx.query(sql!("select person, version, sealed from identity_person_version order by person, version"), &[]).await? {
                all.push(format!("version {} {} {:?}", row.get::<Id>(0)?, row.get::<i64>(1)?, row.get::<&[u8]>(2)?));
            }
            for row in tx.query(sql!("select place, sex, birth_year, people from identity_count where people <> 0 order by place, sex, birth_year"), &[]).await? {
                all.push(format!("count {} {} {} {}", row.get::<&str>(0)?, row.get::<&str>(1)?, row.get::<i64>(2)?, row.get::<i64>(3)?));
            }
            Ok::<_, StoreError>(all)
        })
    });
    read.await.unwrap()
}

async fn counted(store: &TestStore) -> i64 {
    let read = store.read(|tx| {
        Box::pin(async move {
            tx.query_one(sql!("select cast(sum(people) as bigint) from identity_count"), &[])
                .await?
                .get::<Option<i64>>(0)
        })
    });
    let counted: Result<Option<i64>, StoreError> = read.await;
    counted.unwrap().unwrap_or(0)
}

async fn change(store: &TestStore, statement: daftar_store::Sql, id: Id) {
    let changed = store.write(move |tx| Box::pin(async move { tx.execute(statement, &params![id]).await }));
    let changed: Result<u64, StoreError> = changed.await;
    assert_eq!(changed.unwrap(), 1);
}

#[tokio::test]
async fn a_double_is_shown_with_its_weights_and_becomes_a_pair() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(first(), "k1")).await.unwrap();
        let held = people.register(&clerk(), registration(again(), "k2")).await.unwrap_err();
        assert_eq!(held.code, "identity-candidates");
        let shown = people.candidates(&registrar(), &ask(), &again()).await.unwrap();
        assert_eq!(shown.len(), 1);
        let line = |about: &str| shown[0].weight.lines.iter().find(|line| line.about == about).unwrap();
        assert_eq!(line("born").levels, ["same day, year off by at most 3"]);
        assert!(line("born").millibits > 0 && line("relatives").millibits < 0);
        let other = registered(&people, again(), "k2").await;
        let pairs = people.doubles(&clerk(), Standing::Open, None).await.unwrap();
        assert_eq!(pairs.len(), 1);
        assert_eq!((pairs[0].found, pairs[0].kept), (FoundBy::Desk, None));
        assert_eq!([pairs[0].a, pairs[0].b], [one.person.min(other.person), one.person.max(other.person)]);
        assert_eq!(pairs[0].millibits, shown[0].weight.millibits);

        let officer = Actor::Official(official("Sami", "officer"));
        assert_eq!(people.doubles(&officer, Standing::Open, None).await.unwrap_err().kind.status(), 403);
        assert_eq!(people.double(&officer, pairs[0].id).await.unwrap_err().kind.status(), 403);
        let officer = official("Sami", "officer");
        assert_eq!(people.compare_double(&officer, None, pairs[0].id).await.unwrap_err().kind.status(), 403);
        for person in [one.person, other.person] {
            let citizen = people.office_token(person).await.unwrap();
            let before = people.my_looks(citizen, None, 9).await.unwrap().total;
            let compared = people.compare_double(&registrar(), None, pairs[0].id).await.unwrap();
            assert!(compared.weight.is_candidate());
            let looks = people.my_looks(citizen, None, 9).await.unwrap();
            assert_eq!(looks.total, before + 1, "both are looked at");
            assert_eq!(looks.rows[0].content.as_ref().unwrap().purpose, "duplicate-review");
        }
    })
    .await;
}

#[tokio::test]
async fn two_officials_join_two_records_and_part_them_again() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (one, other, pair) = pair(&people).await;
        let (mine, theirs) =
            (people.office_token(one).await.unwrap(), people.office_token(other).await.unwrap());
        let card = people.read(&registrar(), &ask(), other, &["card", "number"]).await.unwrap();
        let (card, number) = (card.card.unwrap().number.plain(), card.number.unwrap().plain());
        let (before, count) = (rows(&store).await, counted(&store).await);
        let by = approvers(&people).await;
        let (about_a, about_b) = decided(&people, pair, Decision::Merge, Some(one), &by).await.unwrap();

        assert_eq!(counted(&store).await, count - 1, "public counts drop by one");
        // With what the record that stands says, and with what stands on the old card.
        for (number, born) in [(&card, "1990"), (&number, "1990"), (&card, "1992-02-13"), (&number, "1992")] {
            let query = Query { number: number.clone(), born: born.into(), ..Query::default() };
            let found = people.search(&registrar(), &ask(), &query).await.unwrap();
            assert_eq!(
                found.iter().map(|f| f.person).collect::<Vec<_>>(),
                [one],
                "old card and number lead to the record that stays"
            );
        }
        let named = Query { name: "Amina Dialo".into(), born: "1992".into(), ..Query::default() };
        let found = people.search(&registrar(), &ask(), &named).await.unwrap();
        assert_eq!(found.iter().map(|f| f.person).collect::<Vec<_>>(), [one], "its keys lead on, too");
        assert_eq!(
            people.read(&registrar(), &ask(), other, &[]).await.unwrap().person,
            one,
            "its address leads on"
        );
        // Both accounts see the record that stands, with both histories.
        let records = [people.my_record(mine).await.unwrap(), people.my_record(theirs).await.unwrap()];
        assert_eq!(records[0], records[1]);
        assert_eq!(records[0].version.document.person.born.to_string(), "1990-02-13");
        assert_eq!(people.own_subjects(theirs).await.unwrap().len(), 2);
        for receipt in [about_a, about_b] {
            assert!(people.is_my_receipt(theirs, receipt).await.unwrap());
        }
        let acts = people.my_acts(theirs, None, 50).await.unwrap();
        assert_eq!(acts.iter().filter(|act| act.entry.kind == "identity.records-merged").count(), 2);
        assert_eq!(acts.iter().filter(|act| act.entry.kind == "identity.person-registered").count(), 2);
        let data = people.my_data(theirs).await.unwrap();
        assert_eq!((data.cards.len(), data.absorbed.len()), (2, 1));
        assert_eq!(
            data.json()["absorbed_records"][0]["versions"][0]["document"]["person"]["born"],
            "1992-02-13"
        );
        // Nobody comes a second time for the record that went.
        assert!(
            people
                .candidates(&registrar(), &ask(), &again())
                .await
                .unwrap()
                .iter()
                .all(|c| c.found.person == one)
        );

        let receipts = decided(&people, pair, Decision::Split, None, &by).await.unwrap();
        assert_ne!(receipts, (about_a, about_b));
        assert_eq!(rows(&store).await, before, "exactly as before");
        assert_eq!(
            people.my_record(theirs).await.unwrap().version.document.person.born.to_string(),
            "1992-02-13"
        );
        assert_eq!(people.double(&clerk(), pair).await.unwrap().state, Standing::Open);
    })
    .await;
}

#[tokio::test]
async fn different_is_decided_and_asked_again() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (one, other, pair) = pair(&people).await;
        let by = approvers(&people).await;
        let before = rows(&store).await;
        decided(&people, pair, Decision::Different, None, &by).await.unwrap();
        assert!(people.doubles(&clerk(), Standing::Open, None).await.unwrap().is_empty());
        assert_eq!(
            ask_for(&people, pair, Decision::Merge, Some(one)).await.unwrap_err().code,
            "identity-double-state"
        );
        let swept = people
            .sweep_doubles("sweep", "registry-north", |_| std::ops::ControlFlow::Continue(()))
            .await
            .unwrap();
        assert_eq!((swept.compared, swept.found), (2, 0), "what was decided stays decided");
        decided(&people, pair, Decision::Reopen, None, &by).await.unwrap();
        assert_eq!(people.doubles(&clerk(), Standing::Open, None).await.unwrap().len(), 1);
        assert_eq!(rows(&store).await, before, "neither record was touched");
        for person in [one, other] {
            let citizen = people.office_token(person).await.unwrap();
            // The clock stands still here, and with it the order of what happened.
            let acts = people.my_acts(citizen, None, 9).await.unwrap();
            let mut kinds: Vec<&str> = acts.iter().map(|act| act.entry.kind.as_str()).collect();
            kinds.sort_unstable();
            assert_eq!(
                kinds,
                ["identity.person-registered", "identity.records-different", "identity.records-reopened"]
            );
        }
    })
    .await;
}

#[tokio::test]
async fn one_official_alone_decides_nothing() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (one, other, pair) = pair(&people).await;
        let approval = ask_for(&people, pair, Decision::Merge, Some(one)).await.unwrap();
        let code = |problem: Problem| problem.code;
        assert_eq!(
            people.decide(&clerk(), approval, Decision::Merge).await.map_err(code),
            Err("office-approval-open")
        );
        let by = approvers(&people).await;
        approve(&people, approval, &by).await;
        assert_eq!(
            people.decide(&clerk(), approval, Decision::Different).await.unwrap_err().kind.status(),
            404,
            "what was approved is another decision"
        );
        let officer = Actor::Official(official("Sami", "officer"));
        assert_eq!(people.decide(&officer, approval, Decision::Merge).await.unwrap_err().kind.status(), 403);
        let wish = Wish { decision: Decision::Merge, keep: Some(one), ground: " ".into() };
        assert_eq!(
            people.request_pair_decision(&clerk(), pair, &wish).await.map_err(code),
            Err("identity-reason")
        );
        for keep in [None, Some(pair)] {
            assert_eq!(
                ask_for(&people, pair, Decision::Merge, keep).await.map_err(code),
                Err("identity-double-state")
            );
        }
        assert_eq!(ask_for(&people, other, Decision::Merge, Some(one)).await.unwrap_err().kind.status(), 404);
        people.decide(&clerk(), approval, Decision::Merge).await.unwrap();
        assert_eq!(
            people.decide(&clerk(), approval, Decision::Merge).await.map_err(code),
            Err("office-approval-closed")
        );
    })
    .await;
}

#[tokio::test]
async fn rows_that_were_edited_decide_nothing() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (one, _, pair) = pair(&people).await;
        let by = approvers(&people).await;
        let code = |problem: Problem| problem.code;
        let before = rows(&store).await;
        let approval = ask_for(&people, pair, Decision::Merge, Some(one)).await.unwrap();
        approve(&people, approval, &by).await;
        change(&store, sql!("update identity_double set weight = weight + 1 where id = $1"), pair).await;
        assert_eq!(people.decide(&clerk(), approval, Decision::Merge).await.map_err(code), Err("identity-double-altered"));
        assert!(people.doubles(&clerk(), Standing::Open, None).await.unwrap().is_empty(), "it is not listed");
        assert_eq!(people.compare_double(&registrar(), None, pair).await.map(|_| ()).map_err(code), Err("identity-double-altered"));
        change(&store, sql!("update identity_double set weight = weight - 1 where id = $1"), pair).await;
        change(
            &store,
            sql!("update office_approval set payload = replace(payload, 'article 33', 'article 34') where id = $1"),
            approval,
        )
        .await;
        assert_eq!(people.decide(&clerk(), approval, Decision::Merge).await.map_err(code), Err("office-approval-altered"));
        assert_eq!(rows(&store).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_record_that_changed_meanwhile_is_not_joined() {
    use daftar_identity::correct::{Correction, PhotoChange};
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (one, other, pair) = pair(&people).await;
        let by = approvers(&people).await;
        let approval = ask_for(&people, pair, Decision::Merge, Some(one)).await.unwrap();
        approve(&people, approval, &by).await;
        let correction = Correction {
            person: other,
            expected_version: 1,
            entry: Entry { name: "Amina Traoré".into(), ..again() },
            photo: PhotoChange::Keep,
            reason: "married".into(),
            evidence: "certificate".into(),
            idempotency_key: "c1".into(),
        };
        people.correct(&clerk(), correction).await.unwrap();
        assert_eq!(
            people.decide(&clerk(), approval, Decision::Merge).await.unwrap_err().code,
            "identity-double-changed"
        );
        assert!(
            people.my_record(people.office_token(other).await.unwrap()).await.unwrap().version.version == 2
        );
        // Two requests for one pair: the first that is carried out wins.
        let (first, second) = (
            ask_for(&people, pair, Decision::Merge, Some(one)).await.unwrap(),
            ask_for(&people, pair, Decision::Merge, Some(other)).await.unwrap(),
        );
        approve(&people, first, &by).await;
        approve(&people, second, &by).await;
        let clerk = clerk();
        let (a, b) = tokio::join!(
            people.decide(&clerk, first, Decision::Merge),
            people.decide(&clerk, second, Decision::Merge)
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert_eq!(a.err().or(b.err()).unwrap().code, "identity-double-changed");
    })
    .await;
}

#[tokio::test]
async fn a_page_holds_so_many_pairs() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let page = usize::try_from(PAGE).unwrap();
        let part = ["Bar", "Dof", "Gim", "Kul", "Mez", "Nap", "Tov", "Wis"];
        for n in 0..=page + 1 {
            let name =
                format!("{}{} {}{}", part[n % 8], part[n / 8], part[(n + 3) % 8], part[(n / 8 + 5) % 8]);
            let born = format!("{}-02-13", 1900 + 4 * n);
            let entry = Entry { name: name.to_lowercase(), born, ..Entry::default() };
            for key in ["a", "b"].iter().filter(|key| n > 0 || **key == "a") {
                registered(&people, entry.clone(), &format!("{key}{n}")).await;
            }
            let listed = people.doubles(&clerk(), Standing::Open, None).await.unwrap();
            assert_eq!(listed.len(), n.min(page), "{n}");
            if n == page + 1 {
                let last = listed.last().map(|pair| (pair.millibits, pair.id));
                let rest = people.doubles(&clerk(), Standing::Open, last).await.unwrap();
                assert_eq!(rest.len(), 1);
                assert!(!listed.contains(&rest[0]));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_absorbed_a_record_is_erased_with_it() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (one, other, pair) = pair(&people).await;
        let third = people
            .register(
                &clerk(),
                registration(Entry { name: "Omar Keita".into(), born: "1950".into(), ..amina() }, "k3"),
            )
            .await
            .unwrap();
        let theirs = people.office_token(other).await.unwrap();
        let by = approvers(&people).await;
        decided(&people, pair, Decision::Merge, Some(one), &by).await.unwrap();
        assert_eq!(
            people.request_erasure(&clerk(), other, "Court 12/2026").await.unwrap_err().code,
            "identity-unknown"
        );
        let approval = people.request_erasure(&clerk(), one, "Court 12/2026").await.unwrap();
        approve(&people, approval, &by).await;
        people.erase(&clerk(), approval).await.unwrap();
        assert_eq!(people.my_record(theirs).await.unwrap_err().code, "identity-unknown");
        assert_eq!(people.double(&clerk(), pair).await.unwrap_err().kind.status(), 404);
        let left = rows(&store).await;
        for gone in [one, other] {
            let of = left.iter().filter(|row| row.contains(&gone.to_string())).collect::<Vec<_>>();
            assert!(of.len() == 1 && of[0].contains(" erased None "), "{of:#?}");
        }
        assert!(people.read(&registrar(), &ask(), third.person, &[]).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_guardian_answers_for_the_children_of_every_record() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (one, other, pair) = pair(&people).await;
        let by = approvers(&people).await;
        let card = people.my_record(people.office_token(other).await.unwrap()).await.unwrap().card.unwrap();
        let ties = Ties { guardians: vec![card.number.plain()], ..Ties::default() };
        let child = Entry { name: "Bravo Sissoko".into(), born: "2020-05-06".into(), ..first() };
        people.register(&clerk(), Registration { ties, ..registration(child, "k3") }).await.unwrap();
        let wards = async |person: Id| {
            let account = people.office_token(person).await.unwrap();
            people.my_wards(account).await.unwrap().len()
        };
        assert_eq!((wards(one).await, wards(other).await), (0, 1));
        decided(&people, pair, Decision::Merge, Some(one), &by).await.unwrap();
        assert_eq!((wards(one).await, wards(other).await), (1, 1), "either account leads to her");
        decided(&people, pair, Decision::Split, None, &by).await.unwrap();
        assert_eq!((wards(one).await, wards(other).await), (0, 1));
    })
    .await;
}
