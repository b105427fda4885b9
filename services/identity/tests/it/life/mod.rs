//! Who answers for whom, documents, and what happens in a life: the rules, on both engines.

mod bonds;
mod events;
mod guardianship;
mod papers;
mod ward_files;

use crate::country::{self, approve, ask, clerk, registrar, registration};
use daftar_identity::People;
use daftar_identity::bonds::Ties;
use daftar_identity::documents::Document;
use daftar_identity::life::{Decision, Happened, Happening, Request, Words};
use daftar_identity::person::Entry;
use daftar_identity::register::{Registered, Registration};
use daftar_kernel::{Id, Problem};
use daftar_store::{StoreError, params, sql};
use daftar_testing::TestStore;

const DAY: i64 = 86_400;

fn named(name: &str, born: &str) -> Entry {
    Entry { name: name.into(), born: born.into(), sex: "female".into(), ..Entry::default() }
}

async fn add(people: &People, entry: Entry, ties: Ties) -> Result<Id, Problem> {
    let key = format!("add/{}/{}", entry.name, entry.born);
    let registration = Registration { ties, ..registration(entry, &key) };
    people.register(&clerk(), registration).await.map(|done| done.person)
}

async fn adult(people: &People, name: &str) -> Id {
    add(people, named(name, "1990-02-13"), Ties::default()).await.unwrap()
}

/// The number of the valid card; empty when none holds.
async fn card(people: &People, person: Id) -> String {
    let shown = people.read(&registrar(), &ask(), person, &["card"]).await.unwrap();
    shown.card.map(|card| card.number.plain()).unwrap_or_default()
}

async fn guarded(people: &People, name: &str, born: &str, guardian: Id) -> Id {
    let ties = Ties { guardians: vec![card(people, guardian).await], ..Ties::default() };
    add(people, named(name, born), ties).await.unwrap()
}

async fn citizen(people: &People, person: Id) -> Id {
    people.office_token(person).await.unwrap()
}

fn words(key: &str) -> Words {
    Words {
        reason: "as the law says".into(),
        evidence: "paper 12/2026".into(),
        documents: Vec::new(),
        idempotency_key: key.into(),
    }
}

pub fn pdf(word: &str) -> Vec<u8> {
    let body = format!("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Title ({word}) >>\nendobj\n");
    let at = body.len();
    let end = "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n";
    format!("{body}{end}{at}\n%%EOF\n").into_bytes()
}

fn document(word: &str) -> Document {
    Document { kind: "birth-certificate".into(), bytes: pdf(word) }
}

async fn count(store: &TestStore, what: &str) -> i64 {
    let text = match what {
        "bonds" => sql!("select count(*) from identity_bond"),
        "documents" => sql!("select count(*) from identity_document"),
        _ => sql!("select count(*) from identity_age_due"),
    };
    let row =
        store.read(move |tx| Box::pin(async move { tx.query_one(text, &params![]).await?.get::<i64>(0) }));
    let counted: Result<i64, StoreError> = row.await;
    counted.unwrap()
}

fn files(store: &TestStore) -> usize {
    fn below(dir: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        entries.map(|entry| if entry.path().is_dir() { below(&entry.path()) } else { 1 }).sum()
    }
    below(&store.dir().join("data").join("blobs"))
}

async fn happen(people: &People, person: Id, happening: Happening, key: &str) -> Result<Happened, Problem> {
    people.happen(&clerk(), person, happening, words(key)).await
}

/// A decision of two, to the end; on the way one alone carries out nothing, and nobody another one.
async fn decide(people: &People, person: Id, decision: Decision) -> Result<Registered, Problem> {
    let ground = "Civil Registration Act, article 40; file 7/2026".into();
    let approval = people.request_decision(&clerk(), Request { person, decision, ground }).await?;
    let alone = people.carry_out(&clerk(), decision, approval).await.unwrap_err();
    assert_eq!(alone.code, "office-approval-open");
    let me = citizen(people, person).await;
    let listed = people.my_acts(me, None, 100).await.unwrap().len();
    approve(people, approval, &country::again(people).await).await;
    let wrong = Decision::ALL.into_iter().find(|other| *other != decision).unwrap();
    assert_eq!(people.carry_out(&clerk(), wrong, approval).await.unwrap_err().kind.status(), 404);
    let done = people.carry_out(&clerk(), decision, approval).await?;
    assert_eq!(people.my_acts(me, None, 100).await.unwrap().len(), listed + 1, "in the person's list");
    assert!(people.is_my_receipt(me, done.receipt).await.unwrap());
    Ok(done)
}
