//! Recourse: answered outside, by a date, counted in public.

use crate::bed::{Bed, MIGRATIONS, code_of, sql_run, write};
use daftar_kernel::{Actor, Id};
use daftar_office::complaint::{About, Complaint, Counts, NewComplaint, OPEN_MAX, Outcome, TEXT_MAX_CHARS};
use daftar_office::permit::Ask;
use daftar_testing::for_each_engine;

const AMINA: Id = Id::from_bytes([5; 16]);
const LOOK: Id = Id::from_bytes([4; 16]);

fn about_look(words: &str) -> NewComplaint {
    let (agency, office) = ("registry".into(), "registry-north".into());
    NewComplaint { about: About::Look(LOOK), agency, office, words: words.into() }
}

async fn complain(bed: &Bed, new: NewComplaint) -> Result<Complaint, daftar_kernel::Problem> {
    write!(bed, [new], |office, tx| office.complain(tx, AMINA, &new).await)
}

async fn answer(bed: &Bed, by: &Actor, id: Id, outcome: Outcome) -> &'static str {
    let by = by.clone();
    code_of(write!(bed, [by], |office, tx| office.answer_complaint(tx, &by, id, outcome, "We looked.").await))
}

#[tokio::test]
async fn a_complaint_goes_outside_and_its_answer_comes_back() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (_, _, ombudsman) = bed.at_work("omar", "ombudsman-desk", "answerer").await;
        let (_, _, court) = bed.at_work("cora", "court-desk", "answerer").await;
        let (_, _, clerk) = bed.at_work("cleo", "registry-north", "clerk").await;
        let filed = complain(&bed, about_look("I do not know\r\nthis office.")).await.unwrap();
        assert_eq!((filed.reference.as_str(), filed.desk.as_str()), ("C-2026-1", "ombudsman-desk"));
        assert_eq!(filed.due, filed.opened.plus_seconds(30 * 86_400));
        let id = filed.id;
        let at_desk = write!(bed, [ombudsman], |office, tx| office.complaints_at_desk(tx, &ombudsman).await);
        assert_eq!(at_desk.unwrap(), std::slice::from_ref(&filed));
        assert_eq!(answer(&bed, &court, id, Outcome::Upheld).await, "not-found", "another desk");
        assert_eq!(answer(&bed, &clerk, id, Outcome::Upheld).await, "office-not-permitted");
        assert_eq!(answer(&bed, &ombudsman, id, Outcome::Upheld).await, "ok");
        assert_eq!(answer(&bed, &ombudsman, id, Outcome::Upheld).await, "office-state");
        let own = write!(bed, [], |office, tx| office.complaints_of(tx, AMINA).await).unwrap();
        assert_eq!(own[0].1.complaint, "I do not know\nthis office.");
        assert_eq!(own[0].1.answer.as_deref(), Some("We looked."));
        assert_eq!((own[0].0.outcome, own[0].0.about), (Some(Outcome::Upheld), About::Look(LOOK)));
        let other = Id::from_bytes([6; 16]);
        assert_eq!(write!(bed, [], |office, tx| office.complaints_of(tx, other).await).unwrap(), []);
        assert_eq!(bed.acts("office.complaint-opened").await, 1);
        assert_eq!(bed.acts("office.complaint-answered").await, 1);
        let plain = sql_run!(
            bed,
            "update office_complaint set words = words where words = $1",
            b"I do not know\nthis office.".as_slice()
        );
        assert_eq!(plain, 0, "words are sealed");
    })
    .await;
}

#[tokio::test]
async fn a_complaint_about_the_ombudsman_goes_to_the_court() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let about = NewComplaint {
            about: About::Other,
            agency: "ombudsman".into(),
            office: String::new(),
            words: "No answer in time.".into(),
        };
        assert_eq!(complain(&bed, about).await.unwrap().desk, "court-desk");
    })
    .await;
}

