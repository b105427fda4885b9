//! One at a time: within this process nobody works on a resource while somebody else does.

use daftar_kernel::Id;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// Who is at work on what.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<Id, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// Waits until nobody else is at work on it; the turn ends with what is answered.
    pub(crate) async fn take(&self, id: Id) -> OwnedMutexGuard<()> {
        let turn = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Whatever only this list holds, nobody waits for.
            all.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(all.entry(id).or_default())
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_nothing_is_kept() {
        let (turns, id) = (Turns::default(), Id::from_bytes([1; 16]));
        let first = turns.take(id).await;
        let other = turns.take(Id::from_bytes([2; 16])).await;
        let second = turns.take(id);
        let mut second = std::pin::pin!(second);
        assert!(futures_util::FutureExt::now_or_never(second.as_mut()).is_none(), "the first is at work");
        drop(first);
        drop(second.await);
        drop(other);
        drop(turns.take(id).await);
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
