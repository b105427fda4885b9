//! A court takes a guardianship away and may name somebody else: two officials, exactly that, and the old guardian's doors shut.

use super::*;
use daftar_identity::bonds::{Bond, EndedBy, MAX_GUARDIANS, NewGuardian, Side};
use daftar_identity::life::{Asked, Court, MAX_ASKED, Wish};
use daftar_identity::version::Cause;
use daftar_office::approval::APPROVAL_SECONDS;
use daftar_testing::for_each_engine;

fn wish(child: Id, bond: Option<Id>, key: &str) -> Wish {
    Wish {
        child,
        bond,
        card: String::new(),
        alone: String::new(),
        court: Court {
            court: "Family court of the North".into(),
            number: "F 12/2026".into(),
            date: "2026-11-20".into(),
            words: "The care is withdrawn.".into(),
        },
        document: Some(document("judgement")),
        idempotency_key: key.into(),
    }
}

async fn bonds(people: &People, child: Id) -> Vec<Bond> {
    let shown = people.read(&registrar(), &ask(), child, &["bonds"]).await.unwrap();
    shown.bonds.into_iter().filter(|bond| bond.side == Side::Has).collect()
}
/// The child's row of the bond with this guardian.
async fn bond_with(people: &People, child: Id, guardian: Id) -> Bond {
    bonds(people, child).await.into_iter().rfind(|bond| bond.other == guardian).unwrap()
}
async fn request(people: &People, wish: Wish) -> Result<Asked, Problem> {
    people.request_guardianship(&clerk(), wish).await
}
async fn carried_out(people: &People, wish: Wish) -> Result<Registered, Problem> {
    let asked = request(people, wish).await?;
    approve(people, asked.approval, &country::again(people).await).await;
    people.decide_guardianship(&clerk(), asked.approval).await
}
async fn code(outcome: impl Future<Output = Result<Asked, Problem>>) -> &'static str {
    outcome.await.map_or_else(|problem| problem.code, |_| "asked")
}
async fn kinds(people: &People, person: Id) -> Vec<String> {
    let acts = people.my_acts(citizen(people, person).await, None, 100).await.unwrap();
    acts.into_iter().map(|act| act.entry.kind).collect()
}
/// Jobs that tell somebody, by their word.
async fn told(store: &TestStore, word: &str) -> usize {
    let found = store.read(|tx| {
        Box::pin(async move {
            let rows = tx.query(sql!("select payload from store_job"), &params![]).await?;
            rows.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>, StoreError>>()
        })
    });
    found.await.unwrap().iter().filter(|payload| payload.contains(&format!("\"{word}\""))).count()
}
async fn waiting(store: &TestStore) -> i64 {
    let counted = store.read(|tx| {
        Box::pin(async move {
            let select = sql!("select count(*) from identity_guardianship");
            tx.query_one(select, &params![]).await?.get::<i64>(0)
        })
    });
    counted.await.unwrap()
}

/// One vote decides nothing, and nobody votes twice.
async fn one_vote_is_one(people: &People, asked: Asked, official: &daftar_office::Proven) {
    approve(people, asked.approval, std::slice::from_ref(official)).await;
    let one = people.decide_guardianship(official.actor(), asked.approval).await.unwrap_err();
    assert_eq!(one.code, "office-approval-open");
    let (office, by) = (people.office().clone(), official.clone());
    let twice = people.store().write(move |tx| {
        let (office, by) = (office.clone(), by.clone());
        Box::pin(async move {
            let digest = office.approval(tx, by.actor(), asked.approval).await?.digest;
            office.approve(tx, &by, asked.approval, &digest).await
        })
    });
    assert_eq!(twice.await.unwrap_err().code, "office-approval-twice");
}

/// What whoever decides reads.
async fn the_second_reads_it(
    people: &People,
    reads: &daftar_kernel::Official,
    (child, aunt): (Id, Id),
    (asked, ends): (Asked, &Bond),
) {
    // The second reads what it is about; the child sees that.
    let pending = people.guardianship_asked(reads, &ask(), (child, asked.id)).await.unwrap();
    assert_eq!(pending.ends, Some(("Omar Diallo".into(), ends.since)));
    assert_eq!((pending.new.as_deref(), pending.child.as_str()), (Some("Fatou Keita"), "Child Diallo"));
    let file = people.guardianship_document(reads, &ask(), (child, asked.id)).await.unwrap();
    assert_eq!(file.bytes, pdf("judgement"));
    let other = people.guardianship_asked(reads, &ask(), (aunt, asked.id)).await.unwrap_err();
    assert_eq!(other.code, "identity-guardianship-unknown", "not another person's");
    let seen = people.my_looks(citizen(people, child).await, None, 2).await.unwrap();
    let shown: Vec<_> = seen.rows.iter().map(|row| row.content.clone().unwrap().fields.join(" ")).collect();
    assert_eq!(shown, ["name documents", "name bonds"]);
}

