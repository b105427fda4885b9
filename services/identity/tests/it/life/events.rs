//! Births, names, cards, decisions of two, and deaths.

use super::*;
use crate::country::{approvers, official};
use daftar_identity::bonds::{Kind, NewGuardian};
use daftar_identity::life::Birth;
use daftar_identity::search::Query;
use daftar_identity::version::Cause;
use daftar_kernel::Actor;
use daftar_testing::for_each_engine;

fn renamed(name: &str) -> Happening {
    Happening::Name { name: name.into(), given: String::new(), family: String::new() }
}

#[tokio::test]
async fn a_birth_joins_parents_and_child() {
    Box::pin(for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let home = Entry {
            address_place: "north-1".into(),
            address_lines: vec!["by the mill".into()],
            ..named("Amina Diallo", "1990-02-13")
        };
        let mother = add(&people, home, Ties::default()).await.unwrap();
        let father = add(&people, named("Omar Keita", "1988"), Ties::default()).await.unwrap();
        let birth = |key: &str| {
            let child = named("Newborn Keita", "2026-11-20");
            (Birth { child, ..Birth::default() }, words(key))
        };
        let register = async |birth: Birth, words: Words| {
            people.register_birth(&registrar(), &ask(), birth, words).await
        };
        let (mut same, w) = birth("b0");
        same.mother_card = card(&people, mother).await;
        same.father_card.clone_from(&same.mother_card);
        assert_eq!(register(same, w).await.unwrap_err().code, "identity-parents-same");
        let (mut both, mut w) = birth("b1");
        (both.mother_card, both.father_card) = (card(&people, mother).await, card(&people, father).await);
        w.documents = vec![document("hospital")];
        let done = register(both.clone(), w.clone()).await.unwrap();
        assert_eq!(register(both, w).await.unwrap(), done, "sent again");
        let fields = ["parents", "address", "history", "bonds", "documents"];
        let child = people.read(&registrar(), &ask(), done.person, &fields).await.unwrap();
        assert_eq!(child.record.mother.as_ref().unwrap().as_str(), "Amina Diallo");
        assert_eq!(child.record.father.as_ref().unwrap().as_str(), "Omar Keita");
        assert_eq!(child.record.address.lines, ["by the mill"], "from the mother's record");
        assert_eq!(child.history[0].document.cause, Cause::Born);
        let kept = (child.bonds.len(), child.documents.len(), files(&store));
        assert_eq!(kept, (4, 1, 1), "repeating keeps no second file");
        for parent in [mother, father] {
            let me = citizen(&people, parent).await;
            assert_eq!(people.my_wards(me).await.unwrap().len(), 1);
            let acts = people.my_acts(me, None, 10).await.unwrap();
            for kind in ["identity.parent-named", "identity.guardian-named"] {
                assert!(acts.iter().any(|act| act.entry.kind == kind), "{kind}");
            }
            let looks = people.my_looks(me, None, 10).await.unwrap();
            let shown = looks.rows.iter().map(|row| row.content.as_ref().unwrap().fields.join(" "));
            assert!(shown.into_iter().any(|fields| fields == "name address"), "reading the names is a look");
        }
        // A mother who is a child herself is the mother and no guardian.
        let young = guarded(&people, "Young Mother", "2010-01-01", mother).await;
        let (mut hers, w) = birth("b2");
        hers.child = named("Yasmine Traore", "2026-11-21");
        hers.mother_card = card(&people, young).await;
        let refused = register(hers.clone(), w.clone()).await.unwrap_err();
        assert_eq!(refused.code, "identity-guardian-needed");
        hers.guardian_card = card(&people, mother).await;
        let done = register(hers, w).await.unwrap();
        let bonds = people.read(&registrar(), &ask(), done.person, &["bonds"]).await.unwrap().bonds;
        assert!(bonds.iter().any(|b| b.kind == Kind::Mother && b.other == young));
        assert!(bonds.iter().any(|b| b.kind == Kind::Guardian && b.other == mother));
        let (b, w) = birth("b3");
        let officer = people.register_birth(&official("Sami", "officer"), &ask(), b, w).await;
        assert_eq!(officer.unwrap_err().kind.status(), 403);
    }))
    .await;
}

