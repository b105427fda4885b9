//! The specification's own examples, and what hostile or careless matchers send.

use super::*;
use proptest::prelude::*;

const REQUEST: &str = "01234567-89ab-cdef-0123-456789abcdef";
const OTHER: &str = "7acce7b7-d58a-4466-a006-c79297281456";

fn ask(question: Question) -> Ask {
    Ask { id: REQUEST.parse().unwrap(), at: moment("2020-03-29T07:01:24.692Z").unwrap(), question }
}
fn me() -> Id {
    "2abe7b7d-b58a-4466-a006-c79297281123".parse().unwrap()
}
fn identify(gallery: &[&str]) -> Ask {
    let gallery = gallery.iter().map(|id| id.parse().unwrap()).collect();
    ask(Question::Identify { reference: me(), gallery, flags: Default::default() })
}
fn read(ask: &Ask, answer: Value) -> Result<Outcome, &'static str> {
    let mut message = json!({
        "id": ask.question.operation(),
        "requestId": REQUEST,
        "responsetime": "2020-03-29T07:01:24.692Z",
        "returnValue": "1",
    });
    for (key, value) in answer.as_object().unwrap() {
        message[key] = value.clone();
    }
    Answer::read(ask, message.to_string().as_bytes()).map(|answer| answer.outcome).map_err(|e| e.0)
}

#[test]
fn the_examples_of_the_specification() {
    let insert = r#"{
      "id": "mosip.abis.insert",
      "version": "1.1",
      "requestId": "01234567-89AB-CDEF-0123-456789ABCDEF",
      "requesttime": "2020-03-29T07:01:24.692Z",
      "referenceId": "2ABE7B7D-B58A-4466-A006-C79297281123",
      "referenceURL": "https://mosip.example/v1/datashare/get/1"
    }"#;
    let asked = Ask::read(insert.as_bytes()).unwrap();
    let capture = "https://mosip.example/v1/datashare/get/1".into();
    assert_eq!(asked, ask(Question::Insert { reference: me(), capture }));
    assert_eq!(asked.to_json()["requesttime"], "2020-03-29T07:01:24.692Z");

    assert_eq!(read(&asked, json!({})), Ok(Outcome::Done));
    let failed = json!({ "returnValue": "2", "failureReason": "7" });
    assert_eq!(read(&asked, failed), Ok(Outcome::Failed(Failure::of(7))));
    let older = json!({ "returnValue": 2, "failureReason": 7 });
    assert_eq!(read(&asked, older), Ok(Outcome::Failed(Failure::of(7))));
    let named_otherwise = json!({ "id": "mosip.id.identify", "returnValue": "2", "failureReason": "7" });
    assert_eq!(read(&identify(&[]), named_otherwise), Ok(Outcome::Failed(Failure::of(7))));

    let found = read(
        &identify(&[OTHER]),
        json!({ "candidateList": { "count": "1", "candidates": [{
            "referenceId": OTHER,
            "analytics": { "internalScore": "112", "confidence": "90" },
            "modalities": [{ "biometricType": "IIR", "analytics": { "internalScore": "112" } }],
        }], "analytics": {} } }),
    );
    let Ok(Outcome::Candidates(candidates)) = found else { panic!("{found:?}") };
    assert_eq!(candidates[0].reference, OTHER.parse().unwrap());
    assert_eq!(candidates[0].analytics["confidence"], "90");
    assert_eq!(candidates[0].modalities[0].kind, "IIR");

    assert_eq!(read(&ask(Question::PendingJobs), json!({ "jobscount": "10" })), Ok(Outcome::Count(10)));
    assert_eq!(read(&ask(Question::ReferenceCount), json!({ "count": 10 })), Ok(Outcome::Count(10)));
    assert_eq!(read(&ask(Question::Ping), json!({})), Ok(Outcome::Done));
    assert_eq!(read(&ask(Question::Delete { reference: me() }), json!({})), Ok(Outcome::Done));
}

