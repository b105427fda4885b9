//! The first administrator, invitations, suspension, assignments.

use crate::bed::{Bed, MIGRATIONS, PASSWORD, code_of, here, sql_run, write};
use daftar_kernel::Actor;
use daftar_office::Proven;
use daftar_office::account::State;
use daftar_office::assignment::NewAssignment;
use daftar_office::enrol::{Choice, LINK_TRIES};
use daftar_office::first_admin::FirstLink;
use daftar_office::link::{FIRST_ADMIN_SECONDS, LINK_SECONDS, LinkPurpose};
use daftar_testing::for_each_engine;

#[tokio::test]
async fn the_first_administrator_by_one_link_and_no_second() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let old = write!(bed, [], |office, tx| office.first_admin_link(tx).await).unwrap();
        let link = write!(bed, [], |office, tx| office.first_admin_link(tx).await).unwrap();
        assert_eq!(
            code_of(bed.office.enrolment(&old).await),
            "office-link-over",
            "asking again voids the first"
        );
        let asked = bed.office.enrolment(&link).await.unwrap();
        assert_eq!((asked.purpose, asked.asks_login, asked.asks_name), (LinkPurpose::FirstAdmin, true, true));
        let (id, secret, _) = bed.enrol(&link, "root@example").await.unwrap();
        let person = crate::bed::Person { id, login: "root@example".into(), secret, recovery: Vec::new() };
        let session = bed.session(&person).await;
        let official = session.actor.official().unwrap();
        assert_eq!((official.role.as_str(), official.office.as_str()), ("admin", "ministry-it"));
        assert_eq!(official.name, "First Admin");
        assert_eq!(code_of(bed.office.enrolment(&link).await), "office-link-over");
        let again = write!(bed, [], |office, tx| office.first_admin_link(tx).await);
        assert_eq!(code_of(again), "office-admin-exists");
        for kind in ["office.first-admin-link", "office.role-assigned", "office.account-activated"] {
            assert!(bed.acts(kind).await >= 1, "{kind}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_first_administrators_link_holds_a_day() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let start = async || write!(bed, [], |office, tx| office.first_admin_link_once(tx).await).unwrap();
        let FirstLink::New(link) = start().await else { panic!("nobody holds one yet") };
        bed.later(FIRST_ADMIN_SECONDS - 1);
        assert!(matches!(start().await, FirstLink::Given(until) if until == bed.now().plus_seconds(1)));
        assert!(bed.office.enrolment(&link).await.is_ok(), "another start leaves it good");
        bed.later(1);
        assert_eq!(code_of(bed.office.enrolment(&link).await), "office-link-over");
        assert!(matches!(start().await, FirstLink::New(new) if new != link));
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_opened_once_within_72_hours() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (_, admin, _) = bed.at_work("admin", "ministry-it", "admin").await;
        let invite = async |login: &'static str| {
            write!(bed, [admin], |office, tx| office.invite(tx, &admin, login, "Amal Haddad").await)
        };
        let invitation = invite("Amal@Example").await.unwrap();
        assert_eq!(code_of(invite("amal@example").await), "office-login-taken");
        assert_eq!(code_of(invite("a b").await), "office-login-bad");
        let before = bed.first_step("amal@example", PASSWORD, here(), None).await;
        assert_eq!(code_of(before), "office-sign-in-wrong", "no password was chosen yet");

        let link = invitation.link.as_str();
        let asked = bed.office.enrolment(link).await.unwrap();
        assert_eq!(asked.name.as_deref(), Some("Amal Haddad"));
        assert!(asked.offer.is_none());
        assert_eq!(code_of(bed.office.enrol_confirm(link, "000000").await), "office-enrol-order");
        let weak = Choice { password: "AmalHaddad123".into(), ..Choice::default() };
        let problem = bed.office.enrol_password(link, &weak).await.unwrap_err();
        assert_eq!((problem.code, problem.fields[0].field.as_str()), ("office-password-common", "password"));
        let good = Choice { password: PASSWORD.into(), ..Choice::default() };
        let offer = bed.office.enrol_password(link, &good).await.unwrap();
        assert_eq!(bed.office.enrolment(link).await.unwrap().offer, Some(offer), "a reload shows the same");
        bed.later(LINK_SECONDS - 1);
        assert!(bed.office.enrolment(link).await.is_ok());
        bed.later(1);
        assert_eq!(code_of(bed.office.enrol_confirm(link, "000000").await), "office-link-over");
    })
    .await;
}