#[tokio::test]
async fn another_name_a_lost_card_and_a_document() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = adult(&people, "Amina Diallo").await;
        let done = happen(&people, one, renamed("Amina Traoré"), "n1").await.unwrap();
        assert_eq!(happen(&people, one, renamed("Amina Traoré"), "n1").await.unwrap(), done, "once");
        let same = happen(&people, one, renamed("Amina Traoré"), "n2").await.unwrap_err();
        assert_eq!(same.code, "identity-unchanged");
        for name in ["Amina Diallo", "Amina Traore"] {
            let query = Query { name: name.into(), born: "1990".into(), ..Query::default() };
            let found = people.search(&registrar(), &ask(), &query).await.unwrap();
            assert_eq!(found.iter().map(|f| f.person).collect::<Vec<_>>(), [one], "{name}");
        }
        let bare = Words { evidence: String::new(), ..words("n3") };
        let died = Happening::Died { date: "2026".into() };
        let refused = people.happen(&clerk(), one, died, bare.clone()).await.unwrap_err();
        assert_eq!(refused.code, "identity-evidence", "words or a document");

        let number = card(&people, one).await;
        happen(&people, one, Happening::CardLost, "l1").await.unwrap();
        assert_eq!(card(&people, one).await, "", "no card holds");
        let again = happen(&people, one, Happening::CardLost, "l2").await.unwrap_err();
        assert_eq!(again.code, "identity-card-none");
        let by = Ties { guardians: vec![number], ..Ties::default() };
        let lost = add(&people, named("Child Traore", "2020"), by).await.unwrap_err();
        assert_eq!(lost.code, "identity-card-unknown", "a lost card's number says nothing any more");
        people.replace_card(&clerk(), one, "the old one was lost", "r1").await.unwrap();
        assert_ne!(card(&people, one).await, "");

        let with = Words { documents: vec![document("judgement")], ..bare };
        let done = people.happen(&clerk(), one, renamed("Amina Keita"), with).await.unwrap();
        let shown = people.read(&registrar(), &ask(), one, &["documents", "history"]).await.unwrap();
        assert_eq!((shown.documents[0].version, shown.documents.len()), (done.done.version, 1));
        let causes: Vec<_> = shown.history.iter().map(|version| version.document.cause).collect();
        assert_eq!(causes, [Cause::Registered, Cause::NameChanged, Cause::CardLost, Cause::NameChanged]);
    })
    .await;
}

#[tokio::test]
async fn two_people_suspend_mark_and_take_it_back() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        approvers(&people).await;
        let one = adult(&people, "Amina Diallo").await;
        let me = citizen(&people, one).await;
        let number = card(&people, one).await;
        let moot = decide(&people, one, Decision::Lift).await.unwrap_err();
        assert_eq!(moot.code, "identity-decision-moot");
        decide(&people, one, Decision::Suspend).await.unwrap();
        assert_eq!(card(&people, one).await, "", "no card holds");
        assert!(people.my_record(me).await.is_ok(), "she still sees her record, and can complain");
        let card_refused = people.replace_card(&clerk(), one, "x", "c1").await.unwrap_err();
        assert_eq!(card_refused.code, "identity-suspended");
        let by = Ties { guardians: vec![number.clone()], ..Ties::default() };
        let refused = add(&people, named("Child Diallo", "2020"), by).await.unwrap_err();
        assert_eq!(refused.code, "identity-card-unknown");
        decide(&people, one, Decision::MarkFraud).await.unwrap();
        let marks = async || people.read(&registrar(), &ask(), one, &[]).await.unwrap().marks;
        assert!(marks().await.suspended && marks().await.fraud);
        // A mark goes from version to version.
        happen(&people, one, renamed("Amina Keita"), "n").await.unwrap();
        assert!(marks().await.fraud);
        decide(&people, one, Decision::Lift).await.unwrap();
        assert_eq!(card(&people, one).await, number, "the same card again");
        decide(&people, one, Decision::ClearFraud).await.unwrap();
        assert!(marks().await.is_clear());
        // What changed meanwhile was not approved.
        let request = || Request { person: one, decision: Decision::Suspend, ground: "article 40".into() };
        let approval = people.request_decision(&clerk(), request()).await.unwrap();
        happen(&people, one, Happening::CardLost, "l").await.unwrap();
        approve(&people, approval, &country::again(&people).await).await;
        let late = people.carry_out(&clerk(), Decision::Suspend, approval).await.unwrap_err();
        assert_eq!(late.code, "identity-changed");
        let officer = Actor::Official(official("Sami", "officer"));
        assert_eq!(people.request_decision(&officer, request()).await.unwrap_err().kind.status(), 403);
    })
    .await;
}

