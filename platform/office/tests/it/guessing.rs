//! What guessers may do, and what they cannot do to those they guess at.

use crate::bed::{Bed, MIGRATIONS, PASSWORD, code_of, elsewhere, here, sql_run};
use daftar_office::allowance::{ACCOUNT, CODE, DEVICE, SOURCE};
use daftar_testing::{TestStore, for_each_engine};

const WRONG: &str = "not her password at all";

async fn with_amal(store: TestStore) -> (Bed, crate::bed::Person) {
    let bed = Bed::on(store).await;
    let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
    (bed, amal)
}

#[tokio::test]
async fn unknown_names_and_wrong_passwords_answer_alike() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, _) = with_amal(store).await;
        let mut answers = Vec::new();
        for name in ["amal", "nobody", "", "a\u{0}b", &"x".repeat(100_000)] {
            let mut of_name = Vec::new();
            for _ in 0..5 {
                let problem = bed.first_step(name, WRONG, here(), None).await.unwrap_err();
                of_name.push((problem.code, problem.kind, problem.retry_after_seconds));
            }
            answers.push(of_name);
        }
        // The three last are no names and share one counter; the first two must not differ in anything.
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].iter().map(|a| a.0).collect::<Vec<_>>()[..3], ["office-sign-in-wrong"; 3]);
        assert_eq!(answers[0][3].0, "office-slow");
    })
    .await;
}

#[tokio::test]
async fn waits_double_from_one_place_and_a_success_clears_them() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal) = with_amal(store).await;
        for _ in 0..3 {
            assert_eq!(code_of(bed.first_step("amal", WRONG, here(), None).await), "office-sign-in-wrong");
        }
        let problem = bed.first_step("amal", PASSWORD, here(), None).await.unwrap_err();
        assert_eq!((problem.code, problem.retry_after_seconds), ("office-slow", Some(2)));
        bed.later(2);
        assert_eq!(code_of(bed.first_step("amal", WRONG, here(), None).await), "office-sign-in-wrong");
        let problem = bed.first_step("amal", WRONG, here(), None).await.unwrap_err();
        assert_eq!(problem.retry_after_seconds, Some(4));
        bed.later(4);
        bed.sign_in(&amal, None).await.unwrap();
        for _ in 0..3 {
            assert_eq!(code_of(bed.first_step("amal", WRONG, here(), None).await), "office-sign-in-wrong");
        }
    })
    .await;
}

#[tokio::test]
async fn the_world_together_gets_twenty_guesses_an_hour_and_she_still_gets_in() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal) = with_amal(store).await;
        let device = bed.sign_in(&amal, None).await.unwrap().device;
        let mut judged = 0;
        // A botnet: each guess from a network of its own.
        for number in 0..200 {
            match code_of(bed.first_step("amal", WRONG, elsewhere(number), None).await) {
                "office-sign-in-wrong" => judged += 1,
                other => assert_eq!(other, "office-slow"),
            }
        }
        assert_eq!(judged, ACCOUNT.tries);
        let locked = bed.first_step("amal", PASSWORD, elsewhere(999), None).await;
        assert_eq!(code_of(locked), "office-slow", "even the right password, from anywhere else");
        let signed_in = bed.sign_in(&amal, Some(&device)).await.unwrap();
        assert_ne!(signed_in.device, device, "the device token changes each time");
        assert_eq!(
            code_of(bed.sign_in(&amal, Some(&device)).await),
            "office-slow",
            "and the old one is worthless"
        );
        bed.later(3600);
        bed.sign_in(&amal, None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_device_of_somebody_else_is_no_exemption() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal) = with_amal(store).await;
        let mallory = bed.official("mallory", &[("registry-north", "clerk")]).await;
        let device = bed.sign_in(&mallory, None).await.unwrap().device;
        bed.sign_in(&amal, None).await.unwrap();
        let mut judged = 0;
        for number in 0..60 {
            if code_of(bed.first_step("amal", WRONG, elsewhere(number), Some(&device)).await)
                == "office-sign-in-wrong"
            {
                judged += 1;
            }
        }
        assert_eq!(judged, ACCOUNT.tries);
    })
    .await;
}

