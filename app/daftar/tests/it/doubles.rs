//! Two records of one person, through the pages: found at the desk, compared, joined by two officials, seen by the person,
//! complained about, parted again.

use crate::bed::Bed;
use axum::body::Body;
use daftar::serving::worker;
use daftar_http::with_tx;
use daftar_identity::double::Standing;
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::Principal;
use daftar_testing::Engine;
use daftar_testing::mail::MailServer;
use serde_json::{Value, json};
use std::sync::Arc;

async fn approve(bed: &Bed, path: &str, who: &str) {
    let page = bed.get(path, who).await.text();
    let mark = "name=\"digest\" value=\"";
    let start = page.find(mark).unwrap_or_else(|| panic!("{who} cannot agree: {page}")) + mark.len();
    let digest = page[start..].split('"').next().unwrap().to_string();
    let got = bed.post(&format!("{path}/approve"), who, &[("digest", &digest)]).await;
    assert_eq!(got.status, 303, "{}", got.text());
}

async fn registered(bed: &Bed, name: &str, born: &str, key: &str) -> Id {
    let entry = Entry {
        name: name.into(),
        born: born.into(),
        sex: "female".into(),
        mother: "Genet Alemu".into(),
        standing: "citizen".into(),
        email: format!("{key}@example.org"),
        language: "en".into(),
        ..Entry::default()
    };
    let (idempotency_key, despite) = (key.into(), "a test".into());
    let registration = Registration { entry, idempotency_key, despite, ..Registration::default() };
    bed.installation.people.register(&Actor::System("test"), registration).await.unwrap().person
}

/// Asks for a decision and has two officials agree to it.
async fn decide(bed: &Bed, pair: &str, fields: &[(&str, &str)]) {
    let asked = bed.post(&format!("/desk/doubles/{pair}/decide"), "senior", fields).await;
    assert_eq!(asked.status, 303, "{}", asked.text());
    let request = asked.header("location").to_string();
    let page = bed.get(&request, "second").await.text();
    assert!(page.contains(&format!("href=\"/desk/doubles/{pair}\"")), "the second one compares too: {page}");
    approve(bed, &request, "senior").await;
    let alone = bed.post(&format!("{request}/execute"), "senior", &[]).await;
    assert!(alone.status >= 400, "{}", alone.status);
    approve(bed, &request, "second").await;
    let done = bed.post(&format!("{request}/execute"), "second", &[]).await;
    assert_eq!(done.status, 200, "{}", done.text());
}