#[tokio::test]
async fn a_death_ends_what_a_life_held_and_two_people_undo_a_mistake() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        approvers(&people).await;
        let (mother, aunt) = (adult(&people, "Amina Diallo").await, adult(&people, "Fatou Keita").await);
        let child = guarded(&people, "Child Diallo", "2020-05-06", mother).await;
        let number = card(&people, mother).await;
        let died = |date: &str| Happening::Died { date: date.into() };
        for date in ["", "2030-01-01", "1980-01-01", "soon"] {
            let refused = happen(&people, mother, died(date), "d0").await.unwrap_err();
            assert_eq!(refused.code, "identity-entry", "{date}");
        }
        assert_eq!(happen(&people, mother, died("2026-11-22"), "d1").await.unwrap().alone, [child]);
        let twice = happen(&people, mother, died("2026"), "d2").await.unwrap_err();
        assert_eq!(twice.code, "identity-dead");
        assert_eq!(card(&people, mother).await, "");
        assert_eq!(people.issue_activation(&clerk(), mother).await.unwrap_err().code, "identity-dead");
        let me = citizen(&people, mother).await;
        assert!(people.my_wards(me).await.unwrap().is_empty());
        assert_eq!(people.unguarded(&clerk()).await.unwrap()[0].0, child);
        let told = people.my_acts(citizen(&people, child).await, None, 10).await.unwrap();
        assert!(told.iter().any(|act| act.entry.kind == "identity.guardian-gone"));

        decide(&people, mother, Decision::UndoDeath).await.unwrap();
        assert_eq!(card(&people, mother).await, number);
        assert_eq!(people.my_wards(me).await.unwrap().len(), 1, "she answers again");
        assert!(people.unguarded(&clerk()).await.unwrap().is_empty());

        happen(&people, mother, died("2026-11-22"), "d3").await.unwrap();
        let new = |card: String, key: &str| NewGuardian {
            child,
            card,
            reason: "the mother died".into(),
            evidence: "family court 3/2026".into(),
            idempotency_key: key.into(),
        };
        let by = card(&people, aunt).await;
        people.name_guardian(&clerk(), new(by.clone(), "g1")).await.unwrap();
        let again = people.name_guardian(&clerk(), new(by.clone(), "g2")).await.unwrap_err();
        assert_eq!(again.code, "identity-guardian-already");
        assert!(people.unguarded(&clerk()).await.unwrap().is_empty());
        assert_eq!(people.my_wards(citizen(&people, aunt).await).await.unwrap().len(), 1);
        let grown = NewGuardian { child: aunt, ..new(by, "g3") };
        assert_eq!(people.name_guardian(&clerk(), grown).await.unwrap_err().code, "identity-guardian-adult");

        // Erasing the guardian leaves the child listed, and no row of hers.
        let approval = people.request_erasure(&clerk(), aunt, "Court 1/2026").await.unwrap();
        approve(&people, approval, &country::again(&people).await).await;
        people.erase(&clerk(), approval).await.unwrap();
        assert_eq!(people.unguarded(&clerk()).await.unwrap()[0].0, child);
        assert_eq!(count(&store, "bonds").await, 3, "the mother's side, and the child's two");
    })
    .await;
}
