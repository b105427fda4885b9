//! The simulator, made moody: gone, refusing, lying, or killed after so many calls.

use daftar_cloud::engine::simulator::Simulator;
use daftar_cloud::engine::{
    About, Answer, Engine, EngineError, Fence, Instance, Inventory, Network, Said, State, Usage, Volume,
};
use daftar_kernel::{Id, World};
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

/// How it feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// It answers nobody.
    Gone,
    /// It says no to whatever would change something.
    Refusing,
    /// It says yes to whatever would change something, and does nothing.
    Lying,
}

pub struct Moody {
    pub inner: Simulator,
    mood: AtomicU8,
    /// Calls that change something until it is gone; negative: never.
    calls_left: AtomicI64,
}

impl Moody {
    pub fn new(world: &World) -> Self {
        Self { inner: Simulator::new(world.clone()), mood: AtomicU8::new(0), calls_left: AtomicI64::new(-1) }
    }
    pub fn feel(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }
    /// Gone after so many calls that change something: the last of them is done, and its answer is lost.
    pub fn gone_after(&self, calls: i64) {
        self.feel(Mood::Well);
        self.calls_left.store(calls, Ordering::SeqCst);
    }
    pub fn well(&self) {
        self.feel(Mood::Well);
        self.calls_left.store(-1, Ordering::SeqCst);
    }
    fn is(&self, mood: Mood) -> bool {
        self.mood.load(Ordering::SeqCst) == mood as u8
    }

    fn change<'a>(&'a self, call: Answer<'a, ()>) -> Answer<'a, ()> {
        Box::pin(async move {
            if self.is(Mood::Gone) || self.calls_left.load(Ordering::SeqCst) == 0 {
                return Err(gone());
            }
            if self.is(Mood::Refusing) {
                return Err(EngineError::Refused("a test".into()));
            }
            if self.is(Mood::Lying) {
                return Ok(());
            }
            let done = call.await;
            if self.calls_left.load(Ordering::SeqCst) > 0
                && self.calls_left.fetch_sub(1, Ordering::SeqCst) == 1
            {
                return Err(gone());
            }
            done
        })
    }

    fn look<'a, T: Send + 'a>(&'a self, call: Answer<'a, T>) -> Answer<'a, T> {
        Box::pin(async move {
            if self.is(Mood::Gone) || self.calls_left.load(Ordering::SeqCst) == 0 {
                return Err(gone());
            }
            call.await
        })
    }

    /// The instances of a project that run.
    pub async fn running(&self, project: Id) -> Vec<Id> {
        let seen = self.inner.inventory(project).await.unwrap_or_default();
        let running = seen.instances.into_iter().filter(|(_, state, _)| *state == State::Running);
        running.map(|(id, ..)| id).collect()
    }
}

fn gone() -> EngineError {
    EngineError::Gone("a test".into())
}

impl Engine for Moody {
    fn about(&self) -> Answer<'_, About> {
        self.look(self.inner.about())
    }
    fn images(&self) -> Answer<'_, Vec<(String, String)>> {
        self.look(self.inner.images())
    }
    fn project<'a>(&'a self, project: Id, fence: &'a Fence) -> Answer<'a, ()> {
        self.change(self.inner_later(move |inner| inner.project(project, fence)))
    }
    fn remove_project(&self, project: Id) -> Answer<'_, ()> {
        self.change(self.inner_later(move |inner| inner.remove_project(project)))
    }
    fn projects(&self) -> Answer<'_, Vec<Id>> {
        self.look(self.inner.projects())
    }
    fn network<'a>(&'a self, project: Id, network: &'a Network) -> Answer<'a, ()> {
        self.change(self.inner_later(move |inner| inner.network(project, network)))
    }
    fn remove_network(&self, project: Id, network: Id) -> Answer<'_, ()> {
        self.change(self.inner_later(move |inner| inner.remove_network(project, network)))
    }
    fn volume<'a>(&'a self, project: Id, volume: &'a Volume) -> Answer<'a, ()> {
        self.change(self.inner_later(move |inner| inner.volume(project, volume)))
    }
    fn remove_volume(&self, project: Id, volume: Id) -> Answer<'_, ()> {
        self.change(self.inner_later(move |inner| inner.remove_volume(project, volume)))
    }
    fn instance<'a>(&'a self, project: Id, instance: &'a Instance) -> Answer<'a, ()> {
        self.change(self.inner_later(move |inner| inner.instance(project, instance)))
    }
    fn remove_instance(&self, project: Id, instance: Id) -> Answer<'_, ()> {
        self.change(self.inner_later(move |inner| inner.remove_instance(project, instance)))
    }
    fn snapshot(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()> {
        self.change(self.inner_later(move |inner| inner.snapshot(project, of, snapshot)))
    }
    fn restore(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()> {
        self.change(self.inner_later(move |inner| inner.restore(project, of, snapshot)))
    }
    fn remove_snapshot(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()> {
        self.change(self.inner_later(move |inner| inner.remove_snapshot(project, of, snapshot)))
    }
    fn run<'a>(&'a self, project: Id, instance: Id, command: &'a [String], seconds: u32) -> Answer<'a, Said> {
        self.look(self.inner.run(project, instance, command, seconds))
    }
    fn inventory(&self, project: Id) -> Answer<'_, Inventory> {
        self.look(self.inner.inventory(project))
    }
    fn usage(&self) -> Answer<'_, Vec<Usage>> {
        self.look(self.inner.usage())
    }
}

impl Moody {
    /// The simulator acts when it is called, not when it is awaited: here it acts when it is awaited.
    fn inner_later<'a>(
        &'a self,
        call: impl FnOnce(&'a Simulator) -> Answer<'a, ()> + Send + 'a,
    ) -> Answer<'a, ()> {
        Box::pin(async move { call(&self.inner).await })
    }
}