#[tokio::test]
async fn a_link_dies_of_wrong_codes() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let by = Proven::system("test");
        let invitation =
            write!(bed, [by], |office, tx| office.invite(tx, &by, "amal", "Amal").await).unwrap();
        let choice = Choice { password: PASSWORD.into(), ..Choice::default() };
        let offer = bed.office.enrol_password(&invitation.link, &choice).await.unwrap();
        for _ in 0..LINK_TRIES {
            assert_eq!(
                code_of(bed.office.enrol_confirm(&invitation.link, "000000").await),
                "office-code-wrong"
            );
        }
        let code = bed.code(&crate::bed::secret_of(&offer.secret));
        assert_eq!(code_of(bed.office.enrol_confirm(&invitation.link, &code).await), "office-link-over");
    })
    .await;
}

#[tokio::test]
async fn a_suspended_official_is_out_at_once_and_back_when_resumed() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (_, admin, _) = bed.at_work("admin", "ministry-it", "admin").await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let token = bed.sign_in(&amal, None).await.unwrap().token;
        let half_way = bed.first_step("amal", PASSWORD, here(), None).await.unwrap();
        let id = amal.id;
        write!(bed, [admin], |office, tx| office.suspend(tx, &admin, id).await).unwrap();
        assert_eq!(bed.office.session(&token).await.unwrap(), None);
        let code = bed.code(&amal.secret);
        assert_eq!(code_of(bed.second_step(&half_way, &code).await), "office-challenge-over");
        assert_eq!(code_of(bed.sign_in(&amal, None).await), "office-account-suspended");
        assert_eq!(
            code_of(bed.first_step("amal", "a wrong one, again", here(), None).await),
            "office-sign-in-wrong",
            "who does not know the password does not learn that it is suspended"
        );
        let twice = write!(bed, [admin], |office, tx| office.suspend(tx, &admin, id).await);
        assert_eq!(code_of(twice), "office-state");
        let renewed = write!(bed, [admin], |office, tx| office.renew_link(tx, &admin, id).await);
        assert_eq!(code_of(renewed), "office-state");
        write!(bed, [admin], |office, tx| office.resume(tx, &admin, id).await).unwrap();
        bed.sign_in(&amal, None).await.unwrap();
        assert_eq!(bed.acts("office.account-suspended").await, 1);
        assert_eq!(bed.acts("office.account-resumed").await, 1);
    })
    .await;
}

