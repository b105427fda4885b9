//! Quotas, what a restart keeps, how many at once, and what goes with a person.

use super::bed::{agency, bank, card_of, granted, looks, nobodys, outcome, partner};
use crate::country;
use crate::openid::bed::Bed;
use daftar_identity::verify::consent::KEEP_SECONDS;
use daftar_identity::verify::partner::NewPartner;
use daftar_identity::verify::quota::LEAST_MISSES;
use daftar_identity::verify::{MAX_AT_ONCE, Verifier};
use daftar_office::Proven;
use daftar_store::{StoreError, sql};
use daftar_testing::for_each_engine;
use serde_json::json;

/// A consent of nobody.
const NOBODYS: &str = "0198c2f0-5a3c-7d1e-8a00-1f2e3d4c5b6a";
const ALIVE: [(&str, &str); 1] = [("alive", "")];

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_and_a_day_hold_their_quota_and_not_one_more() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let card = card_of(&bed, bed.amina).await;
        let mut fund =
            partner(&bed, "Fund", NewPartner { per_minute: 3, per_day: 5, ..granted(false) }).await;
        for _ in 0..3 {
            assert_eq!(outcome(&fund.verify(&card, None, &ALIVE).await), "200");
        }
        let full = fund.verify(&card, None, &ALIVE).await;
        assert_eq!(outcome(&full), "429 identity-verify-pace");
        let wait: i64 = full.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait));
        bed.later(wait);
        assert_eq!(outcome(&fund.verify(&card, None, &ALIVE).await), "200");
        // What is refused counts against the minute alone.
        assert_eq!(
            outcome(&fund.post("/api/v1/kyc", &json!({"consent": NOBODYS})).await),
            "404 identity-consent-unknown"
        );
        assert_eq!(bed.verifier.partner(&fund.rp.id).await.unwrap().unwrap().today, 4);
        // Another program on the same tables, as after a restart.
        let restarted = Verifier::new(bed.provider.clone());
        assert_eq!(restarted.partner(&fund.rp.id).await.unwrap().unwrap().today, 4);
        let token = restarted.token(&format!("Bearer {}", fund.token)).await.unwrap();
        let asked = || daftar_identity::verify::ask::Asked {
            card: daftar_identity::number::CardNumber::parse(&card).unwrap(),
            consent: None,
            claims: vec![daftar_identity::verify::compare::Claim::Alive],
        };
        restarted.verify(&token, asked()).await.unwrap();
        assert_eq!(restarted.verify(&token, asked()).await.unwrap_err().code, "identity-verify-quota");
        bed.later(60);
        let full = fund.verify(&card, None, &ALIVE).await;
        assert_eq!(outcome(&full), "429 identity-verify-quota");
        let wait: i64 = full.header("retry-after").parse().unwrap();
        assert!((1..=86_400).contains(&wait));
        bed.later(wait - 1);
        fund.renew().await;
        assert_eq!(
            outcome(&fund.verify(&card, None, &ALIVE).await),
            "429 identity-verify-quota",
            "still today"
        );
        bed.later(1);
        assert_eq!(outcome(&fund.verify(&card, None, &ALIVE).await), "200", "the country's next day");
        assert_eq!(looks(&bed, bed.amina).await.len(), 6);
        bed.verifier.sweep().await.unwrap();
        assert_eq!(bed.verifier.partner(&fund.rp.id).await.unwrap().unwrap().today, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_a_large_quota_are_counted_whole_and_lose_nothing_while_it_runs() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let card = card_of(&bed, bed.amina).await;
        let fund =
            partner(&bed, "Fund", NewPartner { per_minute: 50, per_day: 4_000, ..granted(false) }).await;
        let today = async || bed.verifier.partner(&fund.rp.id).await.unwrap().unwrap().today;
        for (asked, counted) in [(1, 4), (2, 4), (3, 4), (4, 4), (5, 8)] {
            assert_eq!(outcome(&fund.verify(&card, None, &ALIVE).await), "200");
            assert_eq!(today().await, counted, "after {asked}");
        }
        // A refused request gives back what it held.
        for _ in 0..5 {
            fund.post("/api/v1/kyc", &json!({"consent": NOBODYS})).await;
        }
        for _ in 0..3 {
            fund.verify(&card, None, &ALIVE).await;
        }
        assert_eq!(today().await, 8, "eight were answered");
        // A quota that shrinks below what is counted is over at once.
        let less = NewPartner { per_minute: 50, per_day: 8, ..granted(false) };
        bed.verifier.set_partner(&Proven::system("test"), &fund.rp.id, &less).await.unwrap();
        assert_eq!(outcome(&fund.verify(&card, None, &ALIVE).await), "429 identity-verify-quota");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn card_numbers_cannot_be_tried_out() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let card = card_of(&bed, bed.amina).await;
        let fund = partner(&bed, "Fund", NewPartner { per_day: 200, ..granted(false) }).await;
        for tried in 0..LEAST_MISSES {
            assert_eq!(fund.answers(&nobodys(&bed), None, &ALIVE).await, "unknown", "{tried}");
        }
        // A hit is no longer told from a miss.
        for card in [nobodys(&bed), card] {
            let got = fund.verify(&card, None, &ALIVE).await;
            assert_eq!(outcome(&got), "429 identity-verify-misses");
            assert!(!got.header("retry-after").is_empty());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_at_once_and_not_one_more() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let fund = agency(&bed).await;
        let card = card_of(&bed, bed.amina).await;
        let many = u32::try_from(MAX_AT_ONCE).unwrap();
        let held = bed.verifier.places().acquire_many(many - 1).await.unwrap();
        assert_eq!(outcome(&fund.verify(&card, None, &ALIVE).await), "200", "the last place");
        let last = bed.verifier.places().acquire().await.unwrap();
        let got = fund.verify(&card, None, &ALIVE).await;
        assert_eq!((outcome(&got).as_str(), got.header("retry-after")), ("503 identity-verify-busy", "1"));
        drop((held, last));
        assert_eq!(outcome(&fund.verify(&card, None, &ALIVE).await), "200");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_go_with_their_person_and_with_time() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (bank, fund) = (bank(&bed).await, agency(&bed).await);
        let card = card_of(&bed, bed.amina).await;
        let body = json!({"attributes": ["name"], "days": 30});
        let consent = bank.consent(bed.amina, &body).await;
        bank.ask("open", &body).await;
        let count = async || {
            let counted = bed.store.read(|tx| {
                Box::pin(async move {
                    tx.query_one(sql!("select count(*) from identity_verify_consent"), &[])
                        .await?
                        .get::<i64>(0)
                })
            });
            counted.await.map_err(|error: StoreError| error).unwrap()
        };
        assert_eq!(count().await, 2);
        bed.later(7 * 86_400);
        bed.verifier.sweep().await.unwrap();
        assert_eq!(count().await, 2, "who asks late still learns that it expired");
        bed.later(7 * 86_400);
        bed.verifier.sweep().await.unwrap();
        assert_eq!(count().await, 1, "a question nobody answered");
        bed.later(16 * 86_400 + KEEP_SECONDS - 1);
        bed.verifier.sweep().await.unwrap();
        assert_eq!(bed.verifier.permissions(bed.amina).await.unwrap().len(), 1);
        bed.later(1);
        bed.verifier.sweep().await.unwrap();
        assert_eq!(count().await, 0, "twelve months after it was over");

        let (mut bank, mut fund) = (bank, fund);
        bank.renew().await;
        let again = bank.consent(bed.amina, &body).await;
        assert_ne!(again, consent);
        let approvers = country::colleagues(&bed.people).await;
        let asked = bed.people.request_erasure(approvers[0].actor(), bed.person, "article 17").await.unwrap();
        country::approve(&bed.people, asked, &approvers).await;
        bed.people.erase(approvers[0].actor(), asked).await.unwrap();
        fund.renew().await;
        bank.renew().await;
        assert_eq!(count().await, 0);
        assert_eq!(fund.answers(&card, None, &[("alive", ""), ("card_valid", "")]).await, "unknown unknown");
        let status = fund.post("/api/v1/card-status", &json!({"card": card})).await.json();
        assert_eq!(status["status"], "unknown", "as a number nobody ever had");
        let got = bank.post("/api/v1/kyc", &json!({"consent": again})).await;
        assert_eq!(outcome(&got), "404 identity-consent-unknown");
    })
    .await;
}

