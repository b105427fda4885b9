//! Packets that wait, and what officials decide.

use crate::country::{self, amina, approve, approvers, official};
use crate::kits::{Kit, body, found, kit, scan, somebody, take};
use daftar_identity::bonds::Ties;
use daftar_identity::kit::Carried;
use daftar_identity::kit::held::{Decided, Decision};
use daftar_identity::kit::held_files::Picture;
use daftar_identity::kit::receive::State;
use daftar_identity::kit::rules::Hold;
use daftar_identity::person::Entry;
use daftar_identity::{People, permission};
use daftar_kernel::{Id, Official, Problem};
use daftar_office::{Proven, Source};
use daftar_testing::for_each_engine;
use enrolment_packet::{Attachment, Body};

/// A drawing.
const PHOTO: &[u8] = include_bytes!("../../../../app/daftar/tests/move/photo.png");

fn at_desk(by: &Proven) -> Official {
    by.actor().official().unwrap().clone()
}

/// The one packet of a kit that waits.
async fn waiting(people: &People, by: &Proven, unit: &Kit) -> Id {
    let held = people.kit_view(by.actor(), unit.id).await.unwrap().held;
    assert_eq!(held.len(), 1);
    held[0].id
}

async fn decide(people: &People, by: &Proven, id: Id, decision: Decision) -> Result<Decided, Problem> {
    people.decide_packet(&at_desk(by), id, decision).await
}

fn despite() -> Decision {
    Decision::Register { reason: "Two sisters, both are here".into() }
}

fn odd(kind: &str, bytes: &[u8]) -> Attachment {
    Attachment { kind: kind.into(), bytes: bytes.to_vec() }
}

/// Ends the first role of an official.
async fn end_role(people: &People, account: Id) {
    let (office, by) = (people.office().clone(), Proven::system("test"));
    let ended = people.store().write(move |tx| {
        let (office, by) = (office.clone(), by.clone());
        Box::pin(async move {
            let held = office.assignments_of(tx, account).await?;
            office.end_assignment(tx, &by, held[0].id).await
        })
    });
    ended.await.unwrap();
}

#[tokio::test]
async fn a_possible_double_is_decided_by_somebody_else() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        assert_eq!(take(&people, &unit.enrol(amina())).await.state, State::Merged);
        let twin = unit.enrol(amina());
        assert_eq!(take(&people, &twin).await.reason, Hold::Double.word());
        let id = waiting(&people, &by[0], &unit).await;
        assert_eq!(decide(&people, &by[1], id, despite()).await.unwrap_err().code, "identity-packet-own");

        let shown = people.held_packet(&at_desk(&by[0]), id).await.unwrap();
        assert_eq!(shown.carried.unwrap().person, amina());
        assert_eq!(shown.candidates.len(), 1);
        let empty = Decision::Register { reason: " ".into() };
        assert_eq!(decide(&people, &by[0], id, empty).await.unwrap_err().code, "identity-reason");
        let Decided::Registered(person) = decide(&people, &by[0], id, despite()).await.unwrap() else {
            panic!("not registered")
        };
        assert_eq!(found(&people, "Amina Diallo", "1990").await, 2);
        let again = decide(&people, &by[0], id, despite()).await.unwrap_err();
        assert_eq!(again.code, "identity-packet-decided");
        assert_eq!(take(&people, &twin).await.state, State::Merged, "a replay hears what was decided");
        // She sees that somebody looked at what the kit brought, from before she was registered.
        let citizen = people.office_token(person).await.unwrap();
        let data = people.my_data(citizen).await.unwrap();
        assert!(data.looks.iter().any(|row| row.content.is_some()));
        assert_eq!(data.versions[0].document.reason, "Two sisters, both are here");
        assert!(data.acts.iter().any(|act| act.entry.kind == "identity.packet-decided"));
    })
    .await;
}

