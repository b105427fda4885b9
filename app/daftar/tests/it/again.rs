//! What a person left open is asked again, with what they typed: nobody has to begin anew.

use crate::bed::Bed;
use daftar_testing::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn a_question_left_open_is_asked_again_with_what_was_typed() {
    let bed = Bed::new(Engine::Sqlite).await;
    assert_eq!(bed.post("/desk/cases", "police", &[("number", "P-9")]).await.status, 303);
    for (number, status) in [("P-8", 404), ("P-9", 303), ("P-9", 409)] {
        let closed = bed.post("/desk/cases/close", "police", &[("close", number)]).await;
        assert_eq!(closed.status, status, "closing {number}");
        let shown =
            closed.text().contains("class=\"faults\"") && closed.text().contains(&format!("\"{number}\""));
        assert_eq!(shown, status != 303, "closing {number}: {}", closed.text());
    }

    let complaint = [("agency", "police"), ("words", "I was not there that day.")];
    assert_eq!(bed.post("/me/complaints/new", "amina", &complaint).await.status, 200);
    let desk = bed.get("/desk/complaints", "ombudsman").await.text();
    let at = desk.split("href=\"/desk/complaints/").nth(1).and_then(|rest| rest.split('"').next());
    let answer = format!("/desk/complaints/{}/answer", at.unwrap());
    let open = [("words", "It was a mistake."), ("outcome", "")];
    for sent in [&open, &[("words", ""), ("outcome", "upheld")]] {
        let again = bed.post(&answer, "ombudsman", sent).await;
        let text = again.text();
        assert_eq!(again.status, 422, "{text}");
        assert!(text.contains("class=\"faults\"") && text.contains(sent[0].1), "{text}");
        assert!(!text.contains("I was not there"), "the words would have been read without a look");
    }
    let done = [("words", "It was a mistake."), ("outcome", "upheld")];
    assert_eq!(bed.post(&answer, "ombudsman", &done).await.status, 303);
}
