//! The main job through the pages: register by the form, catch a double, look with a reason, and the citizen sees it.

use crate::bed::{Bed, Got};
use daftar_testing::Engine;

/// Answers of the registration form by page.
const PAGES: [(&str, &[(&str, &str)]); 3] = [
    ("names", &[("name", "Selam Haile"), ("given", ""), ("family", ""), ("other_name", "ሰላም ኃይሌ")]),
    (
        "birth",
        &[
            ("born-day", ""),
            ("born-month", "7"),
            ("born-year", "1991"),
            ("birth_place_text", "behind the mill"),
        ],
    ),
    ("person", &[("sex", "female"), ("standing", "citizen")]),
];

pub async fn fill(bed: &Bed) -> String {
    let begun = bed.post("/people/register", "registrar", &[]).await;
    let mut at = begun.header("location").to_string();
    for _ in 0..20 {
        let page = at.rsplit('/').next().unwrap().to_string();
        if page == "check" {
            return at;
        }
        let answers = PAGES.iter().find(|(id, _)| *id == page).map_or(&[][..], |(_, answers)| answers);
        let mut sent = answers.to_vec();
        // Pages with a choice that must be made get their first option.
        let shown = bed.get(&at, "registrar").await.text();
        for name in ["documents", "statement"] {
            if shown.contains(&format!("name=\"{name}\"")) {
                sent.push((name, if name == "documents" { "other" } else { "yes" }));
            }
        }
        let got = bed.post(&at, "registrar", &sent).await;
        assert_eq!(got.status, 303, "page {page}: {}", faults(&got));
        at = got.header("location").to_string();
    }
    panic!("the form has no end");
}

fn faults(got: &Got) -> String {
    let text = got.text();
    text.split("class=\"faults\"").nth(1).map_or_else(String::new, |rest| rest.chars().take(400).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn register_by_keyboard_catch_a_double_and_be_seen_looking() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let check = fill(&bed).await;
        let read = bed.get(&check, "registrar").await.text();
        assert!(read.contains("Selam Haile") && read.contains("ሰላም ኃይሌ") && read.contains("1991"), "{read}");
        let done = bed.post(&check, "registrar", &[]).await;
        assert_eq!(done.status, 200, "{}", done.text());
        assert!(done.text().contains("/receipts/"));
        assert_eq!(bed.get(&check, "registrar").await.status, 404, "the draft is gone");

        // The same person again: shown, and registered only with a reason.
        let again = fill(&bed).await;
        let double = bed.post(&again, "registrar", &[]).await.text();
        assert!(double.contains("name=\"despite\"") && double.contains("Selam Haile"));

        // A police look needs a case; without one nothing is shown.
        let person = format!("/people/{}", bed.ids["person-amina"]);
        let bare = bed.post(&person, "police", &[("purpose", "identity-check")]).await;
        assert!(bare.status >= 400 && !bare.text().contains("أمينة"), "{}", bare.status);
        assert_eq!(bed.post("/desk/cases", "police", &[("number", "P-1")]).await.status, 303);
        let seen = bed.post(&person, "police", &[("purpose", "identity-check"), ("case", "P-1")]).await;
        assert!(seen.status == 200 && seen.text().contains("أمينة"), "{}", seen.status);

        // She reads who, why and under which case.
        let looks = bed.get("/me/looks?lang=en", "amina").await.text();
        assert!(looks.contains("police") && looks.contains("P-1") && looks.contains("Police Act"), "{looks}");
        let others = bed.get("/me/looks?lang=en", "bilal").await.text();
        assert!(!others.contains("P-1"));

        // The record takes it up, and her proof of completeness is there.
        bed.installation.record.sequence_once().await.unwrap();
        let proof = bed.get("/me/looks/proof.json", "amina").await;
        assert_eq!(proof.status, 200, "{}", proof.text());
        let policy = bed.installation.record.policy();
        let verified = daftar_record::verify_person_proof(&proof.body, policy).unwrap();
        assert_eq!(verified.looks, 1);
        assert_eq!(checked(&bed, &proof.body), "good: 1 looks");
        let bent = proof.text().replacen("P-1", "P-2", 1);
        assert!(checked(&bed, bent.as_bytes()).starts_with("not proven"), "a changed proof");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_a_pdf_whose_code_verifies() {
    let bed = Bed::new(Engine::Sqlite).await;
    let card = bed.get("/me/card.pdf", "amina").await;
    assert_eq!(card.status, 200, "{}", card.text());
    assert!(card.body.starts_with(b"%PDF"));
    let keys = bed.get("/trust/certificate-keys.pem", "").await.text();
    assert!(keys.contains("BEGIN PUBLIC KEY"));
}

/// The beginning of what `daftar log check` says of a file, on a machine that has nothing but the file and the policy.
fn checked(bed: &Bed, file: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (proof, policy) = (folder.path().join("proof.json"), folder.path().join("policy"));
    std::fs::write(&proof, file).unwrap();
    std::fs::write(&policy, bed.installation.record.policy_text()).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_daftar"));
    let done = command.args(["log", "check"]).arg(&proof).arg("--policy").arg(&policy).output().unwrap();
    String::from_utf8_lossy(&done.stdout).split(" until").next().unwrap_or_default().trim().to_string()
}