#[tokio::test]
async fn it_is_this_person_and_the_evidence_goes_with_them() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        take(&people, &unit.enrol(amina())).await;
        let person = people.kit_view(by[0].actor(), unit.id).await.unwrap().settled[0].person.unwrap();
        let mut body = body(amina());
        body.documents.push(scan());
        take(&people, &unit.packet(&body)).await;
        let id = waiting(&people, &by[0], &unit).await;
        let same = |person| Decision::Same { person, reason: "The same face and mother".into() };
        let other = decide(&people, &by[0], id, same(unit.id)).await.unwrap_err();
        assert_eq!(other.code, "identity-packet-choice");
        assert_eq!(decide(&people, &by[0], id, same(person)).await.unwrap(), Decided::Same(person));
        assert_eq!(found(&people, "Amina Diallo", "1990").await, 1);
        let citizen = people.office_token(person).await.unwrap();
        let data = people.my_data(citizen).await.unwrap();
        assert_eq!(data.packets.iter().map(|one| one.documents).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(data.documents.len(), 1, "the document is hers now");
        assert_eq!(data.versions.len(), 1, "the record itself says what it said");
    })
    .await;
}

#[tokio::test]
async fn refused_with_a_paper_that_gives_recourse() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        take(&people, &unit.enrol(amina())).await;
        let packet = unit.enrol(amina());
        take(&people, &packet).await;
        let id = waiting(&people, &by[0], &unit).await;
        let refuse = Decision::Refuse { reason: "no-guardian".into(), words: "Nobody came with you.".into() };
        let Decided::Refused(paper) = decide(&people, &by[0], id, refuse).await.unwrap() else {
            panic!("not refused")
        };
        let source = Source::of([192, 0, 2, 1].into());
        let mine = people.my_refusal(&paper.reference, &paper.code, source).await.unwrap();
        assert_eq!((mine.words.as_str(), mine.reason.as_str()), ("Nobody came with you.", "no-guardian"));
        let again = take(&people, &packet).await;
        assert_eq!((again.state, again.kept), (State::Refused, true), "the kit may let go of it");
        assert_eq!(
            people.held_packet(&at_desk(&by[0]), id).await.unwrap_err().code,
            "identity-packet-decided"
        );
    })
    .await;
}

#[tokio::test]
async fn whatever_speaks_against_a_registration_is_held_and_nobody_is_lost() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        let bad = [
            (body(Entry { born: "2090".into(), ..somebody(1) }), Hold::Entry),
            (Body { entry: b"{\"person\": 7}".to_vec(), ..Body::default() }, Hold::Entry),
            (Body { photo: Some(b"no photo".to_vec()), ..body(somebody(2)) }, Hold::Photo),
            (
                Body { documents: vec![odd("passport", b"no scan"), scan()], ..body(somebody(6)) },
                Hold::Document,
            ),
            (Body { documents: vec![odd("voucher", &scan().bytes)], ..body(somebody(7)) }, Hold::Document),
        ];
        for (body, hold) in &bad {
            let taken = take(&people, &unit.packet(body)).await;
            assert_eq!((taken.state, taken.reason.as_str()), (State::Held, hold.word()));
        }
        let own =
            std::mem::replace(&mut unit.operator, enrolment_packet::Signer::from_seed(&[250; 32]).unwrap());
        assert_eq!(take(&people, &unit.enrol(somebody(3))).await.reason, Hold::OperatorUnknown.word());
        unit.operator = own;
        // Packets made in the kit's time and after it, all brought home a month later.
        let timely = unit.enrol(somebody(4));
        store.clock.advance_seconds(30 * 86_400);
        unit.times.made.wall += 15 * 86_400_000_000;
        unit.times.made.uptime += 15 * 86_400_000_000;
        let late = unit.enrol(somebody(5));
        assert_eq!(take(&people, &timely).await.state, State::Merged);
        assert_eq!(take(&people, &late).await.reason, Hold::KitEnded.word());

        // A photo that cannot be kept does not keep anybody out.
        let held = people.kit_view(by[0].actor(), unit.id).await.unwrap().held;
        assert_eq!(held.len(), 7);
        let photo = held.iter().find(|row| row.reason == "photo").unwrap();
        assert!(matches!(decide(&people, &by[0], photo.id, despite()).await, Ok(Decided::Registered(_))));
        // Nor does a scan: the one that can be kept is.
        let scans = held.iter().find(|row| row.documents == 2).unwrap();
        let Decided::Registered(person) = decide(&people, &by[0], scans.id, despite()).await.unwrap() else {
            panic!("not registered")
        };
        let citizen = people.office_token(person).await.unwrap();
        assert_eq!(people.my_data(citizen).await.unwrap().documents.len(), 1);
        let entry = held.iter().find(|row| row.reason == "entry").unwrap();
        let faulty = decide(&people, &by[0], entry.id, despite()).await.unwrap_err();
        assert_eq!((faulty.code, faulty.fields[0].field.as_str()), ("identity-packet-entry", "born"));
    })
    .await;
}

