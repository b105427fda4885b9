//! Assisted service through HTTP, on both engines: one thing, by one official, for one person, once; both names on the act.

use crate::country::{self, ask, clerk, registration};
use crate::openid::bed::{Bed, Browser, Got};
use crate::openid::story::account;
use daftar_identity::assist::{ASKED_SECONDS, CONSENT_SECONDS};
use daftar_identity::person::Entry;
use daftar_kernel::{Id, Problem};
use daftar_office::Principal;
use daftar_office::complaint::About;
use daftar_office::totp::{Secret, step_at};
use daftar_store::{StoreError, params, sql};
use daftar_testing::for_each_engine;

/// A counter with an official's browser.
pub async fn counter<'b>(bed: &'b Bed, login: &'static str) -> Browser<'b> {
    let office = bed.people.office().clone();
    let token = bed.store.write(move |tx| {
        let office = office.clone();
        Box::pin(async move {
            let select = sql!("select id from office_account where login = $1");
            let id: Id = tx.query_one(select, &params![login]).await?.get(0)?;
            let signed_in = office.demo_sign_in(tx, Principal::Official(id), "test", None).await?;
            Ok::<_, Problem>(signed_in.token)
        })
    });
    let mut browser = bed.browser();
    browser.cookies.insert("daftar_session".into(), token.await.unwrap());
    let page = browser.get("/trust?lang=en").await;
    assert_eq!(page.status, 200);
    browser
}

/// What is under way, from the address of its forms.
fn id_of(page: &str) -> String {
    let rest = page.split("/assist/").nth(1).unwrap_or_else(|| panic!("nothing under way: {page}"));
    rest.split('/').next().unwrap().to_string()
}

