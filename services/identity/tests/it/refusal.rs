//! Being refused: told why, on paper, with recourse outside the office, and counted where nobody is recognised.

use crate::country::{self, clerk, official};
use daftar_identity::People;
use daftar_identity::refuse::Refusal;
use daftar_identity::statistics::suppress::Shown;
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::Source;
use daftar_office::complaint::{About, Outcome};
use daftar_testing::for_each_engine;

fn source(last: u8) -> Source {
    Source::of([192, 0, last, 1].into())
}

fn refusal(reason: &str) -> Refusal {
    Refusal {
        reason: reason.into(),
        words: "Your aunt is not in the register.".into(),
        name: "Bilqis".into(),
        born: "1951".into(),
        sex: "female".into(),
        place: "north-1".into(),
    }
}

/// The answer of the complaint's desk.
async fn answer(people: &People, id: Id) -> Result<Id, Problem> {
    let (office, by) = (people.office().clone(), Actor::Official(official("Ombud", "answerer")));
    people
        .store()
        .write(move |tx| {
            let (office, by) = (office.clone(), by.clone());
            Box::pin(async move {
                let (_, citizen) = office.complaint_at_desk(tx, &by, id).await?;
                office
                    .answer_complaint(tx, &by, id, Outcome::Upheld, "You will be registered on Monday.")
                    .await?;
                Ok(citizen)
            })
        })
        .await
}

#[tokio::test]
async fn whoever_is_refused_reads_why_and_has_it_judged_outside() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let first = people.refuse(&clerk(), refusal("introducer-unknown"), "k1").await.unwrap();
        let again = people.refuse(&clerk(), refusal("introducer-unknown"), "k1").await.unwrap();
        assert_eq!(first, again, "sent twice, refused once, the same paper");
        let other = people.refuse(&clerk(), refusal("no-guardian"), "k2").await.unwrap();
        assert_ne!(first.code, other.code);

        let paper = (first.reference.as_str(), first.code.as_str());
        let typed = (first.reference.to_lowercase(), first.code.replace('-', " ").to_lowercase());
        let mine = people.my_refusal(&typed.0, &typed.1, source(1)).await.unwrap();
        assert_eq!(mine.words, "Your aunt is not in the register.");
        assert_eq!((mine.receipt, mine.complaint), (first.receipt, None));
        for wrong in [(paper.0, other.code.as_str()), ("R-2026-999", paper.1), (paper.0, ""), ("", "")] {
            let refused = people.my_refusal(wrong.0, wrong.1, source(1)).await.unwrap_err();
            assert_eq!(refused.code, "identity-refusal-code", "{wrong:?}");
        }

        let made =
            people.complain_of_refusal(paper, "She has vouched for my sisters.", source(1)).await.unwrap();
        assert_eq!(made.about, About::Refusal(first.receipt));
        assert_eq!(made.desk, "ombudsman-desk", "outside the registry");
        let twice = people.complain_of_refusal(paper, "Again.", source(1)).await.unwrap_err();
        assert_eq!(twice.code, "identity-refusal-complained");
        // The desk reads it through the gate: the record has a token for whoever is not registered, too.
        let account = answer(&people, made.id).await.unwrap();
        assert!(people.own_subject(account).await.is_ok());
        let (complaint, words) =
            people.my_refusal(paper.0, paper.1, source(1)).await.unwrap().complaint.unwrap();
        assert_eq!(complaint.outcome, Some(Outcome::Upheld));
        assert_eq!(words.answer.as_deref(), Some("You will be registered on Monday."));
    })
    .await;
}

#[tokio::test]
async fn codes_are_not_guessed_and_rules_hold() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.refuse(&clerk(), refusal("no-guardian"), "k1").await.unwrap();
        let other = people.refuse(&clerk(), refusal("no-guardian"), "k2").await.unwrap();
        for _ in 0..20 {
            people.my_refusal(&one.reference, &other.code, source(7)).await.unwrap_err();
        }
        let slow = people.my_refusal(&one.reference, &one.code, source(7)).await.unwrap_err();
        assert_eq!(slow.code, "office-slow");
        assert!(people.my_refusal(&one.reference, &one.code, source(8)).await.is_ok(), "elsewhere it opens");

        let police = Actor::Official(official("Sami", "officer"));
        assert_eq!(people.refuse(&police, refusal("no-guardian"), "k").await.unwrap_err().kind.status(), 403);
        let bad = |change: fn(&mut Refusal)| {
            let mut refusal = refusal("no-guardian");
            change(&mut refusal);
            refusal
        };
        for (refusal, code) in [
            (bad(|r| r.reason = String::new()), "identity-refusal-reason"),
            (bad(|r| r.reason = "x'; --".into()), "identity-refusal-reason"),
            (bad(|r| r.reason = "a".repeat(61)), "identity-refusal-reason"),
            (bad(|r| r.words = " ".into()), "identity-reason"),
            (bad(|r| r.words = "x".repeat(501)), "identity-reason"),
            (bad(|r| r.born = "1951-13".into()), "identity-entry"),
            (bad(|r| r.sex = "f".into()), "identity-entry"),
            (bad(|r| r.place = "moon".into()), "identity-entry"),
        ] {
            assert_eq!(people.refuse(&clerk(), refusal, "k9").await.unwrap_err().code, code);
        }
        assert!(people.refuse(&clerk(), bad(|r| r.reason = "a".repeat(60)), "k10").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn only_what_is_over_is_counted_in_public() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        for number in 0..7 {
            people.refuse(&clerk(), refusal("introducer-unknown"), &format!("k{number}")).await.unwrap();
        }
        people.refuse(&clerk(), Refusal { sex: String::new(), ..refusal("no-guardian") }, "l").await.unwrap();
        assert_eq!(people.refusals().await.unwrap(), [], "this quarter still runs");
        store.clock.advance_seconds(100 * 86_400);
        let quarters = people.refusals().await.unwrap();
        assert_eq!(quarters.len(), 1);
        let before = quarters[0].clone();
        assert_eq!(before.reasons.rows, ["introducer-unknown", "no-guardian"]);
        assert_eq!(before.districts.rows, ["north"]);
        assert_eq!(before.reasons.cells[1].last(), Some(&Shown::Hidden), "one person alone is not shown");
        assert_eq!(before.reasons.cells.last(), before.ages.cells.last(), "all tables hide the same sums");
        // Nothing that happens later changes what was published: there is nothing to compare it with.
        people.refuse(&clerk(), refusal("no-guardian"), "later").await.unwrap();
        assert_eq!(people.refusals().await.unwrap(), [before]);
    })
    .await;
}
