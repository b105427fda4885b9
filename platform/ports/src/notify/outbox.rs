//! An outbox in memory: the demo shows it as a page, tests look into it.

use super::{Delivery, Message, Notifier, check};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The most messages that are kept; the oldest go first.
pub const MAX_KEPT: usize = 1_000;

/// Keeps messages instead of sending them. Copies share one outbox.
#[derive(Clone, Default)]
pub struct MemoryOutbox(Arc<Mutex<VecDeque<Message>>>);

impl MemoryOutbox {
    /// An empty outbox.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// The newest messages first, at most `count`.
    #[must_use]
    pub fn newest(&self, count: usize) -> Vec<Message> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().take(count).cloned().collect()
    }
    fn keep(&self, message: &Message) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Delivered again after a fault: it is the same message.
        if kept.iter().any(|old| old.id == message.id) {
            return;
        }
        if kept.len() >= MAX_KEPT {
            kept.pop_front();
        }
        kept.push_back(message.clone());
    }
}

impl Notifier for MemoryOutbox {
    fn channel(&self) -> &'static str {
        "outbox"
    }
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(async move {
            check(message)?;
            self.keep(message);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use daftar_kernel::Id;

    #[tokio::test]
    async fn keeps_the_newest_once_each_up_to_its_limit() {
        let outbox = MemoryOutbox::new();
        for number in 0..=u64::try_from(MAX_KEPT).unwrap() {
            let message = Message { id: Id::from_parts(number, [0; 10]), ..sample() };
            outbox.deliver(&message).await.unwrap();
            outbox.clone().deliver(&message).await.unwrap();
        }
        let all = outbox.newest(usize::MAX);
        assert_eq!(all.len(), MAX_KEPT);
        assert_eq!(all[0].id, Id::from_parts(1000, [0; 10]));
        assert_eq!(outbox.newest(2).len(), 2);
        assert!(outbox.deliver(&Message { subject: "a\nb".into(), ..sample() }).await.is_err());
    }
}