#[tokio::test]
async fn nobody_without_the_permission_and_nobody_for_themselves() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (admin_person, admin, _) = bed.at_work("admin", "ministry-it", "admin").await;
        let (clerk_person, clerk, _) = bed.at_work("clerk", "registry-north", "clerk").await;
        let assign = |account, office: &str, role: &str| NewAssignment {
            account,
            office: office.into(),
            role: role.into(),
            since: None,
            until: None,
        };
        let target = admin_person.id;
        assert_eq!(
            code_of(write!(bed, [clerk], |office, tx| office.invite(tx, &clerk, "friend", "Friend").await)),
            "office-not-permitted"
        );
        assert_eq!(
            code_of(write!(bed, [clerk], |office, tx| office.suspend(tx, &clerk, target).await)),
            "office-not-permitted"
        );
        assert_eq!(
            code_of(write!(bed, [clerk], |office, tx| office.renew_link(tx, &clerk, target).await)),
            "office-not-permitted"
        );
        let promote = assign(clerk_person.id, "ministry-it", "admin");
        assert_eq!(
            code_of(write!(bed, [clerk, promote], |office, tx| office.assign(tx, &clerk, &promote).await)),
            "office-not-permitted"
        );
        let own = assign(admin_person.id, "registry-north", "clerk");
        for result in [
            code_of(write!(bed, [admin, own], |office, tx| office.assign(tx, &admin, &own).await)),
            code_of(write!(bed, [admin], |office, tx| office.suspend(tx, &admin, target).await)),
            code_of(write!(bed, [admin], |office, tx| office.renew_link(tx, &admin, target).await)),
        ] {
            assert_eq!(result, "office-own-account");
        }
        let person = Actor::Citizen(clerk_person.id);
        assert_eq!(
            code_of(write!(bed, [person], |office, tx| office.officials(tx, &person, None).await)),
            "office-not-official"
        );
        let wrong = assign(clerk_person.id, "registry-north", "admin");
        assert_eq!(
            code_of(write!(bed, [admin, wrong], |office, tx| office.assign(tx, &admin, &wrong).await)),
            "office-roster-unknown"
        );
        let twice = assign(clerk_person.id, "registry-north", "clerk");
        assert_eq!(
            code_of(write!(bed, [admin, twice], |office, tx| office.assign(tx, &admin, &twice).await)),
            "office-assigned-already"
        );
    })
    .await;
}

#[tokio::test]
async fn an_assignment_has_its_dates_and_its_end() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (_, admin, _) = bed.at_work("admin", "ministry-it", "admin").await;
        let amal = bed.official("amal", &[]).await;
        assert_eq!(code_of(bed.sign_in(&amal, None).await), "office-no-assignment");
        let now = bed.now();
        let new = NewAssignment {
            account: amal.id,
            office: "registry-north".into(),
            role: "clerk".into(),
            since: Some(now.plus_seconds(3600)),
            until: Some(now.plus_seconds(7200)),
        };
        let bad = NewAssignment { until: Some(now), ..new.clone() };
        assert_eq!(
            code_of(write!(bed, [admin, bad], |office, tx| office.assign(tx, &admin, &bad).await)),
            "office-dates"
        );
        let id = write!(bed, [admin, new], |office, tx| office.assign(tx, &admin, &new).await).unwrap();
        assert_eq!(code_of(bed.sign_in(&amal, None).await), "office-no-assignment", "not yet");
        bed.later(3600);
        let token = bed.sign_in(&amal, None).await.unwrap().token;
        for _ in 0..6 {
            bed.later(590);
            bed.office.session(&token).await.unwrap();
        }
        assert_eq!(bed.office.session(&token).await.unwrap(), None, "over by its date");
        let over = write!(bed, [admin], |office, tx| office.end_assignment(tx, &admin, id).await);
        assert_eq!(code_of(over), "office-state");

        let new = NewAssignment { since: None, until: None, ..new };
        let id = write!(bed, [admin, new], |office, tx| office.assign(tx, &admin, &new).await).unwrap();
        let token = bed.sign_in(&amal, None).await.unwrap().token;
        write!(bed, [admin], |office, tx| office.end_assignment(tx, &admin, id).await).unwrap();
        assert_eq!(bed.office.session(&token).await.unwrap(), None, "ended by the administrator");
        assert_eq!(bed.acts("office.role-ended").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_role_that_leaves_the_country_leaves_the_session() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let amal = bed.official("amal", &[("registry-south", "clerk")]).await;
        let token = bed.sign_in(&amal, None).await.unwrap().token;
        let mut parts = crate::testbed::parts();
        parts.offices.iter_mut().find(|o| o.code == "registry-south").unwrap().roles =
            vec!["reviewer".into()];
        let languages = [daftar_kernel::Lang::english()];
        let roster = daftar_office::Roster::new(parts, &languages, daftar_office::PERMISSIONS).unwrap();
        bed.office.set_roster(roster.into());
        assert_eq!(bed.office.session(&token).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_lost_phone_is_replaced_by_a_link_and_the_list_shows_who_is_who() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (_, admin, actor) = bed.at_work("zara", "ministry-it", "admin").await;
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        let old = bed.sign_in(&amal, None).await.unwrap();
        let id = amal.id;
        let link = write!(bed, [admin], |office, tx| office.renew_link(tx, &admin, id).await).unwrap();
        assert!(bed.office.session(&old.token).await.unwrap().is_some(), "the old phone works until then");
        let (again, secret, recovery) = bed.enrol(&link, "").await.unwrap();
        assert_eq!(again, amal.id);
        assert_eq!(bed.office.session(&old.token).await.unwrap(), None);
        assert_eq!(
            code_of(bed.sign_in(&amal, Some(&old.device)).await),
            "office-code-wrong",
            "the old phone is out"
        );
        bed.sign_in(&crate::bed::Person { secret, recovery, ..amal }, None).await.unwrap();

        let list = write!(bed, [actor], |office, tx| office.officials(tx, &actor, None).await).unwrap();
        let rows: Vec<_> = list.iter().map(|(a, g)| (a.login.as_str(), a.state, g.len())).collect();
        assert_eq!(rows, [("amal", State::Active, 1), ("zara", State::Active, 1)]);
        let rest =
            write!(bed, [actor], |office, tx| office.officials(tx, &actor, Some("amal")).await).unwrap();
        assert_eq!(rest.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn ones_own_password_is_changed_with_a_link_of_ones_own() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (amal, proven, _) = bed.at_work("amal", "registry-north", "clerk").await;
        let link = write!(bed, [proven], |office, tx| office.renew_own(tx, &proven).await).unwrap();
        let choice = Choice { password: "nine loud daffodils".into(), ..Choice::default() };
        let offer = bed.office.enrol_password(&link, &choice).await.unwrap();
        let secret = crate::bed::secret_of(&offer.secret);
        bed.office.enrol_confirm(&link, &bed.code(&secret)).await.unwrap();
        assert_eq!(code_of(bed.first_step("amal", PASSWORD, here(), None).await), "office-sign-in-wrong");
        assert_eq!(code_of(bed.first_step("amal", "nine loud daffodils", here(), None).await), "ok");
        assert_eq!(bed.acts("office.account-activated").await, 2, "{}", amal.id);
    })
    .await;
}