#[tokio::test]
async fn reading_the_words_is_a_look_like_any_other() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let mut parts = crate::testbed::parts();
        parts.roles.iter_mut().find(|r| r.code == "answerer").unwrap().purposes = vec!["issue-card".into()];
        let languages = [daftar_kernel::Lang::english()];
        let roster = daftar_office::Roster::new(parts, &languages, daftar_office::PERMISSIONS).unwrap();
        bed.office.set_roster(roster.into());
        let (_, _, ombudsman) = bed.at_work("omar", "ombudsman-desk", "answerer").await;
        let id = complain(&bed, about_look("Who is this?")).await.unwrap().id;
        let (subject, omar) = (Id::from_bytes([9; 16]), ombudsman.official().unwrap().clone());
        let (complaint, words) = write!(bed, [omar, ombudsman], |office, tx| {
            let (_, citizen) = office.complaint_at_desk(tx, &ombudsman, id).await?;
            assert_eq!(citizen, AMINA);
            let ask = Ask { purpose: "issue-card".into(), ..Ask::default() };
            let permit = office.permit(tx, &omar, &ask).await?;
            office.read_complaint(tx, &permit, id, subject).await
        })
        .unwrap();
        assert_eq!((complaint.id, words.complaint.as_str()), (id, "Who is this?"));
        assert_eq!(sql_run!(bed, "update record_look set agency = agency where subject = $1", subject), 1);
    })
    .await;
}

#[tokio::test]
async fn an_open_complaint_is_a_case_of_its_desk() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let mut parts = crate::testbed::parts();
        parts.roles.iter_mut().find(|r| r.code == "answerer").unwrap().purposes = vec!["investigate".into()];
        let purpose = parts.purposes.iter_mut().find(|p| p.code == "investigate").unwrap();
        (purpose.needs_case, purpose.sealed) = (true, daftar_office::roster::Sealed::None);
        purpose.extended_by.clear();
        let languages = [daftar_kernel::Lang::english()];
        let roster = daftar_office::Roster::new(parts, &languages, daftar_office::PERMISSIONS).unwrap();
        bed.office.set_roster(roster.into());
        let (_, _, ombudsman) = bed.at_work("omar", "ombudsman-desk", "answerer").await;
        let (_, _, court) = bed.at_work("cora", "court-desk", "answerer").await;
        let filed = complain(&bed, about_look("Who is this?")).await.unwrap();
        let permit = async |by: &Actor, case: &str| {
            let (by, case) = (by.official().unwrap().clone(), Some(case.to_string()));
            code_of(write!(bed, [by, case], |office, tx| {
                let ask = Ask { purpose: "investigate".into(), case, order: None };
                office.permit(tx, &by, &ask).await
            }))
        };
        assert_eq!(permit(&ombudsman, &filed.reference.to_lowercase()).await, "ok");
        assert_eq!(permit(&ombudsman, "C-2026-9").await, "office-case-needed", "no such complaint");
        assert_eq!(permit(&court, &filed.reference).await, "office-case-needed", "another desk's");
        assert_eq!(answer(&bed, &ombudsman, filed.id, Outcome::Upheld).await, "ok");
        assert_eq!(permit(&ombudsman, &filed.reference).await, "office-case-needed", "answered");
    })
    .await;
}

#[tokio::test]
async fn lateness_is_counted_in_public() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (omar, _, ombudsman) = bed.at_work("omar", "ombudsman-desk", "answerer").await;
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(complain(&bed, about_look("Who is this?")).await.unwrap().id);
        }
        assert_eq!(answer(&bed, &ombudsman, ids[0], Outcome::Dismissed).await, "ok");
        bed.later(30 * 86_400 + 60);
        let ombudsman = bed.session(&omar).await.actor;
        assert_eq!(answer(&bed, &ombudsman, ids[1], Outcome::Upheld).await, "ok");
        complain(&bed, about_look("And again.")).await.unwrap();
        let counts = write!(bed, [], |office, tx| office.complaint_counts(tx).await).unwrap();
        let registry =
            Counts { agency: "registry".into(), open: 1, open_late: 2, in_time: 1, late: 1, upheld: 1 };
        assert_eq!(counts, [registry]);
    })
    .await;
}

#[tokio::test]
async fn texts_and_numbers_are_bounded() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        for bad in ["", "  ", "a\u{0}b", &"x".repeat(TEXT_MAX_CHARS + 1)] {
            assert_eq!(code_of(complain(&bed, about_look(bad)).await), "office-complaint-text");
        }
        let strange = NewComplaint { agency: "'; drop".into(), ..about_look("x") };
        assert_eq!(code_of(complain(&bed, strange).await), "office-roster-unknown");
        for _ in 0..OPEN_MAX {
            complain(&bed, about_look(&"é".repeat(TEXT_MAX_CHARS))).await.unwrap();
        }
        assert_eq!(code_of(complain(&bed, about_look("One more.")).await), "office-complaints-many");
    })
    .await;
}
