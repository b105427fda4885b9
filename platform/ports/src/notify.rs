//! Telling people: texts per language from the country pack, and the ways they take.
//!
//! A service says *what* it has to tell (a [`Notice`] and the values of its placeholders); the country pack says
//! *how it reads* in each language ([`Template`]); a [`Notifier`] carries the finished [`Message`]: by e-mail
//! ([`smtp::Smtp`]), as a letter on paper ([`letter`]), or into the demo's outbox, which is a page. Nothing here
//! decides *whether* somebody is told, and no service may depend on a person having an e-mail address.

pub mod letter;
mod outbox;
pub mod smtp;
mod template;

use daftar_kernel::{Id, Lang, Timestamp};
use std::future::Future;
use std::pin::Pin;

pub use outbox::{MAX_KEPT, MemoryOutbox};
pub use template::{MAX_TEXT_BYTES, Notice, Template, TemplateFault};

/// The most characters of a subject once it is filled in.
pub const MAX_SUBJECT_CHARS: usize = 200;
/// The most bytes of a body once it is filled in.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Whom a message is for, and where they can be reached.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Recipient {
    /// Name, as on an envelope.
    pub name: String,
    /// E-mail address, if there is one.
    pub email: Option<String>,
    /// Lines of the postal address or of how to find the place, without the name; empty when unknown.
    pub address: Vec<String>,
}

/// A finished message: plain text in one language.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// Its own id; a message that is sent again after a fault keeps it, so that receivers can tell.
    pub id: Id,
    /// When it was written.
    pub at: Timestamp,
    /// Whom it is for.
    pub to: Recipient,
    /// Language, which also says which way it runs.
    pub lang: Lang,
    /// One line.
    pub subject: String,
    /// Text; lines end with `\n`.
    pub body: String,
}

/// Why a message was not delivered. It holds no personal data and may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryFault {
    /// The recipient cannot be reached this way.
    #[error("the recipient has no usable {channel} address")]
    NoAddress {
        /// The way, such as `e-mail`.
        channel: &'static str,
    },
    /// Refused for good, for instance because the mailbox does not exist: sending again is of no use.
    #[error("refused for good by the mail server (code {code})")]
    Refused {
        /// Reply code of the server (RFC 5321 §4.2), or 0 when it gave none.
        code: u16,
    },
    /// Not now: to be tried again later.
    #[error("not accepted now: {reason}")]
    Later {
        /// What happened, for the operator.
        reason: String,
    },
    /// The message itself cannot be sent: control characters in a header, or too long.
    #[error("the message cannot be sent: {0}")]
    Malformed(&'static str),
}

impl DeliveryFault {
    /// Whether it is worth trying again.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Later { .. })
    }
}

/// The outcome of a delivery, some time later.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<(), DeliveryFault>> + Send + 'a>>;

/// A way to reach people.
pub trait Notifier: Send + Sync {
    /// Its name for logs and counts, such as `e-mail`.
    fn channel(&self) -> &'static str;
    /// Hands a message over. `Ok` means that the next station has taken responsibility for it. It may be called
    /// again with the same message after a crash: the message's id stays the same.
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a>;
}

/// Whether a message is fit to be sent: whatever came in through placeholders, no header can be smuggled in.
pub(crate) fn check(message: &Message) -> Result<(), DeliveryFault> {
    let header_safe = |text: &str| !text.chars().any(char::is_control);
    if !header_safe(&message.subject) || !header_safe(&message.to.name) {
        return Err(DeliveryFault::Malformed("control characters in the subject or the name"));
    }
    if message.subject.trim().is_empty() || message.subject.chars().count() > MAX_SUBJECT_CHARS {
        return Err(DeliveryFault::Malformed("the subject is empty or longer than 200 characters"));
    }
    if message.body.len() > MAX_BODY_BYTES {
        return Err(DeliveryFault::Malformed("the body is longer than 64 KiB"));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) fn sample() -> Message {
    Message {
        id: Id::from_parts(1_782_900_000_000, [7; 10]),
        at: Timestamp::from_seconds(1_782_900_000),
        to: Recipient {
            name: "Abeba Tesfaye".into(),
            email: Some("abeba@example.org".into()),
            address: vec!["House 12, old mill road".into(), "Debre Markos".into()],
        },
        lang: Lang::english(),
        subject: "Your activation code".into(),
        body: "Dear Abeba,\n\nyour code is\n\n    4711-0815\n\nThe registry\n".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_stand_in_a_header_is_refused_before_it_is_sent() {
        assert_eq!(check(&sample()), Ok(()));
        for bad in ["a\r\nBcc: all@example.org", "a\nb", "a\u{0}", "", "  ", &"x".repeat(201)] {
            assert!(check(&Message { subject: bad.into(), ..sample() }).is_err(), "{bad:?}");
        }
        assert_eq!(check(&Message { subject: "x".repeat(200), ..sample() }), Ok(()));
        let mut named = sample();
        named.to.name = "A\r\nBcc: x@example.org".into();
        assert!(check(&named).is_err());
        assert!(check(&Message { body: "x".repeat(MAX_BODY_BYTES), ..sample() }).is_ok());
        assert!(check(&Message { body: "x".repeat(MAX_BODY_BYTES + 1), ..sample() }).is_err());
    }

    #[test]
    fn messages_are_plain_data() {
        let json = serde_json::to_string(&sample()).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), sample());
    }
}