#[tokio::test]
async fn somebody_answers_for_a_child_or_an_official_says_why_nobody_does() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        take(&people, &unit.enrol(amina())).await;
        let mother = people.kit_view(by[0].actor(), unit.id).await.unwrap().settled[0].person.unwrap();
        let mother = people.office_token(mother).await.unwrap();
        let card = people.my_data(mother).await.unwrap().cards[0].card.number.plain();
        let child = |name: &str, beside: Ties| {
            let person = Entry { name: name.into(), born: "2020-05-06".into(), ..Entry::default() };
            let carried = Carried { person, evidence: String::new(), beside };
            Body { entry: serde_json::to_vec(&carried).unwrap(), ..Body::default() }
        };
        let with = |card: &str| Ties { guardians: vec![card.into()], ..Ties::default() };
        let guarded = take(&people, &unit.packet(&child("Hawa Diallo", with(&card)))).await;
        assert_eq!((guarded.state, guarded.reason.as_str()), (State::Merged, ""));
        assert_eq!(people.my_wards(mother).await.unwrap().len(), 1, "she answers for the child");
        let sentence = Ties { without_guardian: "Brought by the Red Crescent".into(), ..Ties::default() };
        assert_eq!(take(&people, &unit.packet(&child("Musa Keita", sentence))).await.state, State::Merged);
        for (name, beside) in [("Idris Sow", Ties::default()), ("Noor Jaziri", with("000000000000"))] {
            let taken = take(&people, &unit.packet(&child(name, beside))).await;
            assert_eq!(taken.reason, Hold::Guardian.word(), "{name}");
        }
        for row in people.kit_view(by[0].actor(), unit.id).await.unwrap().held {
            assert!(matches!(decide(&people, &by[0], row.id, despite()).await, Ok(Decided::Registered(_))));
        }
    })
    .await;
}

#[tokio::test]
async fn a_role_that_ended_and_a_kit_that_was_stolen() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let (mut a, mut b) = (kit(&people, &by[0], 3, 0).await, kit(&people, &by[0], 4, 0).await);
        let (from_a, from_b) = (a.enrol(somebody(1)), b.enrol(somebody(2)));
        people.withdraw_kit(&by[0], b.id, "Stolen at the market").await.unwrap();
        end_role(&people, at_desk(&by[1]).id).await;
        assert_eq!(take(&people, &from_a).await.reason, Hold::OperatorEnded.word());
        assert_eq!(
            take(&people, &from_b).await.reason,
            Hold::KitWithdrawn.word(),
            "the graver reason is said"
        );
        let id = waiting(&people, &by[0], &a).await;
        assert!(matches!(decide(&people, &by[0], id, despite()).await, Ok(Decided::Registered(_))));
        // Without the permission nobody sees or decides anything.
        let police = official("Sami", "officer");
        let id = waiting(&people, &by[0], &b).await;
        assert_eq!(people.held_packet(&police, id).await.unwrap_err().kind.status(), 403);
        assert!(permission::PERMISSIONS.iter().any(|one| one.code == permission::KIT));
    })
    .await;
}

