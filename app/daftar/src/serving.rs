//! A running country: the front door, the sequencer, the workers, the housekeeper, until somebody says stop.

use crate::archive::Archive;
use crate::door;
use crate::health::Health;
use crate::housekeeping::Housekeeper;
use crate::installation::Installation;
use crate::services::Services;
use anyhow::Result;
use daftar_cloud::Cloud;
use daftar_cloud::power::Power;
use daftar_http::serve::Door;
use daftar_http::{Executor, Explainer, Pipeline, Routes, Site, serve};
use daftar_identity::People;
use daftar_store::jobs::Worker;
use daftar_ui::RecordClock;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often the pages' clock of the record is set.
const CLOCK_EVERY: Duration = Duration::from_millis(500);

/// Ends when serving is to stop.
pub type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A country being served.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its handlers use.
    pub site: Arc<Site>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Routes of every room and service.
#[must_use]
pub fn routes() -> Routes {
    Services::ALL.routes()
}

/// What carries out each kind of request that two officials have approved.
#[must_use]
pub fn executors() -> BTreeMap<&'static str, Executor> {
    let mut executors = daftar_desk::executors();
    executors.extend(daftar_identity::pages::executors());
    executors.extend(daftar_cloud::pages::executors());
    executors
}

/// What says in words what requests of services ask two officials to approve.
#[must_use]
pub fn explainers() -> BTreeMap<&'static str, Explainer> {
    let mut explainers = daftar_identity::pages::explainers();
    explainers.extend(daftar_cloud::pages::explainers());
    explainers
}

/// What does the jobs of every room and service.
#[must_use]
pub fn worker(site: &Arc<Site>) -> Worker {
    let mut worker = Worker::new();
    daftar_desk::notices::register(&mut worker, site);
    if site.service::<People>().is_some() {
        daftar_identity::notices::register(&mut worker, site);
    }
    if let Some(cloud) = site.service::<Cloud>() {
        daftar_cloud::saga::register(&mut worker, &cloud);
    }
    worker
}

impl Serving {
    /// Starts serving; returns once connections are accepted.
    ///
    /// # Errors
    /// When the address is taken, or the record cannot start.
    pub async fn start(
        installation: &Installation,
        site: Site,
        routes: Routes,
        listen: &str,
    ) -> Result<Self> {
        Self::start_at(installation, site, routes, door::open(listen).await?.into()).await
    }

    /// Starts serving at this door.
    ///
    /// # Errors
    /// When the record cannot start.
    pub async fn start_at(
        installation: &Installation,
        site: Site,
        routes: Routes,
        door: Door,
    ) -> Result<Self> {
        let mut site = site;
        let health = Health::default();
        site.add_service(health.clone());
        let archive = Archive::of(&installation.paths.data, &installation.settings)?;
        if let Some(archive) = &archive {
            site.add_service(archive.clone());
        }
        let site = Arc::new(site);
        // Before anything can publish: an event reaches only handlers that are known by then.
        let worker = worker(&site);
        worker.install(&installation.store).await?;
        let address = door.listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let housekeeper = Housekeeper::new(installation, Arc::clone(&site))?;
        let pipeline = Pipeline::new(routes, Arc::clone(&site));
        let router = serve::router(&pipeline);
        let mut tasks = Vec::new();
        tasks.push(tokio::spawn({
            let stopped = stopped.clone();
            async move {
                if let Err(error) = serve::serve(door, router, stopped).await {
                    tracing::error!(%error, "the listener failed");
                }
            }
        }));
        tasks.push(tokio::spawn({
            let (record, stopped) = (installation.record.clone(), stopped.clone());
            async move { record.run(until(stopped)).await }
        }));
        tasks.push(tokio::spawn(health.keep(Arc::clone(&site), until(stopped.clone()))));
        tasks.push(tokio::spawn(keep_clock(Arc::clone(&site), stopped.clone())));
        tasks.push(tokio::spawn({
            let (store, stopped) = (installation.store.clone(), stopped.clone());
            async move { worker.run(&store, until(stopped)).await }
        }));
        if let Some(power) = site.service::<Power>() {
            let (site, stopped) = (Arc::clone(&site), stopped.clone());
            tasks.push(tokio::spawn(async move { power.run(&site, until(stopped)).await }));
        }
        tasks.push(tokio::spawn({
            let (cloud, stopped) = (site.service::<Cloud>(), stopped.clone());
            async move {
                if let Some(cloud) = cloud {
                    cloud.run(until(stopped)).await;
                }
            }
        }));
        tasks.push(tokio::spawn(housekeeper.run(until(stopped))));
        let mut serving = Self { address, site, stop, tasks };
        if let Some(archive) = archive {
            archive.keep(installation, &mut serving);
        }
        Ok(serving)
    }

    /// Runs something beside it; what it is given ends when serving is to stop.
    pub fn also<F>(&mut self, task: impl FnOnce(Stopped) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stopped: Stopped = Box::pin(until(self.stop.subscribe()));
        self.tasks.push(tokio::spawn(task(stopped)));
    }

    /// Stops: running requests finish, everything else ends between two steps.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a worker did not end well");
            }
        }
    }

    /// Serves until the operator or the system says stop.
    pub async fn until_told(self) {
        wait_for_signal().await;
        self.stop().await;
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is as good as a stop.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Returns when the operator (Ctrl-C) or the system (SIGTERM) says stop.
pub async fn wait_for_signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot listen for SIGTERM");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

async fn keep_clock(site: Arc<Site>, mut stopped: watch::Receiver<bool>) {
    loop {
        match site.record.status().await {
            Ok(status) => {
                // The older of the two logs is what counts: the record is as fresh as its stalest half.
                let published =
                    status.logs.iter().map(|log| log.cosigned_at.or(log.signed_at)).min().flatten();
                let cosigned = status.logs.iter().all(|log| log.cosigned_at.is_some());
                let witnesses = status.logs.first().map_or(0, |log| log.witnesses.len());
                let quorum = u32::from(status.needs_witnesses);
                let seen =
                    if cosigned { u32::try_from(witnesses).unwrap_or(u32::MAX).max(quorum) } else { 0 };
                site.set_record_clock(RecordClock {
                    published,
                    now: site.world().now(),
                    witnesses: seen,
                    quorum,
                });
            }
            Err(error) => tracing::warn!(%error, "the record's state cannot be read"),
        }
        tokio::select! {
            () = tokio::time::sleep(CLOCK_EVERY) => {}
            _ = stopped.changed() => return,
        }
    }
}
