//! Passkeys: adding, using, removing, and everything that must not work.

use crate::bed::{Bed, MIGRATIONS, PASSWORD, Person, code_of, elsewhere, here, sql_run, write};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::allowance::{KNOWN_CODE, SOURCE};
use daftar_office::passkey::{
    Answer, CEREMONY_SECONDS, Created, MAX_A_MINUTE, NAME_MAX_CHARS, NOTICE_JOB, PASSKEYS_MAX, Passkey, Told,
    Use,
};
use daftar_office::session::Way;
use daftar_office::sign_in::SignedIn;
use daftar_office::{Principal, Proven, Session, Source};
use daftar_testing::authenticator::{Authenticator, Used};
use daftar_testing::for_each_engine;

const ORIGIN: &str = "https://id.example";

/// A bed with passkeys on, and an official at work.
async fn ready(store: daftar_testing::TestStore) -> (Bed, Person, String) {
    let bed = Bed::on(store).await;
    bed.office.set_passkey_origin(ORIGIN).unwrap();
    let amal = bed.official("amal", &[("registry-north", "clerk")]).await;
    let token = bed.sign_in(&amal, None).await.unwrap().token;
    (bed, amal, token)
}
async fn proven(bed: &Bed, token: &str) -> Proven {
    bed.office.session(token).await.unwrap().unwrap().proven(bed.now()).unwrap()
}
/// Adds a passkey with this authenticator, whose user handle it learns.
async fn add(bed: &Bed, by: &Proven, phone: &mut Authenticator, name: &str) -> Result<Id, Problem> {
    let adding = bed.office.begin_passkey(by, name).await?;
    phone.user = URL_SAFE_NO_PAD.decode(&adding.user).unwrap();
    let made = phone.make(&adding.ceremony.challenge);
    let created = Created {
        browser: Some(adding.ceremony.browser),
        name: adding.name,
        client_data: URL_SAFE_NO_PAD.encode(made.client_data),
        attestation: URL_SAFE_NO_PAD.encode(made.attestation_object),
    };
    bed.office.add_passkey(by, None, &created).await
}
fn phone(id: &[u8]) -> Authenticator {
    Authenticator::at(ORIGIN, id, b"")
}
fn answer(used: &Used) -> Answer {
    Answer {
        id: URL_SAFE_NO_PAD.encode(&used.id),
        client_data: URL_SAFE_NO_PAD.encode(&used.client_data),
        data: URL_SAFE_NO_PAD.encode(&used.authenticator_data),
        signature: URL_SAFE_NO_PAD.encode(&used.signature),
        user: URL_SAFE_NO_PAD.encode(&used.user),
    }
}
fn sent(browser: &str, answer: Answer, source: Source, device: Option<&str>) -> Use {
    let device = device.map(str::to_string);
    Use {
        browser: Some(browser.into()),
        answer,
        source,
        device,
        device_label: "Phone".into(),
        replaces: None,
    }
}
async fn enter_from(
    bed: &Bed,
    phone: &Authenticator,
    source: Source,
    device: Option<&str>,
) -> Result<SignedIn, Problem> {
    let asked = bed.office.begin_passkey_sign_in().await?;
    let used = sent(&asked.browser, answer(&phone.sign(&asked.challenge)), source, device);
    bed.office.sign_in_passkey(&used).await
}
async fn enter(bed: &Bed, phone: &Authenticator) -> Result<SignedIn, Problem> {
    enter_from(bed, phone, here(), None).await
}
async fn session(bed: &Bed, token: &str) -> Session {
    bed.office.session(token).await.unwrap().unwrap()
}
async fn list(bed: &Bed, id: Id) -> Vec<Passkey> {
    write!(bed, [], |office, tx| office.passkeys(tx, Principal::Official(id)).await).unwrap()
}
async fn remove(bed: &Bed, by: &Proven, id: Id) -> Result<(), Problem> {
    write!(bed, [by], |office, tx| office.remove_passkey(tx, &by, None, id).await)
}
async fn only(bed: &Bed, by: &Proven, on: bool) -> Result<(), Problem> {
    write!(bed, [by], |office, tx| office.set_passkeys_only(tx, &by, None, on).await)
}

