//! Signing in, what a session is worth, and for how long.

use crate::bed::{Bed, MIGRATIONS, PASSWORD, code_of, here, sql_run, write};
use daftar_kernel::Actor;
use daftar_office::Principal;
use daftar_office::session::{IDLE_SECONDS, LONGEST_SECONDS, PROVEN_SECONDS, SESSIONS_MAX, TOUCH_SECONDS};
use daftar_office::sign_in::{CHALLENGE_SECONDS, CodeStep};
use daftar_testing::for_each_engine;

#[tokio::test]
async fn two_steps_and_an_official_is_at_work() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let signed_in = bed.sign_in(&amal, None).await.unwrap();
        let session = bed.office.session(&signed_in.token).await.unwrap().unwrap();
        let Actor::Official(official) = &session.actor else { panic!("{:?}", session.actor) };
        assert_eq!((official.id, official.name.as_str()), (amal.id, "Name of amal"));
        assert_eq!(
            (official.agency.as_str(), official.office.as_str(), official.role.as_str()),
            ("registry", "registry-north", "clerk")
        );
        assert_eq!(session.id, signed_in.session);
        bed.office.sign_out(&signed_in.token).await.unwrap();
        assert_eq!(bed.office.session(&signed_in.token).await.unwrap(), None);
        bed.office.sign_out(&signed_in.token).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn hostile_tokens_are_nobody() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let token = bed.sign_in(&amal, None).await.unwrap().token;
        for bad in
            ["", "'; drop table office_session; --", &token.to_uppercase(), &"0".repeat(64), "\u{0}", "é"]
        {
            assert_eq!(bed.office.session(bad).await.unwrap(), None, "{bad:?}");
            assert_eq!(code_of(bed.second_step(bad, "000000").await), "office-challenge-over", "{bad:?}");
            assert_eq!(code_of(bed.office.enrolment(bad).await), "office-link-over", "{bad:?}");
        }
        assert!(bed.office.session(&token).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn idle_and_absolute_ends() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let idle = bed.sign_in(&amal, None).await.unwrap().token;
        bed.later(IDLE_SECONDS - 31);
        assert!(bed.office.session(&idle).await.unwrap().is_some(), "a request just before the end keeps it");
        bed.later(IDLE_SECONDS - 1);
        assert!(bed.office.session(&idle).await.unwrap().is_some());
        bed.later(IDLE_SECONDS);
        assert!(bed.office.session(&idle).await.unwrap().is_none());

        let busy = bed.sign_in(&amal, None).await.unwrap().token;
        let end = bed.now().plus_seconds(LONGEST_SECONDS - 30);
        while bed.now() < end {
            assert!(bed.office.session(&busy).await.unwrap().is_some());
            bed.later(600);
        }
        assert!(bed.office.session(&busy).await.unwrap().is_none(), "busy all day, and over all the same");
    })
    .await;
}

#[tokio::test]
async fn the_last_request_is_written_once_a_minute() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let token = bed.sign_in(&amal, None).await.unwrap().token;
        let seen = async || bed.office.session(&token).await.unwrap().unwrap().seen;
        let start = seen().await;
        bed.later(TOUCH_SECONDS - 31);
        seen().await;
        assert_eq!(seen().await, start);
        bed.later(1);
        seen().await;
        assert_eq!(seen().await, start.plus_seconds(TOUCH_SECONDS));
    })
    .await;
}

#[tokio::test]
async fn a_dangerous_act_needs_a_fresh_code_and_changes_the_token() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let token = bed.sign_in(&amal, None).await.unwrap().token;
        bed.later(PROVEN_SECONDS);
        let session = bed.office.session(&token).await.unwrap().unwrap();
        assert_eq!(code_of(session.proven(bed.now())), "office-step-up");
        assert_eq!(code_of(bed.office.step_up(&token, "000000").await), "office-code-wrong");
        assert_eq!(code_of(bed.office.step_up(&token, &amal.recovery[0]).await), "office-code-wrong");
        let code = bed.code(&amal.secret);
        let new = bed.office.step_up(&token, &code).await.unwrap();
        assert_eq!(code_of(bed.office.step_up(&new, &code).await), "office-code-wrong", "a code counts once");
        assert_eq!(bed.office.session(&token).await.unwrap(), None, "the old token is worthless");
        let after = bed.office.session(&new).await.unwrap().unwrap();
        assert_eq!(after.id, session.id, "forms that are open stay valid");
        assert!(after.proven(bed.now()).is_ok());
        bed.later(PROVEN_SECONDS - 1);
        assert!(after.stepped_up(bed.now()));
        bed.later(1);
        assert!(!after.stepped_up(bed.now()));
    })
    .await;
}