/// What many ask at once is counted once each: of the day, and of a consent.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_get_no_more_than_one_after_the_other() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let card = card_of(&bed, bed.amina).await;
        let fund = partner(&bed, "Fund", NewPartner { per_minute: 100, per_day: 7, ..granted(false) }).await;
        let all = (0..24).map(|_| fund.verify(&card, None, &ALIVE));
        let got: Vec<String> = together(all).await.iter().map(outcome).collect();
        assert_eq!(got.iter().filter(|one| *one == "200").count(), 7, "{got:?}");
        assert_eq!(got.iter().filter(|one| *one == "429 identity-verify-quota").count(), 17, "{got:?}");
        assert_eq!(looks(&bed, bed.amina).await.len(), 7);

        let bank = bank(&bed).await;
        let body = json!({"attributes": ["alive"], "days": 1, "uses": 3});
        let consent = bank.consent(bed.amina, &body).await;
        let all = (0..16).map(|_| bank.verify(&card, Some(&consent), &ALIVE));
        let got: Vec<String> = together(all).await.iter().map(outcome).collect();
        assert_eq!(got.iter().filter(|one| *one == "200").count(), 3, "{got:?}");
        assert_eq!(got.iter().filter(|one| *one == "403 identity-consent-used-up").count(), 13, "{got:?}");
    })
    .await;
}

/// Runs them beside each other.
async fn together<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = waiting.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (one, slot) in waiting.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(output) = one.as_mut().poll(cx)
            {
                *slot = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