#[tokio::test]
async fn a_demo_country_is_empty_when_marked_and_only_then_signs_in_by_a_click() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let citizen = daftar_office::Principal::Citizen(daftar_kernel::Id::from_bytes([9; 16]));
        let click =
            async |who| write!(bed, [], |office, tx| office.demo_sign_in(tx, who, "demo", None).await);
        assert_eq!(code_of(click(citizen).await), "office-not-demo");
        sql_run!(bed, "insert into office_flag (name, seal) values ('demo', $1)", [7u8; 32]);
        assert_eq!(code_of(click(citizen).await), "office-not-demo", "a row added by SQL is no mark");
        write!(bed, [], |office, tx| office.mark_demo(tx).await).unwrap();
        assert!(write!(bed, [], |office, tx| office.is_demo(tx).await).unwrap());
        let signed_in = click(citizen).await.unwrap();
        let session = bed.office.session(&signed_in.token).await.unwrap().unwrap();
        assert_eq!(session.actor, Actor::Citizen(citizen.id()));
        assert!(session.stepped_up(bed.now()));
        let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
        click(daftar_office::Principal::Official(amal.id)).await.unwrap();
        let nobody = daftar_office::Principal::Official(daftar_kernel::Id::from_bytes([8; 16]));
        assert_eq!(code_of(click(nobody).await), "not-found");
        assert_eq!(code_of(write!(bed, [], |office, tx| office.mark_demo(tx).await)), "office-not-empty");
    })
    .await;
}