/// Every page of the old guardian's.
async fn his_doors_are_shut(people: &People, his: Id, (door, paper): (Id, Id)) {
    // His doors are shut, all of them; hers is open.
    assert!(people.my_wards(his).await.unwrap().is_empty());
    let shut = |problem: Problem| problem.kind.status();
    assert_eq!(shut(people.my_ward(his, door, &["name"]).await.unwrap_err()), 404);
    assert_eq!(shut(people.ward_looks(his, door, None, 5).await.unwrap_err()), 404);
    assert_eq!(shut(people.ward_acts(his, door, None, 5).await.unwrap_err()), 404);
    assert_eq!(shut(people.ward_photo(his, door).await.unwrap_err()), 404);
    assert_eq!(shut(people.ward_documents(his, door).await.unwrap_err()), 404);
    assert_eq!(shut(people.ward_document(his, door, paper).await.map(|_| ()).unwrap_err()), 404);
}

/// What each of the three finds.
async fn everybody_is_told(store: &TestStore, people: &People, [child, father, aunt]: [Id; 3]) {
    // Everybody is told, by an act and a notice of their own; nobody's names the other.
    for (person, kind, word) in [
        (child, "identity.guardianship-decided", "guardianship-decided"),
        (father, "identity.guardianship-taken", "guardianship-taken"),
        (aunt, "identity.guardian-named", "guardian"),
    ] {
        assert_eq!(kinds(people, person).await.iter().filter(|one| *one == kind).count(), 1, "{kind}");
        assert!(told(store, word).await >= 1, "{word}");
    }
    let acts = people.my_acts(citizen(people, father).await, None, 1).await.unwrap();
    let opening = acts[0].opening.as_ref().unwrap().to_string();
    assert!(opening.contains("F 12/2026") && !opening.contains("Child"), "{opening}");
    assert!(!serde_json::to_string(&acts[0].entry).unwrap().contains("F 12"), "public: nothing of it");
    assert_eq!(waiting(store).await, 0);
}

#[tokio::test]
async fn a_court_takes_it_away_and_names_somebody_else() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        country::approvers(&people).await;
        let (father, aunt) = (adult(&people, "Omar Diallo").await, adult(&people, "Fatou Keita").await);
        let child = guarded(&people, "Child Diallo", "2015-05-06", father).await;
        let (his, hers) = (citizen(&people, father).await, citizen(&people, aunt).await);
        store.clock.advance_seconds(1);
        let door = people.my_wards(his).await.unwrap()[0].bond;
        let held = people.add_document(&clerk(), child, document("school"), ("school", "d1")).await;
        held.unwrap();
        let paper = people.ward_documents(his, door).await.unwrap()[0].id;

        let ends = bond_with(&people, child, father).await;
        let new = Wish { card: card(&people, aunt).await, ..wish(child, Some(ends.id), "g1") };
        let asked = request(&people, new.clone()).await.unwrap();
        assert_eq!(request(&people, new).await.unwrap(), asked, "sent again");
        assert_eq!((waiting(&store).await, files(&store)), (1, 2), "one request, one paper");
        assert!(people.my_ward(his, door, &["name"]).await.is_ok(), "nothing has happened yet");

        // Nobody decides alone: not by asking, not by one vote, not by voting twice.
        let alone = people.decide_guardianship(&clerk(), asked.approval).await.unwrap_err();
        assert_eq!(alone.code, "office-approval-open");
        let officials = country::again(&people).await;
        one_vote_is_one(&people, asked, &officials[0]).await;
        assert!(people.my_ward(his, door, &["name"]).await.is_ok(), "still nothing");

        let reads = officials[1].actor().official().unwrap().clone();
        the_second_reads_it(&people, &reads, (child, aunt), (asked, &ends)).await;
        approve(&people, asked.approval, &officials[1..]).await;
        let done = people.decide_guardianship(&clerk(), asked.approval).await.unwrap();
        let again = people.decide_guardianship(&clerk(), asked.approval).await.unwrap_err();
        assert_eq!(again.code, "office-approval-closed", "once");

        his_doors_are_shut(&people, his, (door, paper)).await;
        let wards = people.my_wards(hers).await.unwrap();
        assert_eq!(wards.len(), 1);
        assert!(people.ward_document(hers, wards[0].bond, paper).await.is_ok());

        // The history keeps both, with their dates, the reason and the paper.
        let record = people.read(&registrar(), &ask(), child, &["history", "documents"]).await.unwrap();
        let last = &record.history.last().unwrap().document;
        assert_eq!((last.cause, last.reason.as_str()), (Cause::Guardianship, "The care is withdrawn."));
        assert_eq!(last.evidence, "Family court of the North, F 12/2026, 2026-11-20");
        assert_eq!(record.documents.last().unwrap().version, done.version);
        let both = bonds(&people, child).await;
        assert_eq!(both.len(), 2);
        assert_eq!(both[0].ended.map(|(_, by)| by), Some(EndedBy::Court));
        assert_eq!((both[1].other, both[1].ended, both[1].receipt), (aunt, None, done.receipt));

        everybody_is_told(&store, &people, [child, father, aunt]).await;
        // One official alone does not undo it; another decision does.
        let back = NewGuardian {
            child,
            card: card(&people, father).await,
            reason: "he asks".into(),
            evidence: "his word".into(),
            idempotency_key: "back".into(),
        };
        let refused = people.name_guardian(&clerk(), back).await.unwrap_err();
        assert_eq!(refused.code, "identity-guardian-taken");
        let given = Wish { card: card(&people, father).await, ..wish(child, None, "g2") };
        carried_out(&people, given).await.unwrap();
        assert_eq!(people.my_wards(his).await.unwrap().len(), 1, "given back by two");
        assert!(people.my_ward(his, door, &["name"]).await.is_err(), "the old bond stays what it was");
        assert_eq!(kinds(&people, aunt).await[0], "identity.ward-shared");
    })
    .await;
}