#[tokio::test]
async fn guesses_on_a_known_device_are_bounded_too() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal) = with_amal(store).await;
        let device = bed.sign_in(&amal, None).await.unwrap().device;
        let mut judged = 0;
        for _ in 0..3600 / 15 {
            if code_of(bed.first_step("amal", WRONG, here(), Some(&device)).await) == "office-sign-in-wrong" {
                judged += 1;
            }
            bed.later(15);
        }
        assert_eq!(judged, DEVICE.tries);
    })
    .await;
}

#[tokio::test]
async fn one_password_on_many_names_is_bounded_by_the_source() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, _) = with_amal(store).await;
        let mut judged = 0;
        for number in 0..SOURCE.tries + 20 {
            let name = format!("name-{number}");
            if code_of(bed.first_step(&name, WRONG, here(), None).await) == "office-sign-in-wrong" {
                judged += 1;
            }
        }
        assert_eq!(judged, SOURCE.tries);
        let other = bed.first_step("amal", PASSWORD, elsewhere(1), None).await;
        assert_eq!(code_of(other), "ok", "other networks are not touched");
    })
    .await;
}

#[tokio::test]
async fn guesses_at_the_same_moment_are_charged_before_they_are_judged() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, _) = with_amal(store).await;
        let tries = (0..40).map(|number| {
            let office = bed.office.clone();
            tokio::spawn(async move {
                let attempt = daftar_office::sign_in::Attempt {
                    login: "amal".into(),
                    password: WRONG.into(),
                    source: elsewhere(number),
                    device: None,
                };
                office.sign_in_password(&attempt).await.map_err(|p| p.code)
            })
        });
        let mut judged = 0;
        for one in tries.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Err("office-sign-in-wrong") => judged += 1,
                // PostgreSQL may give up on a row that forty transactions want at once; that is no guess.
                Err("office-slow" | "store-unavailable") => {}
                other => panic!("{other:?}"),
            }
        }
        assert!((1..=ACCOUNT.tries).contains(&judged), "{judged}");
    })
    .await;
}

#[tokio::test]
async fn whoever_has_the_password_gets_ten_codes_a_day_and_she_is_told() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal) = with_amal(store).await;
        let device = bed.sign_in(&amal, None).await.unwrap().device;
        let mut judged = 0;
        for number in 0..12 {
            let challenge = bed.first_step("amal", PASSWORD, elsewhere(number), None).await.unwrap();
            match code_of(bed.second_step(&challenge, "000000").await) {
                "office-code-wrong" => judged += 1,
                other => assert_eq!(other, "office-slow"),
            }
        }
        assert_eq!(judged, CODE.tries);
        let challenge = bed.first_step("amal", PASSWORD, elsewhere(99), None).await.unwrap();
        assert_eq!(code_of(bed.second_step(&challenge, &bed.code(&amal.secret)).await), "office-slow");
        let signed_in = bed.sign_in(&amal, Some(&device)).await.unwrap();
        assert_eq!(signed_in.wrong_codes, i64::try_from(CODE.tries).unwrap());
        assert_eq!(bed.sign_in(&amal, Some(&signed_in.device)).await.unwrap().wrong_codes, 0);
    })
    .await;
}

#[tokio::test]
async fn the_tables_tell_nobody_who_tried_from_where() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, _) = with_amal(store).await;
        bed.first_step("amal", WRONG, here(), None).await.unwrap_err();
        let rows =
            sql_run!(bed, "update office_throttle set expires = expires where key = $1", here().as_bytes());
        assert_eq!(rows, 0);
        assert!(sql_run!(bed, "update office_throttle set expires = expires") >= 3);
    })
    .await;
}
