//! Looking at persons: cases, permits, the access register, alarms, reviews.

use crate::bed::{Bed, MIGRATIONS, code_of, sql_run, write};
use daftar_kernel::{Actor, Id, Official};
use daftar_office::oversight::{Finding, ReviewCounts};
use daftar_office::permit::{Ask, Order};
use daftar_testing::for_each_engine;

const SUBJECT: Id = Id::from_bytes([6; 16]);

fn official(actor: &Actor) -> Official {
    actor.official().unwrap().clone()
}

fn investigate(bed: &Bed, case: &str) -> Ask {
    let order = Order { reference: "Court 12/26".into(), unseal: bed.now().plus_seconds(30 * 86_400) };
    Ask { purpose: "investigate".into(), case: Some(case.into()), order: Some(order) }
}

#[tokio::test]
async fn a_case_must_be_open_and_of_the_own_agency() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (_, _, detective) = bed.at_work("dora", "police-centre", "detective").await;
        let (_, _, clerk) = bed.at_work("cleo", "registry-north", "clerk").await;
        let dora = official(&detective);
        let permit = async |case: &str| {
            let (ask, dora) = (investigate(&bed, case), dora.clone());
            write!(bed, [ask, dora], |office, tx| office.permit(tx, &dora, &ask).await)
        };
        assert_eq!(code_of(permit("P-1").await), "office-case-needed");
        write!(bed, [clerk], |office, tx| office.open_case(tx, &clerk, "P-1").await).unwrap();
        assert_eq!(code_of(permit("P-1").await), "office-case-needed", "a case of another agency");
        write!(bed, [detective], |office, tx| office.open_case(tx, &detective, " p-1 ").await).unwrap();
        assert_eq!(permit("p-1").await.unwrap().case(), Some("P-1"));
        let twice = write!(bed, [detective], |office, tx| office.open_case(tx, &detective, "P-1").await);
        assert_eq!(code_of(twice), "office-case-taken");
        let list = write!(bed, [detective], |office, tx| office.cases(tx, &detective, None).await).unwrap();
        assert_eq!(list.iter().map(|c| c.number.as_str()).collect::<Vec<_>>(), ["P-1"]);
        write!(bed, [detective], |office, tx| office.close_case(tx, &detective, "P-1").await).unwrap();
        assert_eq!(code_of(permit("P-1").await), "office-case-needed", "closed");
        let again = write!(bed, [detective], |office, tx| office.close_case(tx, &detective, "P-1").await);
        assert_eq!(code_of(again), "office-state");
        let by = Actor::System("x");
        assert_eq!(
            code_of(write!(bed, [by], |office, tx| office.open_case(tx, &by, "P-2").await)),
            "office-not-official"
        );
        assert_eq!(bed.acts("office.case-opened").await, 2);
    })
    .await;
}

#[tokio::test]
async fn looks_are_counted_and_an_unusual_reader_raises_one_alarm() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (_, _, clerk) = bed.at_work("cleo", "registry-north", "clerk").await;
        let (_, _, admin) = bed.at_work("ada", "ministry-it", "admin").await;
        let cleo = official(&clerk);
        let look = async || {
            let cleo = cleo.clone();
            write!(bed, [cleo], |office, tx| {
                let ask = Ask { purpose: "issue-card".into(), ..Ask::default() };
                let permit = office.permit(tx, &cleo, &ask).await?;
                office.look(tx, &permit, SUBJECT, "identity", &["name"]).await
            })
            .unwrap()
        };
        let alarms = async || write!(bed, [admin], |office, tx| office.alarms(tx, &admin).await).unwrap();
        for _ in 0..3 {
            look().await;
        }
        assert_eq!(alarms().await, []);
        look().await;
        look().await;
        let raised = alarms().await;
        assert_eq!(raised.len(), 1);
        assert_eq!((raised[0].looks, raised[0].usual, &raised[0].official), (5, 3, &cleo));
        let id = raised[0].id;
        let by_clerk = write!(bed, [clerk], |office, tx| office.close_alarm(tx, &clerk, id, "x").await);
        assert_eq!(code_of(by_clerk), "office-not-permitted");
        write!(bed, [admin], |office, tx| office.close_alarm(tx, &admin, id, "a census day").await).unwrap();
        assert_eq!(alarms().await, []);
        bed.later(3600);
        look().await;
        assert_eq!(alarms().await, [], "the next hour begins anew");
        let rows = sql_run!(bed, "update record_look set agency = agency where subject = $1", SUBJECT);
        assert_eq!(rows, 6, "every look is in the access register");
    })
    .await;
}

#[tokio::test]
async fn a_drawn_look_is_reviewed_by_another_office() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (_, _, detective) = bed.at_work("dora", "police-centre", "detective").await;
        let (_, _, reviewer) = bed.at_work("rita", "registry-south", "reviewer").await;
        let dora = official(&detective);
        write!(bed, [detective], |office, tx| office.open_case(tx, &detective, "P-1").await).unwrap();
        let ask = investigate(&bed, "P-1");
        let look = write!(bed, [ask, dora], |office, tx| {
            let permit = office.permit(tx, &dora, &ask).await?;
            office.look(tx, &permit, SUBJECT, "identity", &["name", "address"]).await
        })
        .unwrap();
        let open = write!(bed, [reviewer], |office, tx| office.reviews(tx, &reviewer).await).unwrap();
        assert_eq!(open.len(), 1, "all looks for this purpose are drawn");
        assert_eq!((open[0].look, open[0].case.as_deref(), &open[0].official), (look, Some("P-1"), &dora));
        let id = open[0].id;
        let by_reader = write!(bed, [detective], |office, tx| {
            office.decide_review(tx, &detective, id, Finding::Justified, "").await
        });
        assert_eq!(code_of(by_reader), "office-not-permitted");
        sql_run!(bed, "update office_review set office = 'registry-south' where id = $1", id);
        let same = write!(bed, [reviewer], |office, tx| {
            office.decide_review(tx, &reviewer, id, Finding::Justified, "").await
        });
        assert_eq!(code_of(same), "office-same-office");
        assert_eq!(write!(bed, [reviewer], |office, tx| office.reviews(tx, &reviewer).await).unwrap(), []);
        sql_run!(bed, "update office_review set office = 'police-centre' where id = $1", id);
        write!(bed, [reviewer], |office, tx| {
            office.decide_review(tx, &reviewer, id, Finding::Unjustified, "no link to the case").await
        })
        .unwrap();
        let counts = write!(bed, [], |office, tx| office.review_counts(tx).await).unwrap();
        assert_eq!(counts, ReviewCounts { open: 0, justified: 0, unjustified: 1 });
        let again = write!(bed, [reviewer], |office, tx| {
            office.decide_review(tx, &reviewer, id, Finding::Justified, "").await
        });
        assert_eq!(code_of(again), "not-found");
        assert_eq!(bed.acts("office.look-reviewed").await, 1);
    })
    .await;
}