#[tokio::test]
async fn signing_in_ends_the_session_the_browser_held() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let planted = bed.sign_in(&amal, None).await.unwrap().token;
        let challenge = bed.first_step("amal", PASSWORD, here(), None).await.unwrap();
        let step = CodeStep {
            challenge,
            code: bed.code(&amal.secret),
            device_label: "x\u{0}\ny".repeat(100),
            replaces: Some(planted.clone()),
        };
        let signed_in = bed.office.sign_in_code(&step).await.unwrap();
        assert_eq!(bed.office.session(&planted).await.unwrap(), None);
        assert!(bed.office.session(&signed_in.token).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn ones_own_sessions_can_be_seen_and_ended_and_nobody_elses() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let bilal = bed.official("bilal", &[("registry-north", "clerk")]).await;
        let first = bed.sign_in(&amal, None).await.unwrap();
        let second = bed.sign_in(&amal, None).await.unwrap();
        let other = bed.sign_in(&bilal, None).await.unwrap();
        let (me, theirs) = (Principal::Official(amal.id), other.session);
        let list = write!(bed, [], |office, tx| office.sessions_of(tx, me).await).unwrap();
        assert_eq!(list.iter().map(|s| s.id).collect::<Vec<_>>(), [second.session, first.session]);
        assert_eq!(list[0].device, "Test browser");
        assert_eq!(
            code_of(write!(bed, [], |office, tx| office.end_session(tx, me, theirs).await)),
            "not-found"
        );
        let mine = first.session;
        write!(bed, [], |office, tx| office.end_session(tx, me, mine).await).unwrap();
        assert_eq!(bed.office.session(&first.token).await.unwrap(), None);
        write!(bed, [], |office, tx| office.sign_out_everywhere(tx, me).await).unwrap();
        assert_eq!(bed.office.session(&second.token).await.unwrap(), None);
        assert!(bed.office.session(&other.token).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn the_table_of_sessions_is_bounded() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let first = bed.sign_in(&amal, None).await.unwrap();
        let mut last = first.clone();
        for _ in 0..SESSIONS_MAX {
            last = bed.sign_in(&amal, Some(&last.device)).await.unwrap();
        }
        let count = sql_run!(bed, "update office_session set device = 'x' where account = $1", amal.id);
        assert_eq!(count, SESSIONS_MAX.unsigned_abs());
        assert_eq!(bed.office.session(&first.token).await.unwrap(), None);
        assert!(bed.office.session(&last.token).await.unwrap().is_some());
        let devices = sql_run!(bed, "update office_device set created = created where account = $1", amal.id);
        assert_eq!(devices, 1, "the same browser is one device");
        bed.later(LONGEST_SECONDS);
        let swept = write!(bed, [], |office, tx| office.sweep(tx).await).unwrap();
        assert!(swept >= SESSIONS_MAX.unsigned_abs(), "{swept}");
        assert_eq!(write!(bed, [], |office, tx| office.sweep(tx).await).unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_counts_once() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let mallory = bed.official("mallory", &[("registry-north", "clerk")]).await;
        assert_eq!(amal.recovery.len(), 8);
        let challenge = bed.first_step("amal", PASSWORD, here(), None).await.unwrap();
        assert_eq!(code_of(bed.second_step(&challenge, &mallory.recovery[0]).await), "office-code-wrong");
        let signed_in = bed.second_step(&challenge, &amal.recovery[3].to_lowercase()).await.unwrap();
        assert_eq!(signed_in.wrong_codes, 1);
        let challenge = bed.first_step("amal", PASSWORD, here(), None).await.unwrap();
        assert_eq!(code_of(bed.second_step(&challenge, &amal.recovery[3]).await), "office-code-wrong");
    })
    .await;
}

#[tokio::test]
async fn the_second_step_waits_ten_minutes_and_works_once() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let challenge = bed.first_step("amal", PASSWORD, here(), None).await.unwrap();
        bed.later(CHALLENGE_SECONDS);
        let code = bed.code(&amal.secret);
        assert_eq!(code_of(bed.second_step(&challenge, &code).await), "office-challenge-over");
        let challenge = bed.first_step("amal", PASSWORD, here(), None).await.unwrap();
        bed.later(CHALLENGE_SECONDS - 1);
        bed.second_step(&challenge, &bed.code(&amal.secret)).await.unwrap();
        bed.later(30);
        let code = bed.code(&amal.secret);
        assert_eq!(code_of(bed.second_step(&challenge, &code).await), "office-challenge-over");
    })
    .await;
}

#[tokio::test]
async fn an_official_of_two_offices_works_in_one_a_session() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let places = [("registry-north", "clerk"), ("registry-south", "reviewer")];
        let amal = bed.official("amal", &places).await;
        let bilal = bed.official("bilal", &[("registry-north", "clerk")]).await;
        let signed_in = bed.sign_in(&amal, None).await.unwrap();
        assert!(signed_in.needs_choice);
        let session = bed.office.session(&signed_in.token).await.unwrap().unwrap();
        assert_eq!((session.actor, session.needs_choice), (Actor::Public, true));
        let (mine, not_mine) = (amal.id, bilal.id);
        let own = write!(bed, [], |office, tx| office.assignments_of(tx, mine).await).unwrap();
        let foreign = write!(bed, [], |office, tx| office.assignments_of(tx, not_mine).await).unwrap();
        let choose = async |id| code_of(bed.office.choose_assignment(&signed_in.token, id).await);
        assert_eq!(choose(foreign[0].id).await, "not-found");
        let south = own.iter().find(|a| a.office == "registry-south").unwrap();
        assert_eq!(choose(south.id).await, "ok");
        assert_eq!(choose(own[0].id).await, "office-assignment-chosen");
        let session = bed.office.session(&signed_in.token).await.unwrap().unwrap();
        assert_eq!(session.actor.official().map(|o| o.office.as_str()), Some("registry-south"));
    })
    .await;
}

#[tokio::test]
async fn a_session_moved_to_another_account_by_sql_does_not_work_there() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clerk = bed.official("clerk", &[("registry-north", "clerk")]).await;
        let admin = bed.official("admin", &[("ministry-it", "admin")]).await;
        let token = bed.sign_in(&clerk, None).await.unwrap().token;
        sql_run!(bed, "update office_session set account = $1 where account = $2", admin.id, clerk.id);
        let session = bed.office.session(&token).await.unwrap().unwrap();
        assert_eq!(session.actor, Actor::Public, "the assignment is the clerk's: nobody is at work");
    })
    .await;
}
