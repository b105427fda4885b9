//! What belongs to one citizen is not there for another, whatever identifier they try.

use crate::bed::Bed;
use daftar_http::openapi::path_parameters;
use daftar_http::{Route, RouteKind, with_tx};
use daftar_kernel::Problem;
use daftar_office::Principal;
use daftar_office::complaint::{About, NewComplaint};
use daftar_testing::Engine;

/// What only Amina may read: her name, and the words of her complaint.
const HERS: [&str; 2] = ["أمينة", "only-between-her-and-the-desk"];
/// Questions that name something.
const QUESTIONS: [&str; 6] = ["look", "merge", "receipt", "session", "complaint", "person"];

/// Every identifier there is of something that is Amina's.
async fn identifiers(bed: &Bed) -> Vec<String> {
    let (people, amina) = (&bed.installation.people, citizen(bed, "amina").await);
    let person = bed.ids["person-amina"].clone();
    let seen = bed.post(&format!("/people/{person}"), "registrar", &[("purpose", "registration")]).await;
    assert!(seen.status == 200 && seen.text().contains(HERS[0]), "{}", seen.text());
    let (store, office) = (bed.installation.store.clone(), bed.installation.office.clone());
    let new = NewComplaint {
        about: About::Other,
        agency: String::new(),
        office: String::new(),
        words: HERS[1].into(),
    };
    let (complaint, sessions) = with_tx!(store.write, tx, [office, new] {
        let complaint = office.complain(tx, amina, &new).await?;
        Ok::<_, Problem>((complaint, office.sessions_of(tx, Principal::Citizen(amina)).await?))
    })
    .unwrap();
    let mut all = vec![
        person,
        amina.to_string(),
        people.own_subject(amina).await.unwrap().to_string(),
        complaint.id.to_string(),
        complaint.reference,
    ];
    all.extend(sessions.iter().map(|session| session.id.to_string()));
    all.extend(people.my_acts(amina, None, 10).await.unwrap().iter().map(|act| act.id.to_string()));
    let looks = people.my_looks(amina, None, 10).await.unwrap().rows;
    assert!(!looks.is_empty() && !sessions.is_empty());
    all.extend(looks.iter().map(|look| look.id.to_string()));
    all
}

/// Every address of a route in which an identifier can stand: in each place of its path, or in a question.
fn addresses(route: &Route, id: &str) -> Vec<String> {
    let names: Vec<&str> = path_parameters(route.path).collect();
    if names.is_empty() {
        let questions = QUESTIONS.iter().map(|name| format!("{}?{name}={id}", route.path));
        return if route.method == "GET" { questions.collect() } else { Vec::new() };
    }
    let filled = names.iter().fold(route.path.to_string(), |path, name| {
        path.replace(&format!("{{{name}}}"), id).replace(&format!("{{*{name}}}"), id)
    });
    vec![filled]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_identifier_of_one_citizen_opens_anything_for_another() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let hers = identifiers(&bed).await;
        let (mut tried, mut opened) = (0, 0);
        for route in bed.routes.iter() {
            for path in hers.iter().flat_map(|id| addresses(route, id)) {
                let got = match (route.method, route.kind) {
                    ("GET", _) => bed.get(&path, "bilal").await,
                    (_, RouteKind::Page) => {
                        let fields = [("words", "x"), ("reason", "x"), ("purpose", "registration")];
                        bed.post(&path, "bilal", &fields).await
                    }
                    (method, _) => {
                        let request = bed.request(method, &path, "bilal");
                        let request = request.header("content-type", "application/json");
                        bed.send(request.body("{}".into()).unwrap()).await
                    }
                };
                tried += 1;
                // 503: his own proof is not made yet, since no sequencer runs here.
                assert!(got.status < 500 || got.status == 503, "{} {path}: {}", route.method, got.status);
                for secret in HERS {
                    assert!(!got.text().contains(secret), "{} {path} tells him {secret}", route.method);
                }
                if route.method == "GET" && !path.contains('?') {
                    opened += usize::from(bed.get(&path, "amina").await.status == 200);
                }
            }
        }
        assert!(tried > 300 && opened >= 4, "{tried} tried, {opened} open for herself");
        // Whatever he sent, nothing of hers has changed.
        assert_eq!(bed.get("/me", "amina").await.status, 200, "her session goes on");
        let amina = citizen(&bed, "amina").await;
        let record = bed.installation.people.my_record(amina).await.unwrap();
        assert_eq!(record.version.version, 1);
        let (store, office) = (bed.installation.store.clone(), bed.installation.office.clone());
        let complaints =
            with_tx!(store.read, tx, [office] { office.complaints_of(tx, amina).await }).unwrap();
        assert!(complaints.len() == 1 && complaints[0].0.answered.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn citizens_reach_only_their_own() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let amina = bed.installation.people.my_acts(citizen(&bed, "amina").await, None, 10).await.unwrap();
        let receipt = amina.first().map(|act| act.id.to_string()).expect("her registration is an act");
        for path in [format!("/receipts/{receipt}"), format!("/me/receipts/{receipt}/file.json")] {
            assert_ne!(bed.get(&path, "amina").await.status, 404, "{path} is hers");
            assert_eq!(bed.get(&path, "bilal").await.status, 404, "{path} is not his");
        }
        assert_eq!(bed.get(&format!("/api/v1/receipts/{receipt}"), "bilal").await.status, 404);
        let look = format!("/me/complaints/new?look={receipt}");
        assert_eq!(
            bed.get(&look, "bilal").await.status,
            404,
            "a look that is not his is no ground for a complaint"
        );
        let session = bed.installation.office.session(&bed.tokens["amina"]).await.unwrap().unwrap().id;
        assert_eq!(bed.post(&format!("/sessions/{session}/end"), "bilal", &[]).await.status, 404);
        assert_eq!(bed.get("/me", "amina").await.status, 200, "her session goes on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_of_one_official_are_not_there_for_another() {
    let bed = Bed::new(Engine::Sqlite).await;
    let begun = bed.post("/people/register", "registrar", &[]).await;
    let path = begun.header("location").to_string();
    assert_eq!((begun.status, bed.get(&path, "registrar").await.status), (303, 200));
    assert_eq!(bed.get(&path, "senior").await.status, 404);
    assert_eq!(bed.post(&path, "senior", &[("name", "x")]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_leads_elsewhere() {
    let bed = Bed::new(Engine::Sqlite).await;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aset-cookie:x=1"] {
        let page = bed.get(&format!("/sign-in?next={}", crate::bed::escape(next)), "").await.text();
        assert!(!page.contains("evil.example"), "{next}");
    }
    let got = bed.get("/me%0d%0ax-evil:1", "").await;
    assert!(got.headers.get("x-evil").is_none());
}

async fn citizen(bed: &Bed, who: &str) -> daftar_kernel::Id {
    let person = bed.ids[&format!("person-{who}")].parse().unwrap();
    bed.installation.people.office_token(person).await.unwrap()
}