#[tokio::test]
async fn nobody_is_left_without_anybody() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        country::approvers(&people).await;
        let mother = adult(&people, "Amina Diallo").await;
        let child = guarded(&people, "Child Diallo", "2015-05-06", mother).await;
        let row = bond_with(&people, child, mother).await.id;
        let try_with = async |one: Wish| code(request(&people, one)).await;
        let plain = |key: &str| wish(child, Some(row), key);
        assert_eq!(try_with(plain("a")).await, "identity-guardian-needed");
        assert_eq!(try_with(wish(child, None, "b")).await, "identity-guardianship-nothing");
        let stranger = store.world().id();
        assert_eq!(try_with(wish(child, Some(stranger), "c")).await, "identity-guardianship-bond");
        let own = Wish { card: card(&people, mother).await, ..plain("d") };
        assert_eq!(try_with(own).await, "identity-guardian-already", "not whoever loses it");
        let by_child = Wish { card: card(&people, child).await, ..plain("e") };
        assert_eq!(try_with(by_child).await, "identity-guardian-child");
        assert_eq!(try_with(Wish { card: "4444".into(), ..plain("f") }).await, "identity-card-unknown");
        let bare = Wish { document: None, alone: "a home".into(), ..plain("g") };
        assert_eq!(try_with(bare).await, "identity-guardianship-court");
        assert_eq!(try_with(wish(mother, None, "h")).await, "identity-guardian-adult");
        assert_eq!((waiting(&store).await, files(&store)), (0, 0), "what is refused keeps no paper");
        let police = daftar_kernel::Actor::Official(country::official("Sami", "officer"));
        let refused = people.request_guardianship(&police, plain("i")).await.unwrap_err();
        assert_eq!(refused.kind.status(), 403);

        // With a sentence it goes, and the child is on the list.
        let alone = Wish { alone: "the children's home in Sidi Hassan".into(), ..plain("j") };
        let done = carried_out(&people, alone).await.unwrap();
        let listed = people.unguarded(&clerk()).await.unwrap();
        assert_eq!(listed.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [child]);
        let record = people.read(&registrar(), &ask(), child, &["history"]).await.unwrap();
        let evidence = &record.history.last().unwrap().document.evidence;
        assert!(evidence.ends_with("the children's home in Sidi Hassan"), "{evidence}");
        assert_eq!(record.version, done.version);

        // What the rules allow when it is asked for they may not allow later: of two guardians, the other dies meanwhile.
        let (one, two) = (adult(&people, "Omar Bah").await, adult(&people, "Selma Haddad").await);
        let both = vec![card(&people, one).await, card(&people, two).await];
        let ties = Ties { guardians: both, ..Ties::default() };
        let second = add(&people, named("Nour Haddad", "2018-02-03"), ties).await.unwrap();
        let row = bond_with(&people, second, one).await.id;
        let asked = request(&people, wish(second, Some(row), "k")).await.unwrap();
        approve(&people, asked.approval, &country::again(&people).await).await;
        happen(&people, two, Happening::Died { date: "2026-11-21".into() }, "died").await.unwrap();
        let refused = people.decide_guardianship(&clerk(), asked.approval).await.unwrap_err();
        assert_eq!(refused.code, "identity-guardian-needed");
        assert_eq!(people.my_wards(citizen(&people, one).await).await.unwrap().len(), 1, "nothing happened");
    })
    .await;
}