pub fn number_of(page: &str) -> String {
    let at = page.find("A-20").unwrap_or_else(|| panic!("no number: {page}"));
    page[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

pub async fn begin(counter: &mut Browser<'_>, person: Id, what: &str) -> (String, Got) {
    let fields = [("what", what), ("agency", "police"), ("words", "They came into my house at night.")];
    let got = counter.post(&format!("/people/{person}/assist"), &fields).await;
    assert_eq!(got.status, 200, "{}", got.body);
    (format!("/people/{person}/assist/{}", id_of(&got.body)), got)
}

/// Signed before a witness.
pub async fn signed(counter: &mut Browser<'_>, path: &str, what: &str, page: &str) {
    let number = number_of(page);
    let fields = [("what", what), ("number", number.as_str()), ("witness", "Moussa Sow")];
    let got = counter.post(&format!("{path}/paper"), &fields).await;
    assert_eq!(got.status, 200, "{}", got.body);
    assert!(got.body.contains(&format!("{path}/act")), "{}", got.body);
}

pub async fn act(counter: &mut Browser<'_>, path: &str, what: &str) -> Got {
    counter.post(&format!("{path}/act"), &[("what", what)]).await
}

fn code(bed: &Bed, secret: &Secret) -> String {
    secret.code(step_at(bed.store.store().world().now()))
}

/// Jobs that tell somebody what was done in their name.
pub async fn told(bed: &Bed) -> Vec<String> {
    let found = bed.store.read(|tx| {
        Box::pin(async move {
            let rows = tx.query(sql!("select payload from store_job order by payload"), &[]).await?;
            rows.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>, StoreError>>()
        })
    });
    found.await.unwrap().into_iter().filter(|payload| payload.contains("identity-assisted")).collect()
}

async fn rows(bed: &Bed) -> i64 {
    let count = bed.store.read(|tx| {
        Box::pin(async move {
            tx.query_one(sql!("select count(*) from identity_assistance"), &[]).await?.get::<i64>(0)
        })
    });
    count.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn her_card_is_reported_lost_with_a_code_of_her_own() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        country::colleagues(&bed.people).await;
        let secret = account(&bed).await;
        let mut desk = counter(&bed, "ana").await;
        let choice = desk.get(&format!("/people/{}/assist", bed.person)).await;
        assert_eq!(choice.status, 200, "{}", choice.body);
        assert!(!choice.body.contains("Amina"), "nothing about her before the look");
        let nothing = desk.post(&format!("/people/{}/assist", bed.person), &[("what", "death")]).await;
        assert_eq!(nothing.status, 422, "{}", nothing.body);
        assert_eq!(bed.people.my_looks(bed.amina, None, 50).await.unwrap().total, 0);

        let (path, page) = begin(&mut desk, bed.person, "card-lost").await;
        assert!(page.body.contains("Amina Diallo") && page.body.contains("name=\"code\""), "{}", page.body);
        assert_eq!(act(&mut desk, &path, "card-lost").await.status, 409, "she has not agreed");
        let wrong = desk.post(&format!("{path}/code"), &[("what", "card-lost"), ("code", "000000")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        assert!(!wrong.body.contains("Amina"), "her name is not shown again without a look");
        let typed = code(&bed, &secret);
        let fields = [("what", "card-lost"), ("code", typed.as_str())];
        assert_eq!(desk.post(&format!("{path}/code"), &fields).await.status, 200);
        assert_eq!(desk.post(&format!("{path}/code"), &fields).await.status, 409, "she agrees once");
        assert_eq!(act(&mut desk, &path, "data").await.status, 409, "for that one thing alone");
        let card = bed.people.my_record(bed.amina).await.unwrap().card.unwrap().number;
        let done = act(&mut desk, &path, "card-lost").await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(done.body.contains("Amina Diallo") && done.body.contains("A colleague"), "{}", done.body);
        assert!(bed.people.my_record(bed.amina).await.unwrap().card.is_none(), "{card:?} holds no more");
        assert_eq!(act(&mut desk, &path, "card-lost").await.status, 409, "once");

        // Both names stand on the act; she is told, and sees it.
        let acts = bed.people.my_acts(bed.amina, None, 50).await.unwrap();
        let act = acts.iter().find(|act| act.entry.kind == "identity.assisted").unwrap();
        let opening = act.opening.as_ref().unwrap().to_string();
        for said in ["A colleague", "Amina Diallo", "A-2026-1"] {
            assert!(opening.contains(said), "{said}: {opening}");
        }
        let public = serde_json::to_string(&act.entry).unwrap();
        assert!(!public.contains("Amina") && public.contains("card-lost"), "{public}");
        let letters = told(&bed).await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert!(letters[0].contains("A colleague") && !letters[0].contains("Amina"), "{letters:?}");
        let mut home = bed.signed_in(bed.amina).await;
        home.get("/me?lang=en").await;
        let mine = home.get("/me/assisted?lang=en").await;
        for said in ["Report their card lost", "A colleague", "A one-time code of their own"] {
            assert!(mine.body.contains(said), "{said}: {}", mine.body);
        }
        // "I did not ask for this" is a complaint about the look, which somebody outside answers.
        let look = mine.body.split("/me/complaints/new?look=").nth(1).unwrap().split('"').next().unwrap();
        let sent = home.post("/me/complaints/new", &[("look", look), ("words", "Not me.")]).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        let data = bed.people.my_data(bed.amina).await.unwrap().json();
        assert_eq!(data["assistances"][0]["official"], "A colleague");
        assert_eq!(data["complaints"][0]["about_receipt"], look);
        let purposes: Vec<String> = crate::verify::bed::looks(&bed, bed.amina).await;
        assert!(purposes.iter().all(|look| look.contains("/assistance/")), "{purposes:?}");
        assert_eq!(purposes[0].rsplit('/').next(), Some("name,card"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_phone_she_signs_a_slip_before_a_witness() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        country::colleagues(&bed.people).await;
        let mut desk = counter(&bed, "ana").await;
        let (path, page) = begin(&mut desk, bed.person, "complaint").await;
        assert!(page.body.contains("They came into my house at night."), "it is read out");
        assert!(!page.body.contains("name=\"code\""), "she has no account");
        let none = desk.post(&format!("{path}/code"), &[("what", "complaint"), ("code", "123456")]).await;
        assert_eq!(none.status, 422);
        let slip = desk.post(&format!("{path}/slip"), &[("what", "complaint")]).await;
        assert_eq!(slip.status, 200, "{}", slip.body);
        let number = number_of(&page.body);
        for said in
            ["Amina Diallo", "They came into my house at night.", "Signature or thumb", number.as_str()]
        {
            assert!(slip.body.contains(said), "{said}: {}", slip.body);
        }
        for (number, witness) in [("A-2026-99", "Moussa Sow"), (&*number, ""), (&*number, "a  Colleague")] {
            let fields = [("what", "complaint"), ("number", number), ("witness", witness)];
            let got = desk.post(&format!("{path}/paper"), &fields).await;
            assert_eq!(got.status, 422, "{number} {witness}: {}", got.body);
        }
        signed(&mut desk, &path, "complaint", &page.body).await;
        let done = act(&mut desk, &path, "complaint").await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(done.body.contains("C-2026-1"), "{}", done.body);
        let data = bed.people.my_data(bed.amina).await.unwrap();
        let (complaint, words) = &data.complaints[0];
        assert_eq!((complaint.about, complaint.agency.as_str()), (About::Other, "police"));
        assert_eq!(words.complaint, "They came into my house at night.");
        let json = data.json();
        assert_eq!(json["assistances"][0]["witness"], "Moussa Sow");
        assert_eq!(json["assistances"][0]["complaint"], "C-2026-1");
        assert_eq!(json["assistances"][0]["words"], "", "the desk keeps them alone");

        // About a look, by the number of its receipt; another's look is not there.
        let look =
            bed.people.read(&country::registrar(), &ask(), bed.person, &["born"]).await.unwrap().receipt;
        let other = Entry { name: "Omar Keita".into(), ..country::amina() };
        let other = bed.people.register(&clerk(), registration(other, "k2")).await.unwrap();
        let typed = look.to_string();
        let fields = [("what", "complaint"), ("look", typed.as_str()), ("words", "Why?")];
        let got = desk.post(&format!("/people/{}/assist", other.person), &fields).await;
        assert_eq!(got.status, 422, "{}", got.body);
        let got = desk.post(&format!("/people/{}/assist", bed.person), &fields).await;
        let path = format!("/people/{}/assist/{}", bed.person, id_of(&got.body));
        signed(&mut desk, &path, "complaint", &got.body).await;
        assert_eq!(act(&mut desk, &path, "complaint").await.status, 200);
        let complaints = bed.people.my_data(bed.amina).await.unwrap().complaints;
        assert!(complaints.iter().any(|(one, _)| one.about == About::Look(look)), "{complaints:?}");

        // Everything that is held, on paper; the paper says that it was handed out.
        let (path, page) = begin(&mut desk, bed.person, "data").await;
        signed(&mut desk, &path, "data", &page.body).await;
        let paper = act(&mut desk, &path, "data").await;
        assert_eq!((paper.status, paper.header("content-type")), (200, "application/pdf"), "{}", paper.body);
        assert_eq!(act(&mut desk, &path, "data").await.status, 409, "once");
        let looks = crate::verify::bed::looks(&bed, bed.amina).await;
        assert_eq!(looks[0].rsplit('/').next(), Some("name,everything"));

        // Services are locked out; asked twice, it stays so.
        for _ in 0..2 {
            let (path, page) = begin(&mut desk, bed.person, "lock").await;
            signed(&mut desk, &path, "lock", &page.body).await;
            assert_eq!(act(&mut desk, &path, "lock").await.status, 200);
            assert!(bed.provider.locked(bed.amina).await.unwrap());
        }
        assert_eq!(bed.people.my_assistances(bed.amina).await.unwrap().len(), 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_is_for_one_official_one_person_and_a_quarter_of_an_hour() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        country::colleagues(&bed.people).await;
        let other = Entry { name: "Omar Keita".into(), ..country::amina() };
        let other = bed.people.register(&clerk(), registration(other, "k2")).await.unwrap().person;
        let (mut ana, mut ben) = (counter(&bed, "ana").await, counter(&bed, "ben").await);
        let (path, page) = begin(&mut ana, bed.person, "card-lost").await;
        signed(&mut ana, &path, "card-lost", &page.body).await;
        assert_eq!(act(&mut ben, &path, "card-lost").await.status, 404, "another official");
        let elsewhere = path.replace(&bed.person.to_string(), &other.to_string());
        assert_eq!(act(&mut ana, &elsewhere, "card-lost").await.status, 404, "another person");
        for end in ["slip", "code", "paper"] {
            let fields = [("what", "card-lost"), ("number", "A-2026-1"), ("witness", "Moussa Sow")];
            assert_eq!(ben.post(&format!("{path}/{end}"), &fields).await.status, 404, "{end}");
        }
        // At the limit it is over; a second before it holds.
        bed.later(CONSENT_SECONDS);
        let mut ana = counter(&bed, "ana").await;
        assert_eq!(act(&mut ana, &path, "card-lost").await.status, 409, "a quarter of an hour is over");
        assert!(bed.people.my_record(bed.amina).await.unwrap().card.is_some());
        let (path, page) = begin(&mut ana, bed.person, "card-lost").await;
        signed(&mut ana, &path, "card-lost", &page.body).await;
        bed.later(CONSENT_SECONDS - 1);
        let mut ana = counter(&bed, "ana").await;
        assert_eq!(act(&mut ana, &path, "card-lost").await.status, 200);
        let none = ana.post(&format!("/people/{}/assist", bed.person), &[("what", "card-lost")]).await;
        assert_eq!(none.status, 409, "she has no card to lose");
        let looks = crate::verify::bed::looks(&bed, bed.amina).await;
        assert!(looks[0].ends_with("/name,card"), "whoever learns that she has none has looked: {looks:?}");
        assert_eq!(looks.len(), 4, "two beginnings, one act, and this: {looks:?}");

        // What was asked waits an hour for a signature.
        let (path, page) = begin(&mut ana, bed.person, "data").await;
        bed.later(ASKED_SECONDS);
        let mut ana = counter(&bed, "ana").await;
        let number = number_of(&page.body);
        let fields = [("what", "data"), ("number", number.as_str()), ("witness", "Moussa Sow")];
        assert_eq!(ana.post(&format!("{path}/paper"), &fields).await.status, 409);
        assert_eq!(rows(&bed).await, 3);
        assert_eq!(bed.people.sweep_assistances().await.unwrap(), 2, "what was never done goes");
        assert_eq!(rows(&bed).await, 1, "what was done stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_guessed_at_a_counter() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        country::colleagues(&bed.people).await;
        let secret = account(&bed).await;
        let mut desk = counter(&bed, "ana").await;
        let (path, _) = begin(&mut desk, bed.person, "data").await;
        let right = code(&bed, &secret);
        let wrong = if right == "111111" { "222222" } else { "111111" };
        for _ in 0..daftar_office::allowance::CODE.tries {
            let got = desk.post(&format!("{path}/code"), &[("what", "data"), ("code", wrong)]).await;
            assert_eq!(got.status, 422, "{}", got.body);
        }
        let got = desk.post(&format!("{path}/code"), &[("what", "data"), ("code", &right)]).await;
        assert_eq!(got.status, 429, "{}", got.body);
        assert_eq!(act(&mut desk, &path, "data").await.status, 409);
    })
    .await;
}

#[tokio::test]
async fn only_who_may_and_gone_with_the_person() {
    use daftar_identity::assist::{What, Wish};
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(country::amina(), "k1")).await.unwrap();
        let other = Entry { name: "Amina D.".into(), born: "1971".into(), ..country::amina() };
        let other = people.register(&clerk(), registration(other, "k2")).await.unwrap();
        let wish =
            Wish { what: What::CardLost, agency: String::new(), look: String::new(), words: String::new() };
        for role in ["officer", "admin", "answerer"] {
            let refused = people.begin_assistance(&country::official("Sami", role), one.person, &wish).await;
            assert_eq!(refused.unwrap_err().kind.status(), 403, "{role}");
        }
        let rim = country::registrar();
        let asked = people.begin_assistance(&rim, one.person, &wish).await.unwrap();
        let agreed = (asked.reference.as_str(), "Moussa Sow");
        people.agree_on_paper(&rim, (one.person, asked.id), agreed).await.unwrap();
        // Meanwhile her record was absorbed by another of hers: what she agreed to is done to the one that stands.
        let (absorbed, stands) = (one.person, other.person);
        store
            .write(move |tx| {
                Box::pin(async move {
                    let merge =
                        sql!("update identity_person set state = 'merged', merged_into = $2 where id = $1");
                    tx.execute(merge, &params![absorbed, stands]).await
                })
            })
            .await
            .unwrap();
        // Of two at once, one does it.
        let asked = (stands, asked.id);
        let (a, b) = tokio::join!(
            people.assist(&rim, asked, What::CardLost),
            people.assist(&rim, asked, What::CardLost)
        );
        assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
        assert_eq!(a.and(b).unwrap_err().code, "identity-assist-over");
        let mine = people.office_token(stands).await.unwrap();
        assert!(people.my_record(mine).await.unwrap().card.is_none());
        assert_eq!(people.my_assistances(mine).await.unwrap().len(), 1);
        assert_eq!(people.my_data(mine).await.unwrap().assistances.len(), 1);
        let approval = people.request_erasure(&clerk(), stands, "Court 12/2026").await.unwrap();
        let approvers = country::approvers(&people).await;
        country::approve(&people, approval, &approvers).await;
        people.erase(&clerk(), approval).await.unwrap();
        let left = store.read(|tx| {
            Box::pin(async move {
                tx.query_one(sql!("select count(*) from identity_assistance"), &[]).await?.get::<i64>(0)
            })
        });
        assert_eq!(left.await.unwrap(), 0);
    })
    .await;
}
