//! The messages as JSON. Numbers come as text ("returnValue": "1"), as the specification writes them, or as numbers, as older
//! matchers do: both are read, text is written.

use super::{
    Answer, Ask, Candidate, Failure, MAX_ADDRESS_CHARS, MAX_CANDIDATES, MAX_FLAGS, MAX_GALLERY,
    MAX_MESSAGE_BYTES, Modality, Outcome, Question, Unreadable,
};
use daftar_kernel::{Id, Timestamp};
use serde_json::{Map, Value, json};

/// The version messages carry.
const VERSION: &str = "1.1";

impl Ask {
    /// The question as a message.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut message = json!({
            "id": self.question.operation(),
            "version": VERSION,
            "requestId": self.id,
            "requesttime": time(self.at),
        });
        match &self.question {
            Question::Insert { reference, capture } => {
                message["referenceId"] = json!(reference);
                message["referenceURL"] = json!(capture);
            }
            Question::Identify { reference, gallery, flags } => {
                message["referenceId"] = json!(reference);
                message["referenceURL"] = json!("");
                if !flags.is_empty() {
                    message["flags"] = json!(flags);
                }
                if !gallery.is_empty() {
                    let ids: Vec<Value> = gallery.iter().map(|id| json!({ "referenceId": id })).collect();
                    message["gallery"] = json!({ "referenceIds": ids });
                }
            }
            Question::Delete { reference } => message["referenceId"] = json!(reference),
            Question::Ping | Question::PendingJobs | Question::ReferenceCount => {}
        }
        message
    }

    /// Reads a question, for whoever stands where a matcher does.
    ///
    /// # Errors
    /// The failure to answer with.
    pub fn read(message: &[u8]) -> Result<Self, Failure> {
        if message.len() > MAX_MESSAGE_BYTES {
            return Err(Failure::STRUCTURE);
        }
        let message: Map<String, Value> = serde_json::from_slice(message).map_err(|_| Failure::STRUCTURE)?;
        let id = text(&message, "requestId").ok_or(Failure::NO_NUMBER)?;
        let id = uuid(id).ok_or(Failure::STRUCTURE)?;
        let at = text(&message, "requesttime").ok_or(Failure::NO_TIME)?;
        let at = moment(at).ok_or(Failure::TIME)?;
        if text(&message, "version") != Some(VERSION) {
            return Err(Failure::VERSION);
        }
        Ok(Self { id, at, question: question(&message)? })
    }
}

fn question(message: &Map<String, Value>) -> Result<Question, Failure> {
    let reference = || {
        let text = text(message, "referenceId").ok_or(Failure::NO_REFERENCE)?;
        uuid(text).ok_or(Failure::STRUCTURE)
    };
    match text(message, "id") {
        Some("mosip.abis.insert") => {
            let capture = text(message, "referenceURL").ok_or(Failure::NO_CAPTURE)?.to_string();
            if capture.chars().count() > MAX_ADDRESS_CHARS || !capture.starts_with("https://") {
                return Err(Failure::STRUCTURE);
            }
            Ok(Question::Insert { reference: reference()?, capture })
        }
        Some("mosip.abis.identify") => Ok(Question::Identify {
            reference: reference()?,
            gallery: gallery(message.get("gallery"))?,
            flags: flags(message.get("flags"))?,
        }),
        Some("mosip.abis.delete") => Ok(Question::Delete { reference: reference()? }),
        Some("mosip.abis.ping") => Ok(Question::Ping),
        Some("mosip.abis.pendingJobs") => Ok(Question::PendingJobs),
        Some("mosip.abis.referenceCount") => Ok(Question::ReferenceCount),
        _ => Err(Failure::OPERATION),
    }
}

fn gallery(value: Option<&Value>) -> Result<Vec<Id>, Failure> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let ids = value.get("referenceIds").and_then(Value::as_array).ok_or(Failure::STRUCTURE)?;
    if ids.len() > MAX_GALLERY {
        return Err(Failure::STRUCTURE);
    }
    let id = |value: &Value| uuid(value.get("referenceId")?.as_str()?);
    ids.iter().map(|value| id(value).ok_or(Failure::STRUCTURE)).collect()
}

fn flags(value: Option<&Value>) -> Result<std::collections::BTreeMap<String, String>, Failure> {
    let Some(value) = value else { return Ok(Default::default()) };
    let flags = value.as_object().filter(|flags| flags.len() <= MAX_FLAGS).ok_or(Failure::STRUCTURE)?;
    let word = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    flags.iter().map(|(key, value)| Ok((key.clone(), word(value).ok_or(Failure::STRUCTURE)?))).collect()
}

impl Answer {
    /// The answer as a message.
    #[must_use]
    pub fn to_json(&self, ask: &Ask) -> Value {
        let mut message = json!({
            "id": ask.question.operation(),
            "requestId": self.to,
            "responsetime": time(self.at),
            "returnValue": if matches!(self.outcome, Outcome::Failed(_)) { "2" } else { "1" },
        });
        match &self.outcome {
            Outcome::Done => {}
            Outcome::Candidates(candidates) => {
                message["candidateList"] = json!({
                    "count": candidates.len().to_string(),
                    "candidates": candidates.iter().map(candidate_json).collect::<Vec<_>>(),
                });
            }
            Outcome::Count(count) => {
                let name = if ask.question == Question::PendingJobs { "jobscount" } else { "count" };
                message[name] = json!(count.to_string());
            }
            Outcome::Failed(failure) => message["failureReason"] = json!(failure.code().to_string()),
        }
        message
    }