#[tokio::test]
async fn one_is_added_used_and_removed() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal, token) = ready(store).await;
        let by = proven(&bed, &token).await;
        assert_eq!(session(&bed, &token).await.way, Way::Code);
        let mut phone = phone(b"phone");
        let id = add(&bed, &by, &mut phone, "  My   phone ").await.unwrap();
        assert_eq!((phone.user.len(), bed.acts("office.passkey-added").await), (64, 1));
        let held = list(&bed, amal.id).await;
        assert_eq!((held.len(), held[0].id, held[0].name.as_str()), (1, id, "My phone"));
        assert_eq!((held[0].used, held[0].blocked, held[0].copied), (None, None, false));

        let signed_in = enter(&bed, &phone).await.unwrap();
        let own = session(&bed, &signed_in.token).await;
        assert_eq!((own.principal, own.way), (Principal::Official(amal.id), Way::Passkey));
        assert!(matches!(&own.actor, Actor::Official(official) if official.office == "registry-north"));
        assert!(own.stepped_up(bed.now()), "both factors at once");
        assert_eq!(list(&bed, amal.id).await[0].used, Some(bed.now()));

        let by = proven(&bed, &signed_in.token).await;
        remove(&bed, &by, id).await.unwrap();
        assert_eq!(bed.acts("office.passkey-removed").await, 1);
        assert_eq!(code_of(remove(&bed, &by, id).await), "not-found");
        assert_eq!(code_of(enter(&bed, &phone).await), "office-passkey-wrong");
        assert!(bed.sign_in(&amal, None).await.is_ok(), "password and code stay");
    })
    .await;
}

#[tokio::test]
async fn answers_that_are_wrong_open_nothing() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, _, token) = ready(store).await;
        let mut good = phone(b"phone");
        add(&bed, &proven(&bed, &token).await, &mut good, "Phone").await.unwrap();
        let user = good.user.clone();
        type Change = fn(&mut Authenticator);
        let cases: [(&str, Change, &str); 8] = [
            ("a false site", |p| p.origin = "https://id.example.evil".into(), "office-passkey-wrong"),
            ("a frame", |p| p.cross_origin = true, "office-passkey-wrong"),
            ("another RP id", |p| p.rp_id = "evil".into(), "office-passkey-wrong"),
            ("a registration", |p| p.get_type = "webauthn.create".into(), "office-passkey-wrong"),
            ("nobody touched it", |p| p.present = false, "office-passkey-wrong"),
            ("nobody was verified", |p| p.verified = false, "office-passkey-unverified"),
            ("another user handle", |p| p.user = vec![1; 64], "office-passkey-wrong"),
            ("no user handle", |p| p.user = Vec::new(), "office-passkey-wrong"),
        ];
        for (at, (name, change, code)) in cases.into_iter().enumerate() {
            let mut bad = phone(b"phone");
            (bad.user, bad.secret) = (user.clone(), good.secret);
            change(&mut bad);
            let source = elsewhere(u32::try_from(at).unwrap() * 256);
            assert_eq!(code_of(enter_from(&bed, &bad, source, None).await), code, "{name}");
            good = phone(b"phone");
            (good.user, good.secret) = (user.clone(), bad.secret);
        }
        let forged = phone(b"phone");
        assert_eq!(code_of(enter_from(&bed, &forged, elsewhere(9000), None).await), "office-passkey-wrong");
        let unknown = phone(b"unknown");
        assert_eq!(code_of(enter_from(&bed, &unknown, elsewhere(9001), None).await), "office-passkey-wrong");
        assert!(enter_from(&bed, &good, elsewhere(70_000), None).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_challenge_is_for_one_answer_in_one_browser_for_a_while() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, _, token) = ready(store).await;
        let mut phone = phone(b"phone");
        add(&bed, &proven(&bed, &token).await, &mut phone, "Phone").await.unwrap();
        let (asked, other) = (
            bed.office.begin_passkey_sign_in().await.unwrap(),
            bed.office.begin_passkey_sign_in().await.unwrap(),
        );
        let used = answer(&phone.sign(&asked.challenge));
        let send = async |browser: &str| {
            code_of(bed.office.sign_in_passkey(&sent(browser, used.clone(), here(), None)).await)
        };
        assert_eq!(send(&other.browser).await, "office-passkey-wrong", "another browser's challenge");
        assert_eq!(send("").await, "office-passkey-over");
        assert_eq!(send(&asked.browser.to_uppercase()).await, "office-passkey-over");
        assert_eq!(send(&asked.browser).await, "ok");
        assert_eq!(send(&asked.browser).await, "office-passkey-over", "replayed");

        // One for a step-up is none for signing in.
        let own = session(&bed, &token).await.principal;
        let asked = bed.office.begin_passkey_step_up(own).await.unwrap();
        let used =
            sent(&asked.ceremony.browser, answer(&phone.sign(&asked.ceremony.challenge)), here(), None);
        assert_eq!(code_of(bed.office.sign_in_passkey(&used).await), "office-passkey-over");

        for (seconds, code) in [(CEREMONY_SECONDS - 1, "ok"), (CEREMONY_SECONDS, "office-passkey-over")] {
            let asked = bed.office.begin_passkey_sign_in().await.unwrap();
            let used = sent(&asked.browser, answer(&phone.sign(&asked.challenge)), here(), None);
            bed.later(seconds);
            assert_eq!(code_of(bed.office.sign_in_passkey(&used).await), code, "{seconds}");
        }
        bed.later(CEREMONY_SECONDS);
        write!(bed, [], |office, tx| office.sweep(tx).await).unwrap();
        assert_eq!(sql_run!(bed, "delete from office_passkey_challenge"), 0, "swept");
    })
    .await;
}

