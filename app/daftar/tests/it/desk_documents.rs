//! Documents at the desk and through the API: kept in the act of the registration, and a hostile file costs nobody a form.

use crate::bed::{Bed, Got};
use crate::family::{pdf, upload, upload_as};
use crate::story::fill;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daftar_identity::documents::{DOCUMENT_BYTES_MAX, MAX_DOCUMENTS_AT_ONCE};
use daftar_testing::Engine;
use serde_json::{Value, json};

const PASSPORT: &str = "Passport or travel document";

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_adds_documents_and_loses_nothing_to_a_hostile_one() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let check = fill(&bed).await;
        let here = check.replace("/check", "/attachments");
        let read = bed.get(&check, "registrar").await.text();
        assert!(read.contains(&format!("href=\"{here}\"")), "the last page leads there: {read}");
        let send = async |kind: &str, file: Option<Vec<u8>>| {
            upload(&bed, &here, "registrar", &[("kind", kind)], file).await
        };
        for (kind, file, words) in [
            ("passport", None, "Choose a file"),
            ("passport", Some(b"MZ an executable".to_vec()), "whatever its name says"),
            ("voucher", Some(pdf()), "Choose what kind"),
            ("passport", Some(vec![b'x'; DOCUMENT_BYTES_MAX + 1]), "at most 5 MiB"),
        ] {
            let got = send(kind, file).await;
            assert!(
                got.status == 422 && got.text().contains(words),
                "{words}: {} {}",
                got.status,
                got.text()
            );
        }
        let photo = check.replace("/check", "/photo");
        let none = upload_as(&bed, &photo, "registrar", &[], Some(("photo", b"no photo".to_vec()))).await;
        assert!(none.status == 422 && none.text().contains("no photo we can keep"), "{}", none.text());
        assert!(none.text().contains(&format!("action=\"{photo}\"")), "on the page that asked for it");
        for kind in ["passport", "other"] {
            assert_eq!(send(kind, Some(pdf())).await.status, 303);
        }
        let page = bed.get(&here, "registrar").await.text();
        assert!(page.matches("/attachments/remove\"").count() == 2 && page.contains(PASSPORT), "{page}");
        let before = page.split_once(PASSPORT).unwrap().0;
        let id = before.rsplit("name=\"document\" value=\"").next().unwrap().split('"').next().unwrap();
        let remove = format!("{here}/remove");
        assert_eq!(bed.post(&remove, "senior", &[("document", id)]).await.status, 404, "not theirs");
        assert_eq!(bed.get(&here, "senior").await.status, 404);
        assert_eq!(bed.post(&remove, "registrar", &[("document", id)]).await.status, 303);
        assert_eq!(bed.post(&remove, "registrar", &[("document", id)]).await.status, 303, "gone already");
        assert_eq!(send("birth-certificate", Some(pdf())).await.status, 303);

        let read = bed.get(&check, "registrar").await.text();
        assert!(read.contains("Selam Haile"), "the form is as it was: {read}");
        assert!(read.contains("Birth certificate") && !read.contains(PASSPORT), "{read}");
        let done = bed.post(&check, "registrar", &[]).await;
        assert_eq!(done.status, 200, "{}", done.text());
        assert_eq!(bed.get(&here, "registrar").await.status, 404, "they went with the draft");
        let person =
            done.text().rsplit("href=\"/people/").next().unwrap().split('"').next().unwrap().to_string();
        let shown =
            bed.post(&format!("/people/{person}"), "senior", &[("purpose", "correction")]).await.text();
        assert_eq!(shown.matches(&format!("/people/{person}/documents/")).count(), 2, "{shown}");
    }
}

async fn post(bed: &Bed, key: &str, name: &str, documents: Vec<Value>) -> Got {
    let body = json!({
        "person": {"name": name, "born": "1971-02-03", "sex": "female", "standing": "citizen"},
        "evidence": "seen",
        "documents": documents,
    });
    let request = bed.request("POST", "/api/v1/people", "registrar");
    let request = request.header("content-type", "application/json").header("idempotency-key", key);
    bed.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// A PDF of exactly so many bytes.
fn of_size(bytes: usize) -> Vec<u8> {
    let small = String::from_utf8(pdf()).unwrap();
    let (body, end) = small.split_at(small.find("xref\n").unwrap());
    let mut out = Vec::new();
    let mut blanks = bytes - small.len();
    // The last number says where the table begins; it takes more digits the further on that is.
    while out.len() != bytes {
        let at = body.len() + blanks;
        let end = end.replace(&format!("startxref\n{}\n", body.len()), &format!("startxref\n{at}\n"));
        out = format!("{body}{}{end}", "\n".repeat(blanks)).into_bytes();
        blanks -= out.len().saturating_sub(bytes);
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_sends_documents_with_the_person() {
    let bed = Bed::new(Engine::Sqlite).await;
    let document = |bytes: &[u8]| json!({"kind": "passport", "content": STANDARD.encode(bytes)});
    let most = post(&bed, "k1", "Hawa Toure", vec![document(&of_size(DOCUMENT_BYTES_MAX))]).await;
    assert_eq!(most.status, 201, "{}", most.text());
    let done: Value = serde_json::from_slice(&most.body).unwrap();
    let people = &bed.installation.people;
    let citizen = people.office_token(done["person"].as_str().unwrap().parse().unwrap()).await.unwrap();
    let held = people.my_documents(citizen).await.unwrap();
    assert_eq!((held.len(), held[0].bytes, held[0].version), (1, DOCUMENT_BYTES_MAX, 1));
    assert_eq!(json!(held[0].receipt), done["receipt"], "in the same act");
    let again = post(&bed, "k1", "Hawa Toure", vec![document(&of_size(DOCUMENT_BYTES_MAX))]).await;
    assert_eq!((again.status, serde_json::from_slice::<Value>(&again.body).unwrap()), (201, done));
    let other = post(&bed, "k1", "Hawa Toure", vec![document(&pdf())]).await;
    assert_eq!(other.status, 409, "the same key for other documents: {}", other.text());

    let many = |count: usize| vec![document(&pdf()); count];
    assert_eq!(post(&bed, "k2", "Musa Keita", many(MAX_DOCUMENTS_AT_ONCE)).await.status, 201);
    let content = |bytes: &[u8]| STANDARD.encode(bytes);
    for (documents, code, field) in [
        (vec![document(&of_size(DOCUMENT_BYTES_MAX + 1))], "identity-document", "documents.0.content"),
        (
            vec![json!({"kind": "passport", "content": "no base64!"})],
            "identity-document",
            "documents.0.content",
        ),
        (
            vec![json!({"kind": "voucher", "content": content(&pdf())})],
            "identity-document",
            "documents.0.kind",
        ),
        (vec![document(&pdf()), document(b"MZ")], "identity-document", "documents.1.content"),
        (many(MAX_DOCUMENTS_AT_ONCE + 1), "identity-documents-many", ""),
    ] {
        let got = post(&bed, "k3", "Idris Sow", documents).await;
        let said: Value = serde_json::from_slice(&got.body).unwrap();
        assert_eq!((got.status, &said["code"]), (422, &json!(code)), "{said}");
        assert_eq!(said["errors"][0]["field"].as_str().unwrap_or_default(), field, "{said}");
    }
    assert_eq!(post(&bed, "k3", "Idris Sow", Vec::new()).await.status, 201, "nobody needs one");
}