    /// Reads the answer to a question. One to another question, or to another operation, is none.
    ///
    /// # Errors
    /// [`Unreadable`] with the place.
    pub fn read(ask: &Ask, message: &[u8]) -> Result<Self, Unreadable> {
        if message.len() > MAX_MESSAGE_BYTES {
            return Err(Unreadable("it is too large"));
        }
        let message: Map<String, Value> =
            serde_json::from_slice(message).map_err(|_| Unreadable("it is no JSON object"))?;
        let to = text(&message, "requestId").and_then(uuid);
        if to != Some(ask.id) {
            return Err(Unreadable("requestId: not the question's"));
        }
        let at = text(&message, "responsetime").and_then(moment).ok_or(Unreadable("responsetime"))?;
        let failed = match message.get("returnValue").and_then(number) {
            Some(1) => false,
            Some(2) => true,
            _ => return Err(Unreadable("returnValue: neither 1 nor 2")),
        };
        if failed {
            // Its name is not looked at: the specification's own example of a failed identify bears another one.
            let code = message.get("failureReason").and_then(number).unwrap_or_default();
            return Ok(Self { to: ask.id, at, outcome: Outcome::Failed(Failure::of(code)) });
        }
        if text(&message, "id") != Some(ask.question.operation()) {
            return Err(Unreadable("id: not the question's operation"));
        }
        Ok(Self { to: ask.id, at, outcome: outcome(&ask.question, &message)? })
    }
}

fn outcome(question: &Question, message: &Map<String, Value>) -> Result<Outcome, Unreadable> {
    let count = |name: &'static str| message.get(name).and_then(number).ok_or(Unreadable(name));
    match question {
        Question::Insert { .. } | Question::Delete { .. } | Question::Ping => Ok(Outcome::Done),
        Question::PendingJobs => Ok(Outcome::Count(count("jobscount")?)),
        Question::ReferenceCount => Ok(Outcome::Count(count("count")?)),
        Question::Identify { reference, gallery, .. } => {
            let candidates = candidates(message.get("candidateList"))?;
            for (place, candidate) in candidates.iter().enumerate() {
                if candidate.reference == *reference {
                    return Err(Unreadable("candidates: the one in question is among them"));
                }
                if !gallery.is_empty() && !gallery.contains(&candidate.reference) {
                    return Err(Unreadable("candidates: somebody who is not of the gallery"));
                }
                if candidates[..place].iter().any(|other| other.reference == candidate.reference) {
                    return Err(Unreadable("candidates: somebody twice"));
                }
            }
            Ok(Outcome::Candidates(candidates))
        }
    }
}

fn candidates(list: Option<&Value>) -> Result<Vec<Candidate>, Unreadable> {
    // No list is how some matchers say that there is nobody.
    let Some(list) = list.filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
    let empty = Vec::new();
    let candidates = match list.get("candidates") {
        None | Some(Value::Null) => &empty,
        Some(value) => value.as_array().ok_or(Unreadable("candidates: no list"))?,
    };
    if candidates.len() > MAX_CANDIDATES {
        return Err(Unreadable("candidates: too many"));
    }
    let said = list.get("count").and_then(number);
    if said.is_some_and(|said| usize::try_from(said) != Ok(candidates.len())) {
        return Err(Unreadable("count: not how many candidates there are"));
    }
    candidates
        .iter()
        .map(|value| candidate(value).ok_or(Unreadable("candidates: one is no candidate")))
        .collect()
}

fn candidate(value: &Value) -> Option<Candidate> {
    let modality = |value: &Value| {
        let kind = value.get("biometricType")?.as_str()?.to_string();
        Some(Modality { kind, analytics: analytics(value)? })
    };
    let modalities = match value.get("modalities") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => list.as_array()?.iter().map(modality).collect::<Option<_>>()?,
    };
    let reference = uuid(value.get("referenceId")?.as_str()?)?;
    Some(Candidate { reference, analytics: analytics(value)?, modalities })
}

fn analytics(of: &Value) -> Option<Map<String, Value>> {
    match of.get("analytics") {
        None | Some(Value::Null) => Some(Map::new()),
        Some(value) => value.as_object().cloned(),
    }
}

fn candidate_json(candidate: &Candidate) -> Value {
    let modality = |m: &Modality| json!({ "biometricType": m.kind, "analytics": m.analytics });
    json!({
        "referenceId": candidate.reference,
        "analytics": candidate.analytics,
        "modalities": candidate.modalities.iter().map(modality).collect::<Vec<_>>(),
    })
}

/// A text that says something.
fn text<'a>(message: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    message.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A UUID in small or capital letters: the specification's examples have both.
fn uuid(text: &str) -> Option<Id> {
    text.to_ascii_lowercase().parse().ok()
}

/// A whole number, written as one or as text.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// A time in milliseconds UTC, as the specification's examples.
fn time(at: Timestamp) -> String {
    let millis = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    format!("{millis:.3}")
}

fn moment(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_microsecond()))
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