#[tokio::test]
async fn what_was_edited_between_the_approvals_decides_nothing() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        country::approvers(&people).await;
        let (mother, aunt) = (adult(&people, "Amina Diallo").await, adult(&people, "Fatou Keita").await);
        let child = guarded(&people, "Child Diallo", "2015-05-06", mother).await;
        let row = bond_with(&people, child, mother).await.id;
        let officials = country::again(&people).await;
        let ask_for = async |key: &str| {
            let new = Wish { card: card(&people, aunt).await, ..wish(child, Some(row), key) };
            request(&people, new).await.unwrap()
        };
        let (first, second) = (ask_for("one").await, ask_for("two").await);
        approve(&people, first.approval, &officials[..1]).await;
        let swap = store.write(move |tx| {
            Box::pin(async move {
                let select = sql!("select sealed from identity_guardianship where id = $1");
                let other: Vec<u8> = tx.query_one(select, &params![second.id]).await?.get(0)?;
                let put = sql!("update identity_guardianship set sealed = $2 where id = $1");
                tx.execute(put, &params![first.id, other]).await
            })
        });
        let swapped: Result<u64, StoreError> = swap.await;
        assert_eq!(swapped.unwrap(), 1);
        approve(&people, first.approval, &officials[1..]).await;
        let refused = people.decide_guardianship(&clerk(), first.approval).await.unwrap_err();
        assert_eq!(refused.code, "identity-guardianship-altered");
        let edit = store.write(move |tx| {
            Box::pin(async move {
                let put = sql!("update office_approval set payload = replace(payload, $2, $3) where id = $1");
                tx.execute(put, &params![second.approval, child.to_string(), aunt.to_string()]).await
            })
        });
        let edited: Result<u64, StoreError> = edit.await;
        assert_eq!(edited.unwrap(), 1);
        let refused = people.decide_guardianship(&clerk(), second.approval).await.unwrap_err();
        assert_eq!(refused.code, "office-approval-altered");
        // A record that was changed meanwhile was not approved either.
        let third = ask_for("three").await;
        approve(&people, third.approval, &country::again(&people).await).await;
        let renamed =
            Happening::Name { name: "Child Keita".into(), given: String::new(), family: String::new() };
        happen(&people, child, renamed, "n").await.unwrap();
        let refused = people.decide_guardianship(&clerk(), third.approval).await.unwrap_err();
        assert_eq!(refused.code, "identity-changed");
        let his = people.my_wards(citizen(&people, mother).await).await.unwrap();
        assert_eq!((his.len(), people.my_wards(citizen(&people, aunt).await).await.unwrap().len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn so_many_wait_and_no_more_and_none_for_ever() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        country::approvers(&people).await;
        let mother = adult(&people, "Amina Diallo").await;
        let child = guarded(&people, "Child Diallo", "2015-05-06", mother).await;
        let row = bond_with(&people, child, mother).await.id;
        let alone = |key: &str| Wish { alone: "a home".into(), ..wish(child, Some(row), key) };
        for n in 0..MAX_ASKED {
            assert_eq!(code(request(&people, alone(&format!("k{n}")))).await, "asked", "{n}");
        }
        assert_eq!(code(request(&people, alone("more"))).await, "identity-decision-moot");
        let asked = usize::try_from(MAX_ASKED).unwrap();
        let hers = citizen(&people, child).await;
        let data = people.my_data(hers).await.unwrap().json();
        let held = data["guardianships_waiting"].as_array().unwrap();
        assert_eq!((held.len(), held[0]["decision"]["number"].as_str()), (asked, Some("F 12/2026")));
        store.clock.advance_seconds(APPROVAL_SECONDS - 1);
        assert_eq!(people.sweep_guardianships().await.unwrap(), 0);
        store.clock.advance_seconds(1);
        assert_eq!(people.sweep_guardianships().await.unwrap(), MAX_ASKED.unsigned_abs());
        assert_eq!((waiting(&store).await, files(&store)), (0, 0), "and the papers with them");

        // Four guardians at most, also by a court.
        let names = ["Moussa Keita", "Fatou Cisse", "Omar Bah", "Selma Haddad"];
        for (n, name) in names.into_iter().enumerate() {
            let guardian = adult(&people, name).await;
            let new = Wish { card: card(&people, guardian).await, ..wish(child, None, &format!("m{n}")) };
            let outcome = carried_out(&people, new).await.map_err(|problem| problem.code);
            assert_eq!(outcome.is_ok(), n + 1 < MAX_GUARDIANS, "{n}: {outcome:?}");
        }
        // An erasure takes what waits along.
        request(&people, alone("last")).await.unwrap();
        let asked = people.request_erasure(&clerk(), child, "Data Protection Act, article 17").await.unwrap();
        approve(&people, asked, &country::again(&people).await).await;
        people.erase(&clerk(), asked).await.unwrap();
        assert_eq!((waiting(&store).await, files(&store)), (0, 0));
    })
    .await;
}
