//! Settling a demo country: made-up people, registered in bulk with everything a real one gets.

use crate::enroll::Newcomer;
use crate::people::{Desk, People};
use crate::population::{MadeUp, Population, Recipe};
use crate::version::Cause;
use daftar_kernel::{Id, Problem};
use tokio::sync::mpsc::Sender;

/// People of one transaction.
pub const SETTLE_BATCH: usize = 500;

/// One settled person, for the demo's list of people to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The person, inside this service.
    pub person: Id,
    /// Their place in the population, from 0.
    pub number: u64,
}

impl People {
    /// Registers the first `count` people of a recipe, in the name of a desk; `progress` is called with the
    /// number after every batch. Answers the first `keep` of them.
    ///
    /// # Errors
    /// When the recipe has no names or places, or makes somebody the rules refuse; the store's.
    pub async fn settle(
        &self,
        desk: &Desk,
        recipe: Recipe,
        (count, keep): (u64, usize),
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<Settled>, Problem> {
        let population =
            Population::new(recipe).ok_or_else(|| Problem::internal("a recipe without names or places"))?;
        let (sender, mut batches) = tokio::sync::mpsc::channel(2);
        let people = self.clone();
        // Making people up and hashing their keys takes as long as writing them: it runs beside it.
        let making = tokio::task::spawn_blocking(move || people.make(population, count, &sender));
        let (mut settled, mut number) = (Vec::new(), 0);
        while let Some(batch) = batches.recv().await {
            let enrolled = self.settle_batch(desk, batch).await?;
            for person in enrolled {
                if settled.len() < keep {
                    settled.push(Settled { person, number });
                }
                number += 1;
            }
            progress(number);
        }
        making.await.map_err(Problem::internal)??;
        Ok(settled)
    }

    async fn settle_batch(&self, desk: &Desk, batch: Vec<Newcomer>) -> Result<Vec<Id>, Problem> {
        let (people, desk) = (self.clone(), desk.clone());
        self.store
            .write(move |tx| {
                let (people, desk, batch) = (people.clone(), desk.clone(), batch.clone());
                Box::pin(async move {
                    let enrolled = people.enroll(tx, &desk, &batch).await?;
                    Ok(enrolled.into_iter().map(|one| one.person).collect())
                })
            })
            .await
    }

    fn make(
        &self,
        population: Population,
        count: u64,
        batches: &Sender<Vec<Newcomer>>,
    ) -> Result<(), Problem> {
        let mut batch = Vec::with_capacity(SETTLE_BATCH);
        let count = usize::try_from(count).map_err(Problem::internal)?;
        for MadeUp { entry, slip } in population.take(count) {
            let person = self.check(&entry)?;
            let despite = if slip { "made up as a duplicate to be found" } else { "" };
            batch.push(self.newcomer(person, Cause::MadeUp, despite, "made up for the demo country")?);
            if batch.len() == SETTLE_BATCH && batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                // The writer has stopped, and says why.
                return Ok(());
            }
        }
        if !batch.is_empty() {
            let _ = batches.blocking_send(batch);
        }
        Ok(())
    }
}
