//! A citizen claims an account with a code from a letter.

use crate::bed::{Bed, MIGRATIONS, Person, code_of, elsewhere, here, sql_run, write};
use daftar_kernel::{Actor, Id};
use daftar_office::Principal;
use daftar_office::activation::{CODE_SECONDS, CODE_TRIES};
use daftar_office::allowance::ACTIVATION;
use daftar_testing::for_each_engine;

const AMINA: Id = Id::from_bytes([5; 16]);

async fn issue(bed: &Bed, citizen: Id) -> String {
    write!(bed, [], |office, tx| office.issue_activation(tx, Principal::Citizen(citizen)).await).unwrap()
}

/// Another code with the same first half and a right check sign.
fn other_half(code: &str) -> String {
    let first = &code[..5];
    let second = if code.ends_with('2') || code.contains("ABCDE") { "VWXYZ" } else { "ABCDE" };
    daftar_office::code::printed(&format!("{first}{second}")).unwrap()
}

#[tokio::test]
async fn claimed_with_a_code_and_again_with_a_new_one() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let code = issue(&bed, AMINA).await;
        let link = bed.office.claim_activation(&code.to_lowercase(), here()).await.unwrap();
        assert_eq!(code_of(bed.enrol(&link, "x").await), "office-login-bad");
        // The line broke: the code is still good, the link before is void.
        let link_again = bed.office.claim_activation(&code.replace('-', " "), here()).await.unwrap();
        assert_eq!(code_of(bed.enrol(&link, "amina@example").await), "office-link-over");
        let (id, secret, recovery) = bed.enrol(&link_again, "amina@example").await.unwrap();
        assert_eq!(id, AMINA);
        assert_eq!(
            code_of(bed.office.claim_activation(&code, here()).await),
            "office-activation-wrong",
            "used"
        );
        let amina = Person { id, login: "Amina@Example".into(), secret, recovery };
        let session = bed.session(&amina).await;
        assert_eq!(session.actor, Actor::Citizen(AMINA));
        assert_eq!(sql_run!(bed, "update office_account set login = null where login is not null"), 0);

        let code = issue(&bed, AMINA).await;
        let link = bed.office.claim_activation(&code, here()).await.unwrap();
        bed.enrol(&link, "amina-2@example").await.unwrap();
        assert_eq!(
            code_of(bed.sign_in(&amina, None).await),
            "office-sign-in-wrong",
            "the old name is free again"
        );
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_taken_is_not_given_twice() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        bed.official("amal", &[("registry-north", "clerk")]).await;
        let link = bed.office.claim_activation(&issue(&bed, AMINA).await, here()).await.unwrap();
        assert_eq!(code_of(bed.enrol(&link, "AMAL").await), "office-login-taken");
    })
    .await;
}

#[tokio::test]
async fn five_wrong_second_halves_kill_a_code() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let code = issue(&bed, AMINA).await;
        let wrong = other_half(&code);
        assert_ne!(wrong, code);
        for number in 0..CODE_TRIES {
            let from = elsewhere(u32::try_from(number).unwrap());
            assert_eq!(code_of(bed.office.claim_activation(&wrong, from).await), "office-activation-wrong");
        }
        assert_eq!(code_of(bed.office.claim_activation(&code, here()).await), "office-activation-wrong");
        let new = issue(&bed, AMINA).await;
        assert_eq!(code_of(bed.office.claim_activation(&new, here()).await), "ok");
    })
    .await;
}

#[tokio::test]
async fn slips_cost_nothing_and_guesses_are_bounded_by_the_source() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let code = issue(&bed, AMINA).await;
        for bad in ["", "ABCDE-FGHJK-2x", "\u{0}", &"A".repeat(5000), &code[1..]] {
            for _ in 0..10 {
                assert_eq!(
                    code_of(bed.office.claim_activation(bad, here()).await),
                    "office-activation-wrong"
                );
            }
        }
        let world = bed.store.store().world().clone();
        for _ in 0..ACTIVATION.tries {
            let guess = daftar_office::code::printed(&daftar_office::code::random(&world)).unwrap();
            assert_eq!(code_of(bed.office.claim_activation(&guess, here()).await), "office-activation-wrong");
        }
        assert_eq!(code_of(bed.office.claim_activation(&code, here()).await), "office-slow");
        assert_eq!(code_of(bed.office.claim_activation(&code, elsewhere(1)).await), "ok");
    })
    .await;
}

#[tokio::test]
async fn a_code_holds_thirty_days_and_voids_the_one_before() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let old = issue(&bed, AMINA).await;
        let new = issue(&bed, AMINA).await;
        assert_eq!(code_of(bed.office.claim_activation(&old, here()).await), "office-activation-wrong");
        bed.later(CODE_SECONDS - 1);
        assert_eq!(code_of(bed.office.claim_activation(&new, here()).await), "ok");
        bed.later(1);
        assert_eq!(code_of(bed.office.claim_activation(&new, here()).await), "office-activation-wrong");
        let official =
            write!(bed, [], |office, tx| office.issue_activation(tx, Principal::Official(AMINA)).await);
        assert_eq!(code_of(official), "office-not-permitted");
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_citizen_leaves_nothing_that_opens() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let link = bed.office.claim_activation(&issue(&bed, AMINA).await, here()).await.unwrap();
        let (id, secret, recovery) = bed.enrol(&link, "amina@example").await.unwrap();
        let amina = Person { id, login: "amina@example".into(), secret, recovery };
        let token = bed.sign_in(&amina, None).await.unwrap().token;
        write!(bed, [], |office, tx| {
            office.save_draft(tx, Principal::Citizen(AMINA), None, "move", b"answers").await
        })
        .unwrap();
        write!(bed, [], |office, tx| office.forget(tx, AMINA).await).unwrap();
        assert_eq!(bed.office.session(&token).await.unwrap(), None);
        assert_eq!(code_of(bed.sign_in(&amina, None).await), "office-sign-in-wrong");
        for rows in [
            sql_run!(bed, "delete from office_account where id = $1", AMINA),
            sql_run!(bed, "delete from office_draft where owner = $1", AMINA),
            sql_run!(bed, "delete from office_recovery where account = $1", AMINA),
        ] {
            assert_eq!(rows, 0);
        }
    })
    .await;
}
