//! Guardians, introducers, and the day a child comes of age.

use super::*;
use daftar_identity::bonds::{Kind, MAX_GUARDIANS, Side};
use daftar_identity::correct::{Correction, PhotoChange};
use daftar_identity::person::Standing;
use daftar_identity::version::Cause;
use daftar_testing::for_each_engine;

#[tokio::test]
async fn a_child_is_registered_with_somebody_or_with_a_sentence() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let mother = adult(&people, "Amina Diallo").await;
        let number = card(&people, mother).await;
        let try_with = async |entry: Entry, ties: Ties| add(&people, entry, ties).await.map_err(|p| p.code);
        // It is 2026-11-23: whoever was born on the 24th comes of age tomorrow.
        let tomorrow = || named("Child Tomorrow", "2008-11-24");
        assert_eq!(try_with(tomorrow(), Ties::default()).await, Err("identity-guardian-needed"));
        assert!(try_with(named("Child Today", "2008-11-23"), Ties::default()).await.is_ok(), "of age today");
        assert!(try_with(named("Nobody Knows", ""), Ties::default()).await.is_ok(), "no date, no guardian");
        let why = "found at the border, brought by the agency";
        let alone = Ties { without_guardian: why.into(), ..Ties::default() };
        let found = try_with(tomorrow(), alone).await.unwrap();
        let listed = people.unguarded(&clerk()).await.unwrap();
        assert_eq!(listed.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [found]);
        let record = people.read(&registrar(), &ask(), found, &["history"]).await.unwrap();
        assert_eq!(record.history[0].document.evidence, why);

        let with = |cards: Vec<String>| Ties { guardians: cards, ..Ties::default() };
        let child = |n: usize| named(["Bravo Diallo", "Kilo Traore", "Tango Sissoko"][n], "2020-05-06");
        let by_child = card(&people, found).await;
        assert_eq!(try_with(child(0), with(vec![by_child])).await, Err("identity-guardian-child"));
        assert_eq!(try_with(child(0), with(vec!["4444".into()])).await, Err("identity-card-unknown"));
        let grown = named("Old Enough", "1980");
        assert_eq!(try_with(grown, with(vec![number.clone()])).await, Err("identity-guardian-adult"));
        let names = ["Moussa Keita", "Fatou Cisse", "Omar Bah", "Selma Haddad", "Rahul Verma"];
        assert_eq!(names.len(), MAX_GUARDIANS + 1);
        let mut cards = Vec::new();
        for name in names {
            let guardian = adult(&people, name).await;
            cards.push(card(&people, guardian).await);
        }
        assert_eq!(try_with(child(1), with(cards.clone())).await, Err("identity-guardians-many"));
        assert!(try_with(child(1), with(cards[..MAX_GUARDIANS].to_vec())).await.is_ok());
        let twice = try_with(child(2), with(vec![number.clone(), number])).await.unwrap();
        let bonds = people.read(&registrar(), &ask(), twice, &["bonds"]).await.unwrap().bonds;
        assert_eq!(bonds.len(), 1, "one card given twice is one guardian");
        assert_eq!((bonds[0].kind, bonds[0].side, bonds[0].other), (Kind::Guardian, Side::Has, mother));
    })
    .await;
}

#[tokio::test]
async fn no_table_joins_two_people() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let mother = adult(&people, "Amina Diallo").await;
        let child = guarded(&people, "Child Diallo", "2020-05-06", mother).await;
        let rows = store.read(|tx| {
            Box::pin(async move {
                let select = sql!("select id, holder, sealed from identity_bond order by id");
                let rows = tx.query(select, &params![]).await?;
                let cells = |row: &daftar_store::Row| {
                    Ok([row.get::<Vec<u8>>(0)?, row.get::<Vec<u8>>(1)?, row.get::<Vec<u8>>(2)?])
                };
                rows.iter().map(cells).collect::<Result<Vec<_>, StoreError>>()
            })
        });
        let rows = rows.await.unwrap();
        assert_eq!(rows.len(), 2, "a row a side");
        assert_ne!(rows[0][1], rows[1][1]);
        for bytes in rows.iter().flatten() {
            for person in [mother, child] {
                assert!(!bytes.windows(16).any(|part| part == person.as_bytes()), "a person in clear");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_vouches_is_told_and_may_do_so_a_few_times_a_year() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let daughter = adult(&people, "Amina Diallo").await;
        let number = card(&people, daughter).await;
        let by = || Ties { introducer: number.clone(), ..Ties::default() };
        let grandmother = add(&people, named("Khadija Diallo", "1951"), by()).await.unwrap();
        add(&people, named("Zohra Keita", "1960"), by()).await.unwrap();
        let third = add(&people, named("Saida Traore", "1961"), by()).await.unwrap_err();
        assert_eq!(
            (third.code, third.kind.status()),
            ("identity-introductions-many", 422),
            "two is the limit"
        );
        let alone = add(&people, named("Saida Traore", "1961"), Ties::default()).await;
        assert!(alone.is_ok(), "nobody is kept out by it");
        let acts = people.my_acts(citizen(&people, daughter).await, None, 10).await.unwrap();
        assert_eq!(acts.iter().filter(|act| act.entry.kind == "identity.introduction-made").count(), 2);
        let told = people.read(&registrar(), &ask(), grandmother, &["bonds"]).await.unwrap().bonds;
        assert_eq!((told[0].kind, told[0].side), (Kind::Introducer, Side::Has));
        store.clock.advance_seconds(60 * DAY);
        assert!(add(&people, named("Rebah Cisse", "1970"), by()).await.is_ok(), "another year");
    })
    .await;
}

