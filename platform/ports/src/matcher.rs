//! An outside biometric matcher: what it can be asked, in the words of MOSIP's ABIS API.
//!
//! Daftar keeps no biometrics. A country that has a matcher (an *automated biometric identification system*, ABIS) keeps it beside
//! Daftar, with a keeper of its own. It knows a person by a token made for it alone, answers with tokens that may be the same
//! person, and decides nothing: what it says goes to the desk for possible doubles like every other hint, and two people decide.
//! Decision 10 says why.
//!
//! The messages are those of the *ABIS API*, specification 0.9 of 2021-02-05 with the additions up to 2021-09-08 (messages carry
//! version "1.1"), which the matchers of several makers speak. How they travel is the adapter's business: MOSIP uses queues.
//! ```
//! use daftar_kernel::{Id, Timestamp};
//! use daftar_ports::matcher::{Answer, Ask, Outcome, Question};
//!
//! let ask = Ask {
//!     id: Id::from_bytes([1; 16]),
//!     at: Timestamp::from_seconds(1_800_000_000),
//!     question: Question::Insert { reference: Id::from_bytes([2; 16]), capture: "https://kit.example/c/1".into() },
//! };
//! let answer = br#"{"id": "mosip.abis.insert", "requestId": "01010101-0101-0101-0101-010101010101",
//!   "responsetime": "2027-01-15T08:00:01.000Z", "returnValue": "2", "failureReason": "10"}"#;
//! let answer = Answer::read(&ask, answer)?;
//! assert!(matches!(answer.outcome, Outcome::Failed(failure) if failure.means() == "there is a record of this reference already"));
//! # Ok::<(), daftar_ports::matcher::Unreadable>(())
//! ```

mod failure;
mod wire;

pub use failure::Failure;

use daftar_kernel::{Id, Problem, Timestamp};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

/// Most references of one gallery.
pub const MAX_GALLERY: usize = 10_000;
/// Most candidates of one answer; a matcher that names more is set wrongly, and nobody could look at them.
pub const MAX_CANDIDATES: usize = 100;
/// Flags of one question.
pub const MAX_FLAGS: usize = 20;
/// Bytes of a message.
pub const MAX_MESSAGE_BYTES: usize = 1 << 20;
/// Characters of an address from which captures are fetched.
pub const MAX_ADDRESS_CHARS: usize = 2_000;

/// One question, with what every one carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its own number, used for nothing else.
    pub id: Id,
    /// When it was asked.
    pub at: Timestamp,
    /// What is asked.
    pub question: Question,
}

/// What a matcher can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Fetch a capture (CBEFF, encrypted for the matcher) and keep it under this reference. No comparison yet.
    Insert {
        /// The matcher's token of the person.
        reference: Id,
        /// Where the capture can be fetched once: `https`.
        capture: String,
    },
    /// Who else may be this person?
    Identify {
        /// The one in question, inserted before.
        reference: Id,
        /// Whom to compare with; everybody when it is empty.
        gallery: Vec<Id>,
        /// How to compare, in words agreed with the maker: `maxResults`, `targetFPIR` ...
        flags: BTreeMap<String, String>,
    },
    /// Forget this reference.
    Delete {
        /// The matcher's token of the person.
        reference: Id,
    },
    /// Are you there?
    Ping,
    /// How many questions wait?
    PendingJobs,
    /// How many references do you hold?
    ReferenceCount,
}

impl Question {
    /// The operation's name in a message.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::Insert { .. } => "mosip.abis.insert",
            Self::Identify { .. } => "mosip.abis.identify",
            Self::Delete { .. } => "mosip.abis.delete",
            Self::Ping => "mosip.abis.ping",
            Self::PendingJobs => "mosip.abis.pendingJobs",
            Self::ReferenceCount => "mosip.abis.referenceCount",
        }
    }
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The number of the question.
    pub to: Id,
    /// When it was answered.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Done, or there: to insert, delete and ping.
    Done,
    /// Who may be the same person, in the matcher's order. Never the one in question.
    Candidates(Vec<Candidate>),
    /// A number: of questions that wait, of references held.
    Count(u64),
    /// It was not done.
    Failed(Failure),
}

/// Somebody who may be the same person.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The matcher's token of the person.
    pub reference: Id,
    /// Scores in the maker's own words. They say nothing across makers, and no rule here reads them.
    pub analytics: Map<String, Value>,
    /// The same for each kind of capture.
    pub modalities: Vec<Modality>,
}

/// What one kind of capture says.
#[derive(Clone, Debug, PartialEq)]
pub struct Modality {
    /// Finger (`FIR`), iris (`IIR`) or face (`FID`).
    pub kind: String,
    /// Scores in the maker's own words.
    pub analytics: Map<String, Value>,
}

/// A message that is none. It names the place, never what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the matcher's message cannot be used: {0}")]
pub struct Unreadable(pub &'static str);

/// An answer that takes a while.
pub type MatcherAnswer<'a> = Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send + 'a>>;

/// A matcher, however it is reached.
pub trait Matcher: Send + Sync {
    /// Asks it. An adapter gives the answer as it came; asking again with the same number must do nothing twice.
    ///
    /// # Errors
    /// When it cannot be reached or does not answer in time: then nothing is known, and the question is asked again.
    fn ask<'a>(&'a self, ask: &'a Ask) -> MatcherAnswer<'a>;
}