#[test]
fn answers_that_are_none() {
    let list = |candidates: Value| json!({ "candidateList": { "candidates": candidates } });
    let one = |id: &str| json!({ "referenceId": id });
    let cases = [
        (json!({ "requestId": OTHER }), "requestId: not the question's"),
        (json!({ "requestId": null }), "requestId: not the question's"),
        (json!({ "id": "mosip.abis.insert" }), "id: not the question's operation"),
        (json!({ "responsetime": "yesterday" }), "responsetime"),
        (json!({ "returnValue": "3" }), "returnValue: neither 1 nor 2"),
        (json!({ "returnValue": 1.5 }), "returnValue: neither 1 nor 2"),
        (list(json!([one(&me().to_string())])), "candidates: the one in question is among them"),
        (list(json!([one(REQUEST)])), "candidates: somebody who is not of the gallery"),
        (list(json!([one(OTHER), one(OTHER)])), "candidates: somebody twice"),
        (list(json!("all")), "candidates: no list"),
        (list(json!([{}])), "candidates: one is no candidate"),
        (list(json!([{ "referenceId": OTHER, "analytics": 7 }])), "candidates: one is no candidate"),
        (
            json!({ "candidateList": { "count": "2", "candidates": [one(OTHER)] } }),
            "count: not how many candidates there are",
        ),
    ];
    for (answer, error) in cases {
        assert_eq!(read(&identify(&[OTHER]), answer), Err(error));
    }
    assert_eq!(read(&ask(Question::PendingJobs), json!({ "jobscount": -1 })), Err("jobscount"));
    assert!(Answer::read(&identify(&[]), b"[]").is_err());
    for nobody in [json!({}), list(Value::Null), list(json!([])), json!({ "candidateList": null })] {
        assert_eq!(read(&identify(&[]), nobody), Ok(Outcome::Candidates(Vec::new())));
    }
}

#[test]
fn questions_that_are_none() {
    let good = identify(&[OTHER]).to_json();
    let with = |key: &str, value: Value| {
        let mut message = good.clone();
        message[key] = value;
        Ask::read(message.to_string().as_bytes()).map(|_| ())
    };
    assert_eq!(with("version", json!("1.1")), Ok(()));
    let cases = [
        ("requestId", json!(""), Failure::NO_NUMBER),
        ("requestId", json!("7"), Failure::STRUCTURE),
        ("requesttime", Value::Null, Failure::NO_TIME),
        ("requesttime", json!("noon"), Failure::TIME),
        ("version", json!("2.0"), Failure::VERSION),
        ("id", json!("mosip.abis.explode"), Failure::OPERATION),
        ("referenceId", Value::Null, Failure::NO_REFERENCE),
        ("referenceId", json!("../1"), Failure::STRUCTURE),
        ("gallery", json!([]), Failure::STRUCTURE),
        ("flags", json!({ "a": [] }), Failure::STRUCTURE),
    ];
    for (key, value, failure) in cases {
        assert_eq!(with(key, value.clone()), Err(failure), "{key}: {value}");
    }
    let reference = me();
    for (capture, failure) in [("", Failure::NO_CAPTURE), ("http://h/1", Failure::STRUCTURE)] {
        let asked = ask(Question::Insert { reference, capture: capture.into() });
        assert_eq!(Ask::read(asked.to_json().to_string().as_bytes()), Err(failure), "{capture}");
    }
}

