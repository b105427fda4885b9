//! Taking back one service's consent at the counter: shown by name only after the person agreed, and refused the next second.

use crate::assist::{act, begin, counter, signed, told};
use crate::country::{self, clerk, registration};
use crate::openid::bed::{Bed, Browser};
use crate::verify::bed::{Partner, bank, card_of, outcome};
use daftar_identity::assist::{CONSENT_SECONDS, Choice, What};
use daftar_identity::person::Entry;
use daftar_testing::for_each_engine;
use serde_json::json;

/// The choice of the form that carries this name.
fn choice_of(page: &str, name: &str) -> String {
    let (before, _) = page.split_once(name).unwrap_or_else(|| panic!("no {name} in {page}"));
    before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_string()
}

/// Both names stand on the act, and she learns of it.
async fn she_finds_it(bed: &Bed, home: &mut Browser<'_>) {
    // Both names on the act; she is told which, and finds it in her list.
    let acts = bed.people.my_acts(bed.amina, None, 50).await.unwrap();
    let one = acts.iter().find(|act| act.entry.kind == "identity.assisted").unwrap();
    let opening = one.opening.as_ref().unwrap().to_string();
    for said in ["A colleague", "Amina Diallo", "Bank of the North", "Moussa Sow"] {
        assert!(opening.contains(said), "{said}: {opening}");
    }
    assert!(!serde_json::to_string(&one.entry).unwrap().contains("Bank"), "which one is not public");
    let letters = told(bed).await;
    assert!(letters.len() == 1 && letters[0].contains("Bank of the North"), "{letters:?}");
    let mine = home.get("/me/assisted?lang=en").await.body;
    assert!(mine.contains("Bank of the North"), "{mine}");
    let data = bed.people.my_data(bed.amina).await.unwrap().json();
    assert_eq!(data["assistances"][0]["service"], "Bank of the North");
}

