//! What belongs to one citizen is not there for another, whatever identifier they try.

use crate::bed::Bed;
use daftar_testing::Engine;

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