#[tokio::test]
async fn who_was_erased_does_not_come_back_by_an_old_stick() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        let mut body = body(amina());
        body.documents.push(scan());
        let packet = unit.packet(&body);
        take(&people, &packet).await;
        let person = people.kit_view(by[0].actor(), unit.id).await.unwrap().settled[0].person.unwrap();
        let approval = people.request_erasure(by[0].actor(), person, "Act 7, paper 12").await.unwrap();
        approve(&people, approval, &by).await;
        people.erase(by[0].actor(), approval).await.unwrap();
        assert_eq!(take(&people, &packet).await.state, State::Merged, "as it was answered before");
        assert_eq!(found(&people, "Amina Diallo", "1990").await, 0);
        let row = &people.kit_view(by[0].actor(), unit.id).await.unwrap().settled[0];
        assert_eq!((row.person, row.state, row.documents), (None, None, 0));
    })
    .await;
}

/// How many looks at a photo and at documents the person it is about would see.
async fn looked(people: &People, person: Id) -> (usize, usize) {
    let citizen = people.office_token(person).await.unwrap();
    let looks = people.my_looks(citizen, None, 50).await.unwrap();
    let with = |field: &str| {
        let of = |row: &&daftar_record::person::LookRow| {
            row.content.as_ref().is_some_and(|one| one.fields == [field])
        };
        looks.rows.iter().filter(of).count()
    };
    (with("photo"), with("documents"))
}

#[tokio::test]
async fn officials_see_the_photo_and_documents_and_every_look_is_kept() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let mut unit = kit(&people, &by[0], 3, 0).await;
        take(&people, &unit.enrol(amina())).await;
        let documents = vec![odd("passport", b"no scan"), scan()];
        let body = Body { photo: Some(PHOTO.to_vec()), documents, ..body(amina()) };
        take(&people, &unit.packet(&body)).await;
        let id = waiting(&people, &by[0], &unit).await;
        let official = at_desk(&by[0]);
        let held = people.held_packet(&official, id).await.unwrap();
        assert_eq!((held.picture, held.documents.len()), (Picture::Here, 2));

        let photo = people.held_photo(&official, id).await.unwrap();
        assert!(photo.jpeg.starts_with(&[0xff, 0xd8]), "made anew, whatever was sent");
        let file = people.held_document(&official, id, 1).await.unwrap();
        assert_eq!(file.kind, scan().kind);
        let code = |problem: Problem| problem.code;
        assert_eq!(
            people.held_document(&official, id, 0).await.map(|_| ()).map_err(code),
            Err("identity-document")
        );
        assert_eq!(
            people.held_document(&official, id, 2).await.map(|_| ()).map_err(code),
            Err("identity-document-unknown")
        );
        let police = country::official("Sami", "officer");
        assert_eq!(people.held_photo(&police, id).await.map(|_| ()).map_err(|p| p.kind.status()), Err(403));
        assert_eq!(
            people.held_document(&police, id, 1).await.map(|_| ()).map_err(|p| p.kind.status()),
            Err(403)
        );

        let Decided::Registered(person) = decide(&people, &by[0], id, despite()).await.unwrap() else {
            panic!("not registered")
        };
        assert_eq!(looked(&people, person).await, (1, 1), "what was refused was no look");
        assert_eq!(
            people.held_photo(&official, id).await.map(|_| ()).map_err(code),
            Err("identity-packet-decided")
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_no_photo_is_said_and_not_shown() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let by = approvers(&people).await;
        let official = at_desk(&by[0]);
        for (salt, photo, picture, code) in [
            (3, None, Picture::None, "not-found"),
            (5, Some(b"<script>no photo</script>".to_vec()), Picture::Unreadable, "identity-photo"),
        ] {
            let mut unit = kit(&people, &by[0], salt, 0).await;
            let who = || somebody(usize::from(salt));
            take(&people, &unit.enrol(who())).await;
            take(&people, &unit.packet(&Body { photo, ..body(who()) })).await;
            let id = waiting(&people, &by[0], &unit).await;
            assert_eq!(people.held_packet(&official, id).await.unwrap().picture, picture);
            assert_eq!(people.held_photo(&official, id).await.map(|_| ()).map_err(|p| p.code), Err(code));
        }
    })
    .await;
}
