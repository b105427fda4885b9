//! A bounded queue between async tasks, which never wait to put something in, and threads, which wait to take it out.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Why something was not taken in; it is handed back.
#[derive(Debug)]
pub(crate) enum Refused<T> {
    Full(T),
    Closed(T),
}

/// A first-in-first-out queue with a limit.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    limit: usize,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    closed: bool,
    /// Threads that wait: waking costs a call to the system even when there are none.
    waiting: usize,
}

impl<T> Queue<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            state: Mutex::new(State { items: VecDeque::new(), closed: false, waiting: 0 }),
            filled: Condvar::new(),
            limit,
        }
    }
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing below can panic while it holds the lock, so a poisoned state is still a sound one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Puts one in, or hands it back at once.
    pub(crate) fn put(&self, item: T) -> Result<(), Refused<T>> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed(item));
        }
        if state.items.len() >= self.limit {
            return Err(Refused::Full(item));
        }
        state.items.push_back(item);
        let waits = state.waiting > 0;
        drop(state);
        if waits {
            self.filled.notify_one();
        }
        Ok(())
    }
    /// Waits for something and moves up to `most` of it to `into`; false when the queue is closed and empty.
    pub(crate) fn take(&self, into: &mut Vec<T>, most: usize) -> bool {
        let mut state = self.lock();
        while state.items.is_empty() {
            if state.closed {
                return false;
            }
            state.waiting += 1;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        let count = state.items.len().min(most);
        into.extend(state.items.drain(..count));
        true
    }
    /// Takes nothing more in. What is inside can still be taken out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }
    /// Everything that is inside now.
    pub(crate) fn drain(&self) -> Vec<T> {
        self.lock().items.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_its_limit_and_not_one_more() {
        let queue = Queue::new(2);
        assert!(queue.put(1).is_ok() && queue.put(2).is_ok());
        assert!(matches!(queue.put(3), Err(Refused::Full(3))));
        let mut out = Vec::new();
        assert!(queue.take(&mut out, 1));
        assert_eq!(out, [1]);
        assert!(queue.put(3).is_ok());
        queue.close();
        assert!(matches!(queue.put(4), Err(Refused::Closed(4))));
        assert!(queue.take(&mut out, 9));
        assert_eq!(out, [1, 2, 3]);
        assert!(!queue.take(&mut out, 9));
    }
}