#[tokio::test]
async fn so_many_challenges_a_minute_and_not_one_more() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, ..) = ready(store).await;
        for _ in 0..MAX_A_MINUTE {
            bed.office.begin_passkey_sign_in().await.unwrap();
        }
        let over = bed.office.begin_passkey_sign_in().await.unwrap_err();
        assert_eq!((over.code, over.retry_after_seconds.is_some()), ("office-busy", true));
        bed.later(60);
        bed.office.begin_passkey_sign_in().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_counter_that_goes_back_blocks_the_passkey() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal, token) = ready(store).await;
        let mut phone = phone(b"phone");
        phone.counter = 1;
        let by = proven(&bed, &token).await;
        let id = add(&bed, &by, &mut phone, "Phone").await.unwrap();
        phone.counter = 7;
        assert!(enter(&bed, &phone).await.is_ok());
        assert_eq!(code_of(enter(&bed, &phone).await), "office-passkey-blocked", "the same counter");
        assert_eq!(list(&bed, amal.id).await[0].blocked, Some(bed.now()), "and the block is kept");
        phone.counter = 8;
        assert_eq!(
            code_of(enter(&bed, &phone).await),
            "office-passkey-blocked",
            "the true one is blocked too"
        );
        remove(&bed, &by, id).await.unwrap();
        assert!(add(&bed, &by, &mut phone, "Phone again").await.is_ok());
        phone.counter = 9;
        assert!(enter(&bed, &phone).await.is_ok());
        // One that counted and says zero.
        phone.counter = 0;
        assert_eq!(code_of(enter(&bed, &phone).await), "office-passkey-blocked");
    })
    .await;
}

