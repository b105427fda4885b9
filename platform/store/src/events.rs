//! Events: how one service learns what happened in another, exactly once, without knowing it.
//!
//! [`publish`] writes, in the publisher's transaction, one delivery for every handler that has subscribed: a job of
//! the kind `event/<handler>`, in order for each handler and aggregate. The delivery is the handler's inbox: it is
//! deleted in the same transaction in which the handler changes its own tables.

use crate::jobs::{self, Done, Failed, Job, Worker};
use crate::{BoxFuture, Store, StoreError, Tx, params, sql};
use daftar_kernel::{Id, Timestamp};
use std::sync::Arc;

/// Something that happened. Its body is JSON that only grows: a new version adds fields and takes none away.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// What: `identity.person-registered`.
    pub name: String,
    /// The version of its body, from 1.
    pub version: u32,
    /// What it concerns, in the publisher's words and with the tokens of whoever may read it.
    pub aggregate: String,
    /// The details: ids and codes, no personal data.
    pub body: serde_json::Value,
}

/// An event in a handler's hands.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered {
    /// The event's id, the same for all handlers.
    pub id: Id,
    /// When it was published.
    pub at: Timestamp,
    /// The event.
    pub event: Event,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Envelope {
    id: Id,
    at: Timestamp,
    event: Event,
}

/// Publishes an event to all handlers that have subscribed so far; it reaches them after this transaction.
///
/// # Errors
/// When it is larger than a job may be; the store's.
pub async fn publish(tx: &mut Tx, event: &Event) -> Result<(), StoreError> {
    let handlers = sql!("select handler from store_subscription where event = $1 order by handler");
    let handlers = tx.query(handlers, &params![&event.name]).await?;
    let envelope = Envelope { id: tx.world().id(), at: tx.world().now(), event: event.clone() };
    let payload = serde_json::to_value(&envelope).map_err(|e| StoreError::malformed("an event", e))?;
    for row in &handlers {
        let handler: &str = row.get(0)?;
        let job = Job {
            kind: kind_of(handler),
            aggregate: format!("{}/{}", kind_of(handler), event.aggregate),
            payload: payload.clone(),
            run_at: envelope.at,
        };
        jobs::enqueue(tx, &job).await?;
    }
    Ok(())
}

fn kind_of(handler: &str) -> String {
    format!("event/{handler}")
}

/// Takes back a handler's subscriptions and drops what was still to be delivered to it: for a handler that a new
/// release no longer has.
///
/// # Errors
/// The store's.
pub async fn unsubscribe(tx: &mut Tx, handler: &str) -> Result<(), StoreError> {
    tx.execute(sql!("delete from store_subscription where handler = $1"), &params![handler]).await?;
    tx.execute(sql!("delete from store_job where kind = $1"), &params![kind_of(handler)]).await.map(|_| ())
}

impl Worker {
    /// Has `handler` called for every event of this name, each time in one write transaction of its own, exactly
    /// once. The handler's name must never change: `tax.on-person-registered`. One handler name per event name.
    ///
    /// The closure may run more than once (see [`Store::write`]) and may await only its transaction.
    pub fn subscribe<F>(&mut self, handler_name: &str, event_name: &str, handler: F)
    where
        F: for<'t> Fn(&'t mut Tx, Delivered) -> BoxFuture<'t, Result<(), StoreError>> + Send + Sync + 'static,
    {
        let handler = Arc::new(handler);
        self.subscriptions.push((event_name.into(), handler_name.into()));
        self.register_raw(&kind_of(handler_name), move |store, job| {
            let handler = Arc::clone(&handler);
            Box::pin(async move {
                let envelope: Envelope = serde_json::from_value(job.payload.clone())
                    .map_err(|e| Failed::for_good(format!("the event does not parse: {e}")))?;
                let delivered = Delivered { id: envelope.id, at: envelope.at, event: envelope.event };
                store
                    .write(move |tx| {
                        let (handler, job) = (Arc::clone(&handler), job.clone());
                        let delivered = delivered.clone();
                        Box::pin(async move {
                            // Gone means: another worker has applied it.
                            if job.finish(tx).await? { handler(tx, delivered).await } else { Ok(()) }
                        })
                    })
                    .await
                    .map(|()| Done::Deleted)
                    .map_err(|e: StoreError| Failed::from(e))
            })
        });
    }

    /// Makes the subscriptions known to publishers. Call it before anything can publish; an event published before
    /// a handler's first installation does not reach it.
    ///
    /// # Errors
    /// The store's.
    pub async fn install(&self, store: &Store) -> Result<(), StoreError> {
        let subscriptions = self.subscriptions.clone();
        store
            .write(move |tx| {
                let subscriptions = subscriptions.clone();
                Box::pin(async move {
                    let text = sql!(
                        "insert into store_subscription (event, handler) values ($1, $2)
                         on conflict (event, handler) do nothing"
                    );
                    for (event, handler) in subscriptions {
                        tx.execute(text, &params![event, handler]).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