/// Whoever knows only the spelling that went finds the record that stays, and reads why.
async fn by_the_old_spelling(bed: &Bed) {
    let fields = [("purpose", "correction"), ("name", "Selamawit Hayle Gebre"), ("born", "1993-07-21")];
    let found = bed.post("/people/search?lang=en", "senior", &fields).await.text();
    for said in ["<h2>Selamawit Haile Gebre</h2>", "Also written", "Selamawit Hayle Gebre", "21 July 1993"] {
        assert!(found.contains(said), "{said}: {found}");
    }
    let looks = bed.get("/me/looks?record=1&lang=en", "selam").await.text();
    assert!(looks.contains("senior"), "the record whose spelling was shown knows it: {looks}");
    let asked = json!({
        "why": {"purpose": "correction"}, "name": "Selamawit Hayle Gebre", "born": "1993-07-21",
    });
    let request = bed.request("POST", "/api/v1/people/search", "senior");
    let request = request.header("content-type", "application/json");
    let got = bed.send(request.body(Body::from(asked.to_string())).unwrap()).await;
    let found: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(found[0]["name"], "Selamawit Haile Gebre", "{found}");
    assert_eq!(found[0]["earlier"], json!({"name": "Selamawit Hayle Gebre", "born": "1993-07-21"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_records_are_joined_complained_about_and_parted() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let server = MailServer::start();
        let mut bed = Bed::with_mail(engine, Some(Arc::new(crate::post::smtp(&server)))).await;
        let one = registered(&bed, "Selamawit Haile Gebre", "1991-07-21", "one").await;
        let other = registered(&bed, "Selamawit Hayle Gebre", "1993-07-21", "other").await;
        bed.citizen("selam", other).await;
        let officials = bed.installation.office.roster();
        assert!(officials.role("senior-registrar").is_some());
        let senior = daftar_identity::permission::DOUBLE;
        assert!(officials.allows("senior-registrar", senior) && !officials.allows("registrar", senior));

        // The list names nobody, and is not for everybody.
        assert_eq!(bed.get("/desk/doubles", "registrar").await.status, 403);
        let list = bed.get("/desk/doubles?lang=en", "senior").await.text();
        assert!(list.contains("bits") && !list.contains("Selamawit"), "{list}");
        let start = list.find("/desk/doubles/").unwrap() + "/desk/doubles/".len();
        let pair = list[start..].split('"').next().unwrap().to_string();
        let path = format!("/desk/doubles/{pair}");
        let cover = bed.get(&path, "senior").await.text();
        assert!(!cover.contains("Selamawit"), "{cover}");
        assert_eq!(bed.post(&path, "registrar", &[]).await.status, 403);

        // Side by side, with words; both people see the look.
        let open = bed.post(&format!("{path}?lang=en"), "senior", &[]).await.text();
        for said in
            ["Selamawit Haile Gebre", "Selamawit Hayle Gebre", "times likelier if it is one person", "year"]
        {
            assert!(open.contains(said), "{said}: {open}");
        }
        let looks = bed.get("/me/looks?lang=en", "selam").await.text();
        assert!(looks.contains("senior") && looks.contains("two records are one person"), "{looks}");

        // Two officials; the account of the record that went leads to the one that stays.
        let (keep, ground) = (one.to_string(), "Civil Registration Act, article 33; both cards seen");
        let fields = [("decision", "merge"), ("keep", keep.as_str()), ("ground", "")];
        let without = bed.post(&format!("{path}/decide"), "senior", &fields).await;
        assert!(without.status == 422 && without.text().contains("name=\"ground\""), "{}", without.status);
        decide(&bed, &pair, &[("decision", "merge"), ("keep", &keep), ("ground", ground)]).await;
        let record = bed.get("/me/record?lang=en", "selam").await.text();
        assert!(record.contains("Selamawit Haile Gebre") && record.contains("1991"), "{record}");
        assert!(record.contains("/me/looks?record=1"), "{record}");
        let data = bed.get("/me/data.json", "selam").await.text();
        assert!(data.contains("absorbed_records") && data.contains("Selamawit Hayle Gebre"), "{data}");
        assert_eq!(bed.get("/me/data.pdf", "selam").await.status, 200);
        assert_eq!(bed.get("/me/looks?record=2", "selam").await.status, 404);

        by_the_old_spelling(&bed).await;

        // Each record's own address hears of it: if the merge is wrong, somebody else lives there.
        assert_eq!(worker(&bed.site).run_due(&bed.installation.store).await.unwrap(), 2);
        let mails = server.mails();
        for mailbox in ["one@example.org", "other@example.org"] {
            let to = format!("RCPT TO:<{mailbox}>");
            let told = mails.iter().filter(|mail| mail.commands.iter().any(|line| line.starts_with(&to)));
            assert_eq!(told.count(), 1, "{mailbox}: {mails:?}");
        }

        // A merge opens recourse to somebody outside the office; nobody else's merge does.
        let receipts = bed.get("/me/receipts?lang=en", "selam").await.text();
        let start = receipts.find("/me/complaints/new?merge=").unwrap();
        let complain = receipts[start..].split('"').next().unwrap().to_string();
        let form = bed.get(&format!("{complain}&lang=en"), "selam").await;
        assert!(form.status == 200 && form.text().contains("wrongly joined"), "{}", form.text());
        assert_eq!(bed.get(&complain, "amina").await.status, 404);
        let merge = complain.split('=').next_back().unwrap().to_string();
        let sent = bed
            .post("/me/complaints/new", "selam", &[("merge", &merge), ("words", "That is my sister.")])
            .await;
        assert_eq!(sent.status, 200, "{}", sent.text());
        let at_desk = bed.get("/desk/complaints?lang=en", "ombudsman").await.text();
        assert!(at_desk.contains("C-"), "{at_desk}");

        // Undone, by two officials again.
        decide(&bed, &pair, &[("decision", "split"), ("ground", "The Ombudsman's answer")]).await;
        let record = bed.get("/me/record?lang=en", "selam").await.text();
        assert!(record.contains("Selamawit Hayle Gebre") && record.contains("1993"), "{record}");
        let senior = bed.actor("senior").await;
        let pairs = bed.installation.people.doubles(&senior, Standing::Open, None).await.unwrap();
        assert_eq!(pairs.len(), 1);
    }
}

impl Bed {
    /// A citizen who signs in by the account of this record.
    async fn citizen(&mut self, name: &str, person: Id) {
        let citizen = self.installation.people.office_token(person).await.unwrap();
        let (store, office) = (self.installation.store.clone(), self.installation.office.clone());
        let signed_in = with_tx!(store.write, tx, [office] {
            office.demo_sign_in(tx, Principal::Citizen(citizen), "test", None).await
        });
        let token: Result<_, Problem> = signed_in;
        self.tokens.insert(name.into(), token.unwrap().token);
    }
    async fn actor(&self, who: &str) -> Actor {
        let session = self.installation.office.session(&self.tokens[who]).await.unwrap().unwrap();
        session.proven(self.installation.store.world().now()).unwrap().actor().clone()
    }
}