#[tokio::test]
async fn it_steps_up_in_its_own_session_only() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal, token) = ready(store).await;
        let mut own = phone(b"own");
        add(&bed, &proven(&bed, &token).await, &mut own, "Phone").await.unwrap();
        let bilal = bed.official("bilal", &[("registry-south", "clerk")]).await;
        let his = bed.sign_in(&bilal, None).await.unwrap().token;
        let mut other = phone(b"other");
        add(&bed, &proven(&bed, &his).await, &mut other, "Phone").await.unwrap();
        bed.later(600);
        assert!(!session(&bed, &token).await.stepped_up(bed.now()));
        let mine = Principal::Official(amal.id);
        let step = async |phone: &Authenticator, token: &str| {
            let asked = bed.office.begin_passkey_step_up(mine).await.unwrap();
            assert_eq!(asked.known, [URL_SAFE_NO_PAD.encode(b"own")]);
            let used = answer(&phone.sign(&asked.ceremony.challenge));
            bed.office.step_up_passkey(token, &sent(&asked.ceremony.browser, used, here(), None)).await
        };
        assert_eq!(code_of(step(&other, &token).await), "office-passkey-wrong", "another's passkey");
        assert_eq!(code_of(step(&own, &his).await), "office-passkey-over", "in another's session");
        let fresh = step(&own, &token).await.unwrap();
        assert!(bed.office.session(&token).await.unwrap().is_none(), "the token is another one now");
        let proven = session(&bed, &fresh).await;
        assert!(proven.stepped_up(bed.now()) && proven.way == Way::Code, "how it was begun stays");
        for _ in 0..KNOWN_CODE.tries {
            assert_eq!(code_of(step(&other, &fresh).await), "office-passkey-wrong");
        }
        assert_eq!(code_of(step(&own, &fresh).await), "office-slow");
        let nobody = bed.office.begin_passkey_step_up(Principal::Official(Id::from_bytes([9; 16]))).await;
        assert_eq!(code_of(nobody), "office-passkey-none");
    })
    .await;
}

#[tokio::test]
async fn guessing_is_limited_as_with_passwords() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal, token) = ready(store).await;
        let mut own = phone(b"own");
        add(&bed, &proven(&bed, &token).await, &mut own, "Phone").await.unwrap();
        let device = enter(&bed, &own).await.unwrap().device;
        // Passkeys nobody knows, from one place: with the passwords tried from there, a hundred an hour.
        for _ in 0..SOURCE.tries {
            let got = enter_from(&bed, &phone(b"unknown"), elsewhere(1), None).await;
            assert_eq!(code_of(got), "office-passkey-wrong");
        }
        assert_eq!(code_of(enter_from(&bed, &own, elsewhere(1), None).await), "office-slow");
        assert_eq!(code_of(bed.first_step("amal", PASSWORD, elsewhere(1), None).await), "office-slow");
        // Forged answers for one account from everywhere: unknown devices wait, her own does not.
        let mut forged = phone(b"own");
        forged.user = own.user.clone();
        let mut refused = 0;
        for at in 0..30 {
            let got = enter_from(&bed, &forged, elsewhere(1000 + at * 256), None).await;
            refused += usize::from(code_of(got) == "office-slow");
        }
        assert_eq!(refused, 10, "twenty an hour for one account");
        assert_eq!(code_of(enter_from(&bed, &own, elsewhere(90_000), None).await), "office-slow");
        assert!(enter_from(&bed, &own, elsewhere(90_000), Some(&device)).await.is_ok());
        let _ = amal;
    })
    .await;
}

