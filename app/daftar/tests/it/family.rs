//! A family, through the pages: a birth, a grandmother whom her daughter introduces, what a guardian sees, and all that follows
//! in a life.

use crate::bed::{Bed, Got};
use axum::body::Body;
use daftar_identity::bonds::Ties;
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_kernel::{Actor, Id};
use daftar_office::Principal;
use daftar_testing::Engine;
use std::sync::Arc;

const NAME: &str = "أمينة بنت سالم";

pub fn pdf() -> Vec<u8> {
    let body = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n";
    let at = body.len();
    format!("{body}xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n")
        .into_bytes()
}

/// Sends a form with a document.
pub async fn upload(bed: &Bed, path: &str, who: &str, fields: &[(&str, &str)], file: Option<Vec<u8>>) -> Got {
    upload_as(bed, path, who, fields, file.map(|file| ("document", file))).await
}

/// Sends a form with a file of this name.
pub async fn upload_as(
    bed: &Bed,
    path: &str,
    who: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, Vec<u8>)>,
) -> Got {
    let csrf = bed.csrf(who).await;
    let mut body = Vec::new();
    for (name, value) in fields.iter().chain(&[("csrf", csrf.as_str())]) {
        body.extend(
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    if let Some((name, file)) = file {
        let begin = "content-type: application/octet-stream";
        body.extend(
            format!(
                "--b\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"x\"\r\n{begin}\r\n\r\n"
            )
            .bytes(),
        );
        body.extend(file);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    let request = bed.request("POST", path, who).header("content-type", "multipart/form-data; boundary=b");
    bed.send(request.body(Body::from(body)).unwrap()).await
}

/// The identifier behind the last link that begins so.
fn linked(page: &str, begin: &str) -> String {
    let at = page.rfind(begin).unwrap_or_else(|| panic!("no link {begin} in {page}")) + begin.len();
    page[at..].chars().take_while(|c| c.is_ascii_hexdigit() || *c == '-').collect()
}

async fn card(bed: &Bed, person: &str) -> String {
    let token = bed.installation.people.office_token(person.parse().unwrap()).await.unwrap();
    let card = bed.installation.people.my_record(token).await.unwrap().card;
    card.map(|card| card.number.plain()).unwrap_or_default()
}

async fn add(bed: &Bed, name: &str, born: &str, ties: Ties) -> Result<String, &'static str> {
    let entry = Entry { name: name.into(), born: born.into(), sex: "female".into(), ..Entry::default() };
    let idempotency_key = format!("family/{name}");
    let registration = Registration { entry, ties, idempotency_key, ..Registration::default() };
    let done = bed.installation.people.register(&Actor::System("test"), registration).await;
    done.map(|done| done.person.to_string()).map_err(|problem| problem.code)
}

async fn signed_in(bed: &mut Bed, name: &str, person: &str) {
    let token = bed.installation.people.office_token(person.parse().unwrap()).await.unwrap();
    bed.sign_in(name, Principal::Citizen(token)).await;
}

/// Asks for a decision, lets two officials approve it, and carries it out.
async fn decide(bed: &Bed, person: &str, decision: &str) -> Got {
    let fields = [("decision", decision), ("ground", "Civil Registration Act, article 40; file 7/2026")];
    let asked = bed.post(&format!("/people/{person}/decide"), "senior", &fields).await;
    assert_eq!(asked.status, 303, "{decision}: {}", asked.text());
    let path = asked.header("location").to_string();
    assert_eq!(bed.get(&path, "registrar").await.status, 403, "not their business");
    for who in ["senior", "second"] {
        let page = bed.get(&path, who).await.text();
        let digest = page.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(bed.post(&format!("{path}/approve"), who, &[("digest", digest)]).await.status, 303);
    }
    bed.post(&format!("{path}/execute"), "senior", &[]).await
}

/// A child that came alone: the form asks for a guardian or a sentence, and then registers.
async fn child_at_the_desk(bed: &Bed) {
    let begun = bed.post("/people/register", "registrar", &[]).await;
    let mut at = begun.header("location").to_string();
    let base = at.rsplit_once('/').unwrap().0.to_string();
    let pages: [(&str, &[(&str, &str)]); 5] = [
        ("names", &[("name", "Idris Sow")]),
        ("birth", &[("born-day", "3"), ("born-month", "5"), ("born-year", "2019")]),
        ("person", &[("sex", "male"), ("standing", "refugee")]),
        ("papers", &[("documents", "other")]),
        ("statement", &[("statement", "yes")]),
    ];
    while !at.ends_with("/check") {
        let page = at.rsplit('/').next().unwrap();
        let answers = pages.iter().find(|(id, _)| *id == page).map_or(&[][..], |(_, answers)| answers);
        let got = bed.post(&at, "registrar", answers).await;
        assert_eq!(got.status, 303, "{page}: {}", got.text());
        at = got.header("location").to_string();
    }
    let asked = bed.post(&at, "registrar", &[]).await;
    assert_eq!(asked.status, 422, "{}", asked.text());
    assert!(asked.text().contains("write why there is none"), "{}", asked.text());
    let alone = [("without_guardian", "found at the border, brought by the agency for refugees")];
    assert_eq!(bed.post(&format!("{base}/beside"), "registrar", &alone).await.status, 303);
    let done = bed.post(&at, "registrar", &[]).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let child = linked(&done.text(), "/people/");
    assert!(
        bed.get("/people/unguarded", "registrar").await.text().contains(&child),
        "nobody answers for him yet"
    );
}

/// Its people, by the identifiers of their records.
struct Family {
    amina: String,
    bilal: String,
    child: String,
}

/// A birth: with a hostile file nothing is kept, with an honest one the child is there.
async fn birth(bed: &Bed, (mother, father): (&str, &str)) -> String {
    let page = bed.get("/people/birth", "registrar").await;
    assert_eq!(page.status, 200, "{}", page.text());
    let fields = [
        ("key", "birth-1"),
        ("name", "Yasmine bint Bilal"),
        ("born", "2026-11-20"),
        ("sex", "female"),
        ("standing", "citizen"),
        ("mother_card", mother),
        ("father_card", father),
        ("reason", "hospital notice 118"),
        ("kind", "hospital-notice"),
    ];
    let zip = upload(bed, "/people/birth", "registrar", &fields, Some(b"PK\x03\x04".to_vec())).await;
    assert_eq!(zip.status, 422, "{}", zip.text());
    assert!(zip.text().contains("the file is something else"));
    let born = upload(bed, "/people/birth", "registrar", &fields, Some(pdf())).await;
    assert_eq!(born.status, 200, "{}", born.text());
    let child = linked(&born.text(), "/people/");
    let shown = bed.post(&format!("/people/{child}"), "registrar", &[("purpose", "registration")]).await;
    for said in [NAME, "Bilal Ould Cheikh", "Has a registered mother", "Has a guardian", "notice of a birth"]
    {
        assert!(shown.text().contains(said), "{said}: {}", shown.text());
    }
    let document = linked(&shown.text(), &format!("/people/{child}/documents/"));
    let path = format!("/people/{child}/documents/{document}");
    assert_eq!(bed.post(&path, "registrar", &[("purpose", "registration")]).await.body, pdf());
    assert_eq!(bed.post(&path, "police", &[("purpose", "registration")]).await.status, 403);
    assert!(bed.get("/me/looks", "amina").await.text().contains("registrar"), "she sees who read her name");
    child
}

/// Her mother has no papers; her daughter vouches for her, as often as the country allows.
async fn introductions(bed: &Bed, mother: &str) {
    let by = |number: &str| Ties { introducer: number.into(), ..Ties::default() };
    let most = bed.installation.live.country.civil.introductions_a_year;
    let names = [
        "Khadija Marzouki",
        "Zohra Ben Ali",
        "Mabrouka Trabelsi",
        "Hafsia Jlassi",
        "Rebah Gharbi",
        "Saida Khelifi",
    ];
    for (n, name) in (1..).zip(names) {
        let outcome = add(bed, name, "1951", by(mother)).await;
        assert_eq!(outcome.is_ok(), n <= most, "introduction {n}: {outcome:?}");
    }
    assert_eq!(add(bed, names[5], "1951", by(mother)).await, Err("identity-introductions-many"));
    assert!(bed.get("/me/receipts", "amina").await.text().contains("You vouched for somebody"));
}

/// What the mother sees of her child, and what nobody else does.
async fn guardian_sees(bed: &mut Bed) -> String {
    let list = bed.get("/me/people", "amina").await;
    assert!(list.text().contains("Yasmine bint Bilal"), "{}", list.text());
    let bond = linked(&list.text(), "/me/people/");
    let selma = add(bed, "Selma Haddad", "1985-01-02", Ties::default()).await.unwrap();
    let theirs = Ties { guardians: vec![card(bed, &selma).await], ..Ties::default() };
    add(bed, "Nour Haddad", "2018-02-03", theirs).await.unwrap();
    signed_in(bed, "selma", &selma).await;
    assert!(bed.get("/me/people", "selma").await.text().contains("Nour Haddad"));
    let held = linked(
        &bed.get(&format!("/me/people/{bond}/documents"), "amina").await.text(),
        &format!("/me/people/{bond}/documents/"),
    );
    bed.installation.record.sequence_once().await.unwrap();
    let receipts = bed.get(&format!("/me/people/{bond}/receipts"), "amina").await.text();
    let receipt = linked(&receipts, &format!("/me/people/{bond}/receipts/"));
    let ends = [
        "".to_string(),
        "/looks".into(),
        "/looks/proof.json".into(),
        "/receipts".into(),
        format!("/receipts/{receipt}"),
        format!("/receipts/{receipt}/file.json"),
        "/documents".into(),
        format!("/documents/{held}"),
        "/data.json".into(),
        "/data.pdf".into(),
        "/card.pdf".into(),
        "/certificate.pdf".into(),
    ];
    for end in ends {
        let path = format!("/me/people/{bond}{end}");
        let hers = bed.get(&path, "amina").await;
        assert_eq!(hers.status, 200, "{path}: {}", hers.text());
        for other in ["selma", "bilal"] {
            let got = bed.get(&path, other).await;
            assert_eq!(got.status, 404, "{path} as {other}");
            assert!(!got.text().contains("Yasmine"));
        }
    }
    let theirs = bed.get("/me/receipts", "selma").await.text();
    let theirs = linked(&theirs, "/receipts/");
    for end in ["", "/file.json"] {
        let path = format!("/me/people/{bond}/receipts/{theirs}{end}");
        assert_eq!(bed.get(&path, "amina").await.status, 404, "another's receipt: {path}");
    }
    let data: serde_json::Value =
        serde_json::from_slice(&bed.get(&format!("/me/people/{bond}/data.json"), "amina").await.body)
            .unwrap();
    assert_eq!(data["left_out"][2], "complaints");
    assert!(data["services"]["consents"].is_array() && data["permissions"].is_array(), "{data}");
    held
}

/// The child sees it, and holds what is hers.
async fn child_sees(bed: &mut Bed, child: &str, held: &str) {
    assert_eq!(bed.get(&format!("/me/documents/{held}"), "amina").await.status, 404, "the child's, not hers");
    signed_in(bed, "yasmine", child).await;
    let looks = bed.get("/me/looks", "yasmine").await.text();
    assert!(
        looks.contains(&format!("{NAME}</bdi>, who answers for you"))
            || looks.contains("who answers for you"),
        "{looks}"
    );
    assert_eq!(bed.get(&format!("/me/documents/{held}"), "yasmine").await.body, pdf());
    let data: serde_json::Value =
        serde_json::from_slice(&bed.get("/me/data.json", "yasmine").await.body).unwrap();
    assert_eq!(
        (data["bonds"].as_array().unwrap().len(), data["documents"].as_array().unwrap().len()),
        (4, 1)
    );
}

/// A lost card, another name: each with its page. The father reports his own.
async fn cards_and_names(bed: &Bed, family: &Family, mother: String) {
    let Family { amina, bilal, child } = family;
    assert!(bed.get("/me/record", "bilal").await.text().contains("/me/card/lost"));
    assert_eq!(bed.get("/me/card/lost", "bilal").await.status, 200);
    assert_eq!(bed.post("/me/card/lost", "bilal", &[("key", "mine")]).await.status, 200);
    assert_eq!(card(bed, bilal).await, "");
    assert_eq!(bed.post("/me/card/lost", "bilal", &[("key", "again")]).await.status, 409, "there is none");
    let replace = [("reason", "the old one was lost"), ("key", "new")];
    assert_eq!(bed.post(&format!("/people/{bilal}/card/replace"), "registrar", &replace).await.status, 200);
    assert_ne!(card(bed, bilal).await, "");
    let lost = [("key", "l1"), ("reason", "stolen in the market")];
    assert_eq!(
        upload(bed, &format!("/people/{amina}/lost-card"), "registrar", &lost, None).await.status,
        200
    );
    let gone = Ties { guardians: vec![mother], ..Ties::default() };
    assert_eq!(add(bed, "Too Late", "2020", gone).await, Err("identity-card-unknown"));
    let name = [
        ("key", "n1"),
        ("name", "Yasmine Cheikh"),
        ("reason", "her father's family name"),
        ("evidence", "court 3/2026"),
    ];
    assert_eq!(upload(bed, &format!("/people/{child}/name"), "registrar", &name, None).await.status, 200);
    for name in ["Yasmine Cheikh", "Yasmine bint Bilal"] {
        let asked = [("purpose", "correction"), ("name", name), ("born", "2026")];
        let found = bed.post("/people/search", "registrar", &asked).await;
        assert!(found.text().contains(&format!("/people/{child}")), "{name}: {}", found.text());
    }
}

/// Two officials suspend the mother's record, and lift that.
async fn suspension(bed: &Bed, amina: &str) {
    assert_eq!(
        bed.post(&format!("/people/{amina}/decide"), "registrar", &[("decision", "suspend")]).await.status,
        403
    );
    assert_eq!(decide(bed, amina, "suspend").await.status, 200);
    assert_eq!(bed.get("/me", "amina").await.status, 200, "her own pages stay open");
    let shown = bed.post(&format!("/people/{amina}"), "registrar", &[("purpose", "registration")]).await;
    assert!(shown.text().contains("Two officials suspended this record"));
    assert_eq!(decide(bed, amina, "lift").await.status, 200);
}

/// Asks for what a court decided at the child's record: the form names who answers for her, after a look.
async fn court(bed: &Bed, child: &str, ends: Option<&str>, card: &str) -> Got {
    let base = format!("/people/{child}/guardianship");
    assert_eq!(bed.get(&base, "registrar").await.status, 403, "not a registrar's alone");
    assert!(!bed.get(&base, "senior").await.text().contains("Yasmine"), "nothing before the look");
    let why = [("purpose", "registration")];
    let page = bed.post(&base, "senior", &why).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let text = page.text();
    let row = ends.map_or_else(
        || "none".to_string(),
        |name| {
            let (before, _) = text.split_once(name).unwrap_or_else(|| panic!("no {name} in {text}"));
            before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_string()
        },
    );
    let key = format!("court/{card}");
    let fields = [
        ("key", key.as_str()),
        ("purpose", "registration"),
        ("bond", row.as_str()),
        ("card", card),
        ("decision_court", "Family court of Marsa Nour"),
        ("decision_number", "F 12/2026"),
        ("decided-day", "20"),
        ("decided-month", "11"),
        ("decided-year", "2026"),
        ("words", "The care is withdrawn."),
        ("kind", "court-judgement"),
    ];
    let send = format!("{base}/send");
    let bare = upload(bed, &send, "senior", &fields, None).await;
    assert_eq!(bare.status, 422, "without the paper: {}", bare.text());
    assert!(bare.text().contains("Family court of Marsa Nour"), "what was typed stands there still");
    let asked = upload(bed, &send, "senior", &fields, Some(pdf())).await;
    assert_eq!(asked.status, 303, "{}", asked.text());
    let path = asked.header("location").to_string();
    let shown = bed.get(&path, "second").await.text();
    let read = shown.split(&format!("{base}/asked?asked=")).nth(1).unwrap().split('"').next().unwrap();
    let read = [("purpose", "registration"), ("asked", read)];
    assert_eq!(bed.get(&format!("{base}/asked?asked={}", read[1].1), "second").await.status, 200);
    let asked = bed.post(&format!("{base}/asked"), "second", &read).await;
    for said in ["Family court of Marsa Nour", "F 12/2026", ends.unwrap_or("Nobody")] {
        assert!(asked.text().contains(said), "{said}: {}", asked.text());
    }
    let paper = bed.post(&format!("{base}/document"), "second", &read).await;
    assert_eq!(paper.body, pdf());
    for who in ["senior", "second"] {
        let page = bed.get(&path, who).await.text();
        let digest = page.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(bed.post(&format!("{path}/approve"), who, &[("digest", digest)]).await.status, 303);
        if who == "senior" {
            let alone = bed.post(&format!("{path}/execute"), "senior", &[]).await;
            assert_eq!(alone.status, 409, "one official alone: {}", alone.text());
        }
    }
    bed.post(&format!("{path}/execute"), "senior", &[]).await
}

/// A court takes the child from her father, and gives her back: his doors shut from one moment to the next.
async fn taken_and_given_back(bed: &mut Bed, family: &Family, held: &str) {
    let Family { bilal, child, .. } = family;
    signed_in(bed, "bilal", bilal).await;
    let bond = linked(&bed.get("/me/people", "bilal").await.text(), "/me/people/");
    let door = format!("/me/people/{bond}");
    let paper = format!("/documents/{held}");
    let ends =
        ["", "/looks", "/receipts", "/documents", &paper, "/data.json", "/data.pdf", "/looks/proof.json"];
    bed.installation.record.sequence_once().await.unwrap();
    for end in ends {
        assert_eq!(bed.get(&format!("{door}{end}"), "bilal").await.status, 200, "{end}");
    }
    let taken = court(bed, child, Some("Bilal Ould Cheikh"), "").await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    for end in ends {
        let got = bed.get(&format!("{door}{end}"), "bilal").await;
        assert_eq!(got.status, 404, "{end}: {}", got.text());
    }
    assert!(!bed.get("/me/people", "bilal").await.text().contains("Yasmine"));
    assert!(bed.get("/me/receipts", "bilal").await.text().contains("ended your guardianship"));
    let shown = bed.post(&format!("/people/{child}"), "registrar", &[("purpose", "registration")]).await;
    assert!(shown.text().contains("court’s decision"), "the history says how it ended: {}", shown.text());
    let number = card(bed, bilal).await;
    let alone = [("key", "g1"), ("card", number.as_str()), ("reason", "he asks"), ("evidence", "his word")];
    let refused = upload(bed, &format!("/people/{child}/guardian"), "registrar", &alone, None).await;
    assert_eq!(refused.status, 422, "one official does not undo it: {}", refused.text());
    assert_eq!(court(bed, child, None, &number).await.status, 200);
    assert!(bed.get("/me/people", "bilal").await.text().contains("Yasmine"), "another decision does");
}

/// The father dies by mistake, and lives again.
async fn deaths(bed: &mut Bed, family: &Family) {
    let Family { amina, bilal, child } = family;
    let death = [("key", "d1"), ("died", "2026-11-22"), ("reason", "reported"), ("evidence", "hospital 9")];
    let died = upload(bed, &format!("/people/{bilal}/death"), "registrar", &death, None).await;
    assert_eq!(died.status, 200, "{}", died.text());
    assert!(!died.text().contains("/people/unguarded"), "the mother answers still");
    assert_eq!(bed.get("/me", "bilal").await.status, 303, "signed out");
    let again = [("key", "d2"), ("died", "2026-11-22"), ("reason", "x"), ("evidence", "x")];
    let died = upload(bed, &format!("/people/{amina}/death"), "registrar", &again, None).await;
    assert!(died.text().contains(&format!("/people/{child}")), "the child is named: {}", died.text());
    assert!(bed.get("/people/unguarded", "registrar").await.text().contains(child.as_str()));
    assert_eq!(decide(bed, bilal, "undo-death").await.status, 200);
    signed_in(bed, "bilal", bilal).await;
    assert!(bed.get("/me/people", "bilal").await.text().contains("Yasmine Cheikh"), "he answers again");
    assert!(!bed.get("/people/unguarded", "registrar").await.text().contains(child.as_str()));
}

///      // Eighteen years later nobody answers for her any more.
async fn comes_of_age(bed: &mut Bed, family: &Family) {
    let Family { bilal, child, .. } = family;
    bed.clock.advance_seconds(18 * 366 * 86_400);
    signed_in(bed, "bilal", bilal).await;
    signed_in(bed, "yasmine", child).await;
    assert!(
        !bed.get("/me/people", "bilal").await.text().contains("Yasmine"),
        "before anybody closed the bond"
    );
    let keeper = daftar::housekeeping::Housekeeper::new(&bed.installation, Arc::clone(&bed.site));
    let mut keeper = keeper.unwrap();
    // A pass goes on for ten years at most, the next one from there.
    for _ in 0..2 {
        keeper.pass().await;
    }
    let receipts = bed.get("/me/receipts", "yasmine").await.text();
    assert!(receipts.contains("You came of age"), "{receipts}");
    assert!(bed.get("/me/receipts", "bilal").await.text().contains("came of age"));
    let id: Id = child.parse().unwrap();
    let token = bed.installation.people.office_token(id).await.unwrap();
    let record = bed.installation.people.my_record(token).await.unwrap();
    assert_eq!(record.version.document.cause, daftar_identity::version::Cause::CameOfAge);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_is_enrolled_and_grows_up() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut bed = Bed::new(engine).await;
        let (amina, bilal) = (bed.ids["person-amina"].clone(), bed.ids["person-bilal"].clone());
        let (mother, father) = (card(&bed, &amina).await, card(&bed, &bilal).await);
        let child = birth(&bed, (&mother, &father)).await;
        introductions(&bed, &mother).await;
        child_at_the_desk(&bed).await;
        let held = guardian_sees(&mut bed).await;
        child_sees(&mut bed, &child, &held).await;
        let family = Family { amina, bilal, child };
        cards_and_names(&bed, &family, mother).await;
        suspension(&bed, &family.amina).await;
        taken_and_given_back(&mut bed, &family, &held).await;
        deaths(&mut bed, &family).await;
        comes_of_age(&mut bed, &family).await;
    }
}