#[test]
fn limits() {
    let id = |number: usize| Id::from_parts(7, [(number >> 8) as u8, number as u8, 1, 1, 1, 1, 1, 1, 1, 1]);
    for (count, fits) in [(MAX_CANDIDATES, true), (MAX_CANDIDATES + 1, false)] {
        let list: Vec<Value> = (0..count).map(|n| json!({ "referenceId": id(n) })).collect();
        let answer = read(&identify(&[]), json!({ "candidateList": { "candidates": list } }));
        assert_eq!(answer.is_ok(), fits, "{count}");
    }
    for (count, fits) in [(MAX_GALLERY, true), (MAX_GALLERY + 1, false)] {
        let question = Question::Identify {
            reference: me(),
            gallery: (0..count).map(id).collect(),
            flags: Default::default(),
        };
        let message = ask(question).to_json().to_string();
        assert_eq!(Ask::read(message.as_bytes()).is_ok(), fits, "{count}");
    }
    for (count, fits) in [(MAX_FLAGS, true), (MAX_FLAGS + 1, false)] {
        let flags = (0..count).map(|n| (n.to_string(), "1".into())).collect();
        let question = Question::Identify { reference: me(), gallery: Vec::new(), flags };
        assert_eq!(Ask::read(ask(question).to_json().to_string().as_bytes()).is_ok(), fits, "{count}");
    }
    for (count, fits) in [(MAX_ADDRESS_CHARS, true), (MAX_ADDRESS_CHARS + 1, false)] {
        let capture = format!("https://{}", "h".repeat(count - 8));
        let message = ask(Question::Insert { reference: me(), capture }).to_json().to_string();
        assert_eq!(Ask::read(message.as_bytes()).is_ok(), fits, "{count}");
    }
    for (count, fits) in [(MAX_MESSAGE_BYTES, true), (MAX_MESSAGE_BYTES + 1, false)] {
        let mut message = ask(Question::Ping).to_json().to_string();
        message.push_str(&" ".repeat(count - message.len()));
        assert_eq!(Ask::read(message.as_bytes()).is_ok(), fits, "{count}");
    }
}

fn questions() -> impl Strategy<Value = Question> {
    let id = || any::<[u8; 16]>().prop_map(Id::from_bytes);
    let flags = prop::collection::btree_map("[a-z]{1,8}", "[a-z0-9]{0,8}", 0..4);
    prop_oneof![
        (id(), "[a-z/]{1,30}")
            .prop_map(|(reference, path)| Question::Insert { reference, capture: format!("https://{path}") }),
        (id(), prop::collection::vec(id(), 0..5), flags)
            .prop_map(|(reference, gallery, flags)| { Question::Identify { reference, gallery, flags } }),
        id().prop_map(|reference| Question::Delete { reference }),
        Just(Question::Ping),
        Just(Question::PendingJobs),
        Just(Question::ReferenceCount),
    ]
}

proptest! {
    #[test]
    fn a_question_is_read_as_it_was_written(
        question in questions(), id in any::<[u8; 16]>(), millis in 0_i64..4_000_000_000_000,
    ) {
        let asked = Ask { id: Id::from_bytes(id), at: Timestamp(millis * 1_000), question };
        prop_assert_eq!(Ask::read(asked.to_json().to_string().as_bytes()), Ok(asked));
    }

    #[test]
    fn an_answer_is_read_as_it_was_written(
        question in questions(), code in 1_u64..=18, count in any::<u64>(), fails in any::<bool>(),
        others in prop::collection::btree_set(any::<[u8; 16]>(), 0..5),
    ) {
        let asked = ask(question);
        let outcome = match &asked.question {
            _ if fails => Outcome::Failed(Failure::of(code)),
            Question::Identify { reference, gallery, .. } => Outcome::Candidates(
                others
                    .into_iter()
                    .map(Id::from_bytes)
                    .filter(|id| id != reference && (gallery.is_empty() || gallery.contains(id)))
                    .map(|reference| Candidate { reference, analytics: Map::new(), modalities: Vec::new() })
                    .collect(),
            ),
            Question::PendingJobs | Question::ReferenceCount => Outcome::Count(count),
            _ => Outcome::Done,
        };
        let answer = Answer { to: asked.id, at: asked.at, outcome };
        let message = answer.to_json(&asked).to_string();
        prop_assert_eq!(Answer::read(&asked, message.as_bytes()), Ok(answer));
    }

    #[test]
    fn no_message_is_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Ask::read(&bytes);
        let _ = Answer::read(&identify(&[]), &bytes);
    }
}