#[tokio::test]
async fn limits_names_and_doubles() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal, token) = ready(store).await;
        let by = proven(&bed, &token).await;
        for bad in ["", "  ", "a\u{0}b", &"x".repeat(NAME_MAX_CHARS + 1)] {
            assert_eq!(
                code_of(add(&bed, &by, &mut phone(b"x"), bad).await),
                "office-passkey-name-bad",
                "{bad:?}"
            );
        }
        for number in 0..PASSKEYS_MAX {
            let id = u64::try_from(number).unwrap().to_be_bytes();
            add(&bed, &by, &mut phone(&id), &"ك".repeat(NAME_MAX_CHARS)).await.unwrap();
        }
        assert_eq!(
            code_of(add(&bed, &by, &mut phone(b"one more"), "One more").await),
            "office-passkeys-many"
        );
        remove(&bed, &by, list(&bed, amal.id).await[0].id).await.unwrap();
        assert_eq!(
            code_of(add(&bed, &by, &mut phone(&1u64.to_be_bytes()), "Twice").await),
            "office-passkey-known"
        );
        // Even in another account.
        let bilal = bed.official("bilal", &[("registry-south", "clerk")]).await;
        let his = bed.sign_in(&bilal, None).await.unwrap().token;
        let his = proven(&bed, &his).await;
        assert_eq!(
            code_of(add(&bed, &his, &mut phone(&1u64.to_be_bytes()), "Hers").await),
            "office-passkey-known"
        );
        let held = list(&bed, amal.id).await[0].id;
        assert_eq!(code_of(remove(&bed, &his, held).await), "not-found", "another's is not there");
        for (change, code) in [
            ((|p| p.verified = false) as fn(&mut Authenticator), "office-passkey-unverified"),
            (|p| (p.format, p.statement) = ("tpm", vec![0xa0]), "office-passkey-unfit"),
            (|p| p.origin = "https://evil.example".into(), "office-passkey-wrong"),
        ] {
            let mut bad = phone(b"bad");
            change(&mut bad);
            assert_eq!(code_of(add(&bed, &his, &mut bad, "Bad").await), code);
        }
        assert!(list(&bed, bilal.id).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn with_passkeys_only_the_password_is_refused() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal, token) = ready(store).await;
        let by = proven(&bed, &token).await;
        assert_eq!(code_of(only(&bed, &by, true).await), "office-passkey-none");
        let mut phone = phone(b"phone");
        phone.counter = 3;
        let id = add(&bed, &by, &mut phone, "Phone").await.unwrap();
        only(&bed, &by, true).await.unwrap();
        assert_eq!(bed.acts("office.passkey-only").await, 1);
        let password = async |word: &str| code_of(bed.first_step("amal", word, here(), None).await);
        assert_eq!(password(PASSWORD).await, "office-passkey-only");
        assert_eq!(password("another password").await, "office-sign-in-wrong", "only who knows it is told");
        phone.counter = 4;
        assert!(enter(&bed, &phone).await.is_ok());
        only(&bed, &by, false).await.unwrap();
        assert_eq!((password(PASSWORD).await, bed.acts("office.password-again").await), ("ok", 1));
        // A passkey that is blocked or removed locks nobody out.
        only(&bed, &by, true).await.unwrap();
        assert_eq!(code_of(enter(&bed, &phone).await), "office-passkey-blocked");
        assert_eq!(password(PASSWORD).await, "ok");
        remove(&bed, &by, id).await.unwrap();
        add(&bed, &by, &mut phone, "Phone again").await.unwrap();
        assert_eq!(password(PASSWORD).await, "ok", "the wish went with the last one");
        // Setting the credentials anew ends every old way.
        only(&bed, &by, true).await.unwrap();
        let link = write!(bed, [by], |office, tx| office.renew_own(tx, &by).await).unwrap();
        let (_, secret, _) = bed.enrol(&link, "").await.unwrap();
        assert!(list(&bed, amal.id).await.is_empty());
        assert_eq!(code_of(enter(&bed, &phone).await), "office-passkey-wrong");
        assert!(bed.sign_in(&Person { secret, ..amal.clone() }, None).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn suspended_is_suspended_and_forgotten_is_forgotten() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal, token) = ready(store).await;
        let mut phone = phone(b"phone");
        add(&bed, &proven(&bed, &token).await, &mut phone, "Phone").await.unwrap();
        let id = amal.id;
        let admin = Proven::system("test");
        write!(bed, [admin], |office, tx| office.suspend(tx, &admin, id).await).unwrap();
        assert_eq!(code_of(enter(&bed, &phone).await), "office-account-suspended");
        write!(bed, [admin], |office, tx| office.resume(tx, &admin, id).await).unwrap();
        assert!(enter(&bed, &phone).await.is_ok());
        write!(bed, [], |office, tx| office.forget(tx, id).await).unwrap();
        assert_eq!(sql_run!(bed, "delete from office_passkey"), 0);
        assert_eq!(sql_run!(bed, "delete from office_passkey_user"), 0);
    })
    .await;
}

#[tokio::test]
async fn the_database_alone_adds_and_moves_nothing() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, amal, token) = ready(store).await;
        let mut hers = phone(b"hers");
        add(&bed, &proven(&bed, &token).await, &mut hers, "Phone").await.unwrap();
        let bilal = bed.official("bilal", &[("registry-south", "clerk")]).await;
        // Whoever edits rows moves her passkey to his account: its seal is another account's, and opens nothing.
        let (from, to) = (amal.id, bilal.id);
        sql_run!(bed, "update office_passkey_user set account = $2 where account = $1", from, to);
        sql_run!(bed, "update office_passkey set account = $2 where account = $1", from, to);
        assert_eq!(code_of(enter(&bed, &hers).await), "internal");
    })
    .await;
}