/// Who may not, and what is not hers.
async fn others_take_back_nothing(
    bed: &Bed,
    (bank, desk): (&Partner<'_>, &mut Browser<'_>),
    path: &str,
    fields: &[(&str, &str)],
) {
    // Another official, and whoever chooses nothing, or what is not hers.
    let mut ben = counter(bed, "ben").await;
    assert_eq!(ben.post(&format!("{path}/act"), fields).await.status, 404);
    let other = Entry { name: "Omar Keita".into(), ..country::amina() };
    let other = bed.people.register(&clerk(), registration(other, "k2")).await.unwrap().person;
    let his = bed.people.office_token(other).await.unwrap();
    let theirs = bank.consent(his, &json!({"attributes": ["name"], "days": 30})).await;
    let foreign = Choice::Partner(theirs.parse().unwrap()).text();
    for choice in ["", "partner:", foreign.as_str(), "sign-in:nobody"] {
        let got = desk.post(&format!("{path}/act"), &[("what", "consent"), ("choice", choice)]).await;
        assert_eq!(got.status, 422, "{choice}: {}", got.body);
        assert!(got.body.contains("Bank of the North"), "the list again: {}", got.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_refused_the_next_second_and_the_others_are_not() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        country::colleagues(&bed.people).await;
        let (bank, clinic) = (bank(&bed).await, bed.clinic().await);
        let card = card_of(&bed, bed.amina).await;
        let asked = [("name", "amina diallo")];
        let consent = bank.consent(bed.amina, &json!({"attributes": ["name"], "days": 30})).await;
        let kept = bank.consent(bed.amina, &json!({"attributes": ["born"], "days": 30})).await;
        let mut home = bed.signed_in(bed.amina).await;
        let tokens = clinic.tokens(&mut home, &[]).await;
        let access = tokens["access_token"].as_str().unwrap().to_string();
        assert_eq!(bed.userinfo(&access).await.status, 200);

        let mut desk = counter(&bed, "ana").await;
        let (path, page) = begin(&mut desk, bed.person, "consent").await;
        assert!(!page.body.contains("Bank of the North"), "nothing before she agrees: {}", page.body);
        let early = desk.post(&format!("{path}/act"), &[("what", "consent"), ("choice", "partner:x")]).await;
        assert_eq!((early.status, early.body.contains("Bank")), (409, false), "{}", early.body);
        let named = Choice::Partner(consent.parse().unwrap()).text();
        let fields = [("what", "consent"), ("choice", named.as_str())];
        assert_eq!(desk.post(&format!("{path}/act"), &fields).await.status, 409, "she has not agreed");
        let number = crate::assist::number_of(&page.body);
        let slip = [("what", "consent"), ("number", number.as_str()), ("witness", "Moussa Sow")];
        let list = desk.post(&format!("{path}/paper"), &slip).await;
        assert_eq!(list.status, 200, "{}", list.body);
        assert_eq!(list.body.matches("Bank of the North").count(), 2, "{}", list.body);
        assert!(list.body.contains("Clinic"), "by name: {}", list.body);
        let seen = crate::verify::bed::looks(&bed, bed.amina).await;
        assert!(seen[0].ends_with("/assistance/Registration Act, section 4/name,consents"), "{seen:?}");
        others_take_back_nothing(&bed, (&bank, &mut desk), &path, &fields).await;
        assert_eq!(bank.answers(&card, Some(&consent), &asked).await, "yes", "nothing is taken back yet");

        let done = desk.post(&format!("{path}/act"), &fields).await;
        assert_eq!(done.status, 200, "{}", done.body);
        for said in ["Amina Diallo", "A colleague", "Bank of the North", "A-2026-1"] {
            assert!(done.body.contains(said), "{said}: {}", done.body);
        }
        assert_eq!(
            outcome(&bank.verify(&card, Some(&consent), &asked).await),
            "403 identity-consent-revoked",
            "the next second"
        );
        assert_eq!(bank.answers(&card, Some(&kept), &[("born", "1990")]).await, "yes", "that one alone");
        assert_eq!(bed.userinfo(&access).await.status, 200, "the clinic is untouched");
        assert_eq!(desk.post(&format!("{path}/act"), &fields).await.status, 409, "once");

        she_finds_it(&bed, &mut home).await;
        // The clinic: its tokens are gone at once.
        let (path, page) = begin(&mut desk, bed.person, "consent").await;
        let number = crate::assist::number_of(&page.body);
        let slip = [("what", "consent"), ("number", number.as_str()), ("witness", "Moussa Sow")];
        let list = desk.post(&format!("{path}/paper"), &slip).await.body;
        let choice = choice_of(&list, "Clinic");
        assert!(choice.starts_with("sign-in:"), "{choice}");
        let got = desk.post(&format!("{path}/act"), &[("what", "consent"), ("choice", &choice)]).await;
        assert_eq!(got.status, 200, "{}", got.body);
        assert_eq!(bed.userinfo(&access).await.status, 401);
        assert!(bed.provider.grants(bed.amina).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_allows_nothing_sees_that_and_the_list_is_over_with_the_agreement() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        country::colleagues(&bed.people).await;
        let mut desk = counter(&bed, "ana").await;
        let (path, page) = begin(&mut desk, bed.person, "consent").await;
        let number = crate::assist::number_of(&page.body);
        let slip = [("what", "consent"), ("number", number.as_str()), ("witness", "Moussa Sow")];
        let list = desk.post(&format!("{path}/paper"), &slip).await;
        assert_eq!(list.status, 200, "{}", list.body);
        assert!(list.body.contains("allows no service anything"), "{}", list.body);
        // An agreement to something else shows no list.
        let (lock, page) = begin(&mut desk, bed.person, "lock").await;
        signed(&mut desk, &lock, "lock", &page.body).await;
        let id = lock.rsplit('/').next().unwrap().parse().unwrap();
        let ana = {
            let row = bed.store.read(|tx| {
                Box::pin(async move {
                    let select = daftar_store::sql!("select id from office_account where login = 'ana'");
                    tx.query_one(select, &[]).await?.get::<daftar_kernel::Id>(0)
                })
            });
            let id: Result<daftar_kernel::Id, daftar_store::StoreError> = row.await;
            daftar_kernel::Official { id: id.unwrap(), ..country::registrar() }
        };
        let other = bed.people.allowed_for_assist(&ana, (bed.person, id)).await.unwrap_err();
        assert_eq!(other.code, "identity-assist-other");
        assert_eq!(act(&mut desk, &lock, "consent").await.status, 409);
        bed.later(CONSENT_SECONDS);
        let mut desk = counter(&bed, "ana").await;
        let got = desk.post(&format!("{path}/act"), &[("what", "consent"), ("choice", "partner:")]).await;
        assert_eq!(got.status, 409, "the quarter of an hour is over: {}", got.body);
        let none = bed.people.assist(&ana, (bed.person, id), What::Consent).await.unwrap_err();
        assert_eq!(none.code, "identity-assist-other");
    })
    .await;
}