#[tokio::test]
async fn a_guardian_sees_the_child_and_the_child_sees_that() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (mother, other) = (adult(&people, "Amina Diallo").await, adult(&people, "Fatou Keita").await);
        let child = guarded(&people, "Child Diallo", "2009-01-02", mother).await;
        let theirs = guarded(&people, "Child Keita", "2015-01-02", other).await;
        let (me, stranger) = (citizen(&people, mother).await, citizen(&people, other).await);
        let wards = people.my_wards(me).await.unwrap();
        assert_eq!(wards.len(), 1);
        let bond = wards[0].bond;
        let ward = people.my_ward(me, bond, &["name", "born"]).await.unwrap();
        assert_eq!(ward.version.document.person.name.as_str(), "Child Diallo");
        let hers = citizen(&people, child).await;
        let seen = people.my_looks(hers, None, 10).await.unwrap();
        let looks: Vec<_> = seen.rows.iter().map(|row| row.content.clone().unwrap()).collect();
        assert!(looks.iter().all(|look| look.reader == "Amina Diallo" && look.purpose == "guardianship"));
        assert_eq!(looks.iter().map(|l| l.fields.join(" ")).collect::<Vec<_>>(), ["name born", "name"]);
        // Another guardian, the child itself, the other side's row and a person's identifier open nothing.
        let not_found =
            async |who: Id, bond: Id| people.my_ward(who, bond, &["name"]).await.unwrap_err().kind.status();
        assert_eq!(not_found(stranger, bond).await, 404);
        assert_eq!(not_found(hers, bond).await, 404);
        let side = people.read(&registrar(), &ask(), child, &["bonds"]).await.unwrap().bonds[0].id;
        assert_eq!(not_found(me, side).await, 404, "the child's own row");
        assert_eq!(not_found(me, theirs).await, 404, "nor a person's identifier");
        assert!(people.ward_looks(stranger, bond, None, 5).await.is_err());
        assert!(people.ward_acts(stranger, bond, None, 5).await.is_err());
        assert!(people.ward_documents(stranger, bond).await.is_err());
        let total = people.my_looks(hers, None, 10).await.unwrap().total;
        assert_eq!(total, 3, "what was refused is no look: two of the guardian, one of the desk");

        // She comes of age on 2027-01-02, by the country's clock.
        store.clock.advance_seconds(39 * DAY);
        assert!(people.my_ward(me, bond, &["name"]).await.is_ok(), "the day before");
        assert_eq!(people.end_childhoods().await.unwrap(), 0);
        store.clock.advance_seconds(DAY);
        assert_eq!(not_found(me, bond).await, 404, "on the day, before anybody closed the bond");
        assert_eq!(people.end_childhoods().await.unwrap(), 1);
        assert_eq!(people.end_childhoods().await.unwrap(), 0, "once");
        let record = people.read(&registrar(), &ask(), child, &["history", "bonds"]).await.unwrap();
        assert_eq!(record.history.last().unwrap().document.cause, Cause::CameOfAge);
        assert!(record.bonds.iter().all(|bond| bond.ended.is_some()));
        for (who, kind) in [(hers, "identity.came-of-age"), (me, "identity.guardianship-ended")] {
            let acts = people.my_acts(who, None, 10).await.unwrap();
            assert_eq!(acts.iter().filter(|act| act.entry.kind == kind).count(), 1, "{kind}");
        }
        assert_eq!(people.my_wards(stranger).await.unwrap().len(), 1, "the other child is one still");
        assert_eq!(count(&store, "due").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_corrected_birthday_moves_the_day() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let mother = adult(&people, "Amina Diallo").await;
        let child = guarded(&people, "Child Diallo", "2015-01-02", mother).await;
        let correction = Correction {
            person: child,
            expected_version: 1,
            entry: named("Child Diallo", "2008-11-01"),
            photo: PhotoChange::Keep,
            reason: "another year".into(),
            evidence: "school register".into(),
            idempotency_key: "c1".into(),
        };
        people.correct(&clerk(), correction).await.unwrap();
        assert_eq!(people.end_childhoods().await.unwrap(), 0);
        store.clock.advance_seconds(DAY);
        assert_eq!(people.end_childhoods().await.unwrap(), 1, "of age already: the next day at the latest");
    })
    .await;
}

#[tokio::test]
async fn standing_closes_no_door() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let names = [
            ("Amina Diallo", "Nour Zitouni"),
            ("Rahul Verma", "Yasmine Cisse"),
            ("Selam Haile", "Karim Bekele"),
            ("Omar Bah", "Leila Haddad"),
            ("Fatou Keita", "Tariq Mansour"),
        ];
        for (standing, (name, child)) in Standing::ALL.into_iter().zip(names) {
            let entry = Entry { standing: standing.word().into(), ..named(name, "1985-03-04") };
            let person = add(&people, entry, Ties::default()).await.unwrap();
            assert_ne!(card(&people, person).await, "", "{standing:?} has a card");
            let letter = people.issue_activation(&clerk(), person).await.unwrap();
            let source = daftar_office::Source::of("192.0.2.7".parse().unwrap());
            people.claim(&letter.code, source).await.unwrap();
            let me = citizen(&people, person).await;
            assert!(people.my_paper_data(me).await.is_ok(), "{standing:?} prints a certificate");
            let child = Entry { standing: standing.word().into(), ..named(child, "2021-03-04") };
            let ties = Ties { guardians: vec![card(&people, person).await], ..Ties::default() };
            add(&people, child, ties).await.unwrap();
            assert_eq!(people.my_wards(me).await.unwrap().len(), 1, "{standing:?} answers for a child");
        }
    })
    .await;
}
