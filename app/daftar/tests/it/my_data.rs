//! A citizen takes along everything that is held about them: as JSON, and as a document in their language.

use crate::bed::Bed;
use crate::post::read_pdf;
use daftar_testing::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn everything_we_hold_as_a_document_in_the_readers_language() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        // A look by the police, a complaint about it, many looks more: several pages.
        let person = format!("/people/{}", bed.ids["person-amina"]);
        assert_eq!(bed.post("/desk/cases", "police", &[("number", "P-7")]).await.status, 303);
        for _ in 0..14 {
            let seen = bed.post(&person, "police", &[("purpose", "identity-check"), ("case", "P-7")]).await;
            assert_eq!(seen.status, 200);
        }
        let words = [("agency", "police"), ("words", "لا أعرف لماذا نظرت الشرطة في ملفي")];
        assert_eq!(bed.post("/me/complaints/new", "amina", &words).await.status, 200);

        let json = bed.get("/me/data.json", "amina").await;
        let json: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
        assert_eq!(json["looks"].as_array().unwrap().len(), 14);
        assert_eq!(json["complaints"].as_array().unwrap().len(), 1);
        assert_eq!(json["cards"].as_array().unwrap().len(), 1);

        for lang in ["ar", "en", "fr"] {
            let got = bed.get(&format!("/me/data.pdf?lang={lang}"), "amina").await;
            assert_eq!((got.status, got.header("content-type")), (200, "application/pdf"), "{}", got.text());
            let Some(text) = read_pdf(&got.body) else { continue };
            let said = |needle: &str| assert!(text.contains(needle), "{lang}: no {needle} in {text}");
            said("أمينة بنت سالم");
            said("P-7");
            for look in json["looks"].as_array().unwrap() {
                said(look["receipt"].as_str().unwrap());
            }
            for act in json["acts"].as_array().unwrap() {
                said(act["receipt"].as_str().unwrap());
            }
            said("C-2026-1");
            said("Police Act 2006, article 18");
            if lang == "en" {
                for needle in [
                    "Page 1 of ",
                    "Page 3 of ",
                    "Central Police Station",
                    "Police check of identity",
                    "Version 1",
                ] {
                    said(needle);
                }
            }
        }
        assert_eq!(bed.get("/me/data.pdf", "").await.status, 303, "nobody else's");
        assert_eq!(bed.get("/me/data.pdf", "police").await.status, 403);
    }
}