#[tokio::test]
async fn without_a_name_of_its_own_a_country_has_none() {
    for_each_engine(MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        for bad in ["http://127.0.0.1:8080", "https://192.0.2.1", "id.example", ""] {
            assert_eq!(code_of(bed.office.set_passkey_origin(bad)), "office-passkey-origin", "{bad}");
        }
        assert_eq!(code_of(bed.office.begin_passkey_sign_in().await), "office-passkey-off");
        bed.office.set_passkey_origin("http://localhost:8080").unwrap();
        let asked = bed.office.begin_passkey_sign_in().await.unwrap();
        assert_eq!((asked.rp_id.as_str(), asked.origin.as_str()), ("localhost", "http://localhost:8080"));
    })
    .await;
}

/// What is promised to citizens about passkeys, by its word and account.
async fn promised(bed: &Bed) -> Vec<(String, String)> {
    let found = bed.office.store().read(|tx| {
        Box::pin(async move {
            let select = daftar_store::sql!("select payload from store_job where kind = $1 order by id");
            let rows = tx.query(select, &daftar_store::params![NOTICE_JOB]).await?;
            rows.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>, daftar_store::StoreError>>()
        })
    });
    let payloads = found.await.unwrap();
    for payload in &payloads {
        assert!(!payload.contains("My phone"), "what it is called is no one else's business: {payload}");
    }
    let read = |payload: &String| serde_json::from_str::<serde_json::Value>(payload).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let mut all: Vec<_> =
        payloads.iter().map(read).map(|job| (text(&job["what"]), text(&job["account"]))).collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_citizen_is_promised_to_be_told_with_the_act_and_an_official_is_not() {
    for_each_engine(MIGRATIONS, async |store| {
        let (bed, _, token) = ready(store).await;
        let official = proven(&bed, &token).await;
        let mut key = phone(b"key");
        let made = add(&bed, &official, &mut key, "My phone").await.unwrap();
        remove(&bed, &official, made).await.unwrap();
        assert!(promised(&bed).await.is_empty(), "an official has no address here");

        let (amina, word) = (Id::from_bytes([5; 16]), |told: Told| told.word().to_string());
        let claimed = async || {
            let code = write!(bed, [], |office, tx| {
                office.issue_activation(tx, Principal::Citizen(amina)).await
            });
            bed.office.claim_activation(&code.unwrap(), here()).await.unwrap()
        };
        let (id, secret, recovery) = bed.enrol(&claimed().await, "amina@example").await.unwrap();
        assert!(promised(&bed).await.is_empty(), "no passkey went with it");
        let person = Person { id, login: "amina@example".into(), secret, recovery };
        let signed_in = bed.sign_in(&person, None).await.unwrap().token;
        let by = proven(&bed, &signed_in).await;
        let mut phone = phone(b"phone");
        let made = add(&bed, &by, &mut phone, "My phone").await.unwrap();
        let told = |told: Told| (word(told), amina.to_string());
        assert_eq!(promised(&bed).await, [told(Told::Added)]);
        assert_eq!(code_of(add(&bed, &by, &mut phone, "Again").await), "office-passkey-known");
        assert_eq!(promised(&bed).await.len(), 1, "what was not done is not told");
        remove(&bed, &by, made).await.unwrap();
        assert_eq!(promised(&bed).await, [told(Told::Added), told(Told::Removed)]);
        assert_eq!(remove(&bed, &by, made).await.unwrap_err().kind.status(), 404);

        // Credentials set anew by a code: what went with the old ones is told.
        add(&bed, &by, &mut phone, "My phone").await.unwrap();
        bed.enrol(&claimed().await, "amina-2@example").await.unwrap();
        let all = [Told::Added, Told::Added, Told::Removed, Told::Reset].map(told);
        assert_eq!(promised(&bed).await, all);
    })
    .await;
}
