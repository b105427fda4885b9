//! Sagas: the steps that bring one resource from what is to what is wanted.
//!
//! Every step names the state it wants, so a step that was done before a kill is done again with the same end. A saga runs in a
//! job; the round ([`crate::reconcile`]) runs it as well, for what a killed process left, so nothing waits for the job's claim
//! to pass. Before each step it looks whether somebody wants something else meanwhile.

use crate::block;
use crate::cloud::Cloud;
use crate::engine::{Answer, Engine, EngineError, Fence, Instance, Network, State, Volume};
use crate::measure::{Amounts, Measure};
use crate::quota::{self, Quota};
use crate::resource::{self, InstanceSpec, Kind, NetworkSpec, Observed, Resource, Spec, Wanted};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::jobs::{self, Failed, Job, Running, Worker, pause_seconds};
use daftar_store::{StoreError, Tx, params, sql};
use serde_json::json;
use std::collections::BTreeMap;

/// The kind of a saga's jobs.
pub const JOB: &str = "cloud.settle";
/// How often a saga whose engine does not answer comes back by itself, later and later; then the round takes it up.
const QUICK_TRIES: i64 = 5;
/// Longest text of a fault that is kept, in characters.
const FAULT_CHARS: usize = 300;

/// Sets a saga going when the transaction is committed. A snapshot's comes after those of what it is of.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    (agency, project, id): (&str, Id, Id),
    spec: &Spec,
    run_at: Timestamp,
) -> Result<(), Problem> {
    let payload = json!({"agency": agency, "project": project, "resource": id});
    let first = if let Spec::Snapshot(spec) = spec { spec.of } else { id };
    let job = Job { kind: JOB.into(), aggregate: format!("cloud:{first}"), payload, run_at };
    jobs::enqueue(tx, &job).await?;
    Ok(())
}

/// Lets a worker run sagas.
pub fn register(worker: &mut Worker, cloud: &Cloud) {
    let cloud = cloud.clone();
    worker.register(JOB, move |_, job| {
        let cloud = cloud.clone();
        async move { run_job(&cloud, &job).await }
    });
}

async fn run_job(cloud: &Cloud, job: &Running) -> Result<(), Failed> {
    let id = |key: &str| job.payload[key].as_str().and_then(|text| text.parse::<Id>().ok());
    let (Some(project), Some(resource)) = (id("project"), id("resource")) else {
        return Err(Failed::for_good("the job names no resource"));
    };
    let agency = job.payload["agency"].as_str().unwrap_or_default().to_string();
    cloud.settle((agency, project, resource), false).await.map_err(|p| Failed::try_again(p.to_string()))
}

/// A resource with what its steps need to know of the rest of the project.
struct Plan {
    resource: Resource,
    fence: Fence,
    networks: Vec<Network>,
    volumes: Vec<Volume>,
}

/// What came of a saga.
enum Outcome {
    /// The engine has done it; addresses of an instance.
    Reached(Vec<String>),
    /// Somebody wants something else meanwhile: another saga is on its way.
    Overtaken,
    /// The engine did not do it.
    Failed(EngineError),
}

impl Cloud {
    /// Brings a resource to what is wanted. With `even_if_settled` also one the engine was asked for already: it may have lost it.
    ///
    /// # Errors
    /// The store's; what the engine says is written down instead.
    pub(crate) async fn settle(&self, key: (String, Id, Id), even_if_settled: bool) -> Result<(), Problem> {
        let _turn = self.turns().take(key.2).await;
        let Some(plan) = self.plan(&key).await? else { return Ok(()) };
        if !plan.resource.is_under_way() && !even_if_settled {
            return Ok(());
        }
        let outcome = match self.run_steps(&plan).await {
            Ok(outcome) => outcome,
            Err(StepError::Engine(error)) => Outcome::Failed(error),
            Err(StepError::Problem(problem)) => return Err(problem),
        };
        self.write_down(&plan.resource, outcome).await
    }

    async fn plan(&self, (agency, project, id): &(String, Id, Id)) -> Result<Option<Plan>, Problem> {
        let (agency, project, id) = (agency.clone(), *project, *id);
        self.store()
            .read(move |tx| {
                let agency = agency.clone();
                Box::pin(async move {
                    let Some(resource) = resource::find(tx, (&agency, project), id).await? else {
                        return Ok(None);
                    };
                    let around = resource::all(tx, &agency, project).await?;
                    let fence = fence(&quota::all(tx, &agency, project).await?);
                    Ok(Some(plan_of(resource, fence, &around)))
                })
            })
            .await
    }

    /// Whether nobody wants something else meanwhile.
    async fn still(&self, resource: &Resource) -> Result<bool, Problem> {
        let text = sql!(
            "select generation from cloud_resource where agency_id = $1 and project = $2 and id = $3 and gone_at = 0"
        );
        let key = params![&resource.agency, resource.project, resource.id].to_vec();
        let rows = self.store().look_up(text, key).await?;
        let now = rows.first().map(|row| row.get::<i64>(0)).transpose()?;
        Ok(now == Some(resource.generation))
    }

    async fn run_steps(&self, plan: &Plan) -> Result<Outcome, StepError> {
        let engine = self.engine()?.as_ref();
        let resource = &plan.resource;
        for step in plan.steps() {
            if !self.still(resource).await? {
                return Ok(Outcome::Overtaken);
            }
            match step.take(engine, resource).await {
                // What is to go and is not there is gone.
                Err(EngineError::Missing(_)) if resource.wanted == Wanted::Gone => {}
                // What a snapshot is of may be on its way.
                Err(EngineError::Missing(what)) if resource.kind() == Kind::Snapshot => {
                    return Err(EngineError::Gone(format!("{what} is not there yet")).into());
                }
                done => done?,
            }
        }
        let mut addresses = Vec::new();
        if resource.wanted == Wanted::Running {
            addresses = self.seen_running(engine, resource).await?;
        }
        Ok(Outcome::Reached(addresses))
    }

    /// The engine says it runs; believe it only when it is on its list.
    async fn seen_running(&self, engine: &dyn Engine, resource: &Resource) -> Result<Vec<String>, StepError> {
        let seen = engine.inventory(resource.project).await.map_err(|error| match error {
            // It was made a moment ago.
            EngineError::Missing(what) => EngineError::Nonsense(format!("{what} was made, and is not there")),
            other => other,
        })?;
        let found = seen.instances.into_iter().find(|(id, ..)| *id == resource.id);
        match found {
            Some((_, State::Running, addresses)) => Ok(addresses),
            _ => Err(EngineError::Nonsense("it was started, and is not among what runs".into()).into()),
        }
    }

    async fn write_down(&self, resource: &Resource, outcome: Outcome) -> Result<(), Problem> {
        let (cloud, resource) = (self.clone(), resource.clone());
        let (observed, addresses, error) = match outcome {
            Outcome::Overtaken => return Ok(()),
            Outcome::Reached(addresses) => (reached(resource.wanted), addresses.join(" "), None),
            Outcome::Failed(error) => {
                tracing::warn!(%error, resource = %resource.id, "the cloud's engine did not do what is wanted");
                (Observed::Refused, String::new(), Some((error.can_pass(), fault_text(&error))))
            }
        };
        self.store()
            .write(move |tx| {
                let (cloud, resource) = (cloud.clone(), resource.clone());
                let (addresses, error) = (addresses.clone(), error.clone());
                Box::pin(async move {
                    match error {
                        None if resource.wanted == Wanted::Gone => cloud.note_gone(tx, &resource).await,
                        None => note_reached(tx, &resource, observed, &addresses).await,
                        Some((true, fault)) => cloud.note_later(tx, &resource, &fault).await,
                        Some((false, fault)) => note_refused(tx, &resource, &fault).await,
                    }
                })
            })
            .await
    }

    /// It is gone: its row stays for the bill, what it had reserved is given back.
    async fn note_gone(&self, tx: &mut Tx, resource: &Resource) -> Result<(), Problem> {
        let text = sql!(
            "update cloud_resource set gone_at = $5, settled = $4, fault = '', tries = 0, addresses = '' \
             where agency_id = $1 and project = $2 and id = $3 and generation = $4 and gone_at = 0"
        );
        let Resource { agency, project, id, generation, .. } = resource;
        if tx.execute(text, &params![agency, *project, *id, *generation, self.now()]).await? == 1 {
            quota::keep_only(tx, (agency, *project), *id, &Amounts::default()).await?;
            if resource.kind() == Kind::Network {
                block::give_back(tx, *id).await?;
            }
        }
        Ok(())
    }

    /// It may be done later: soon and then later, until the round takes it up.
    async fn note_later(&self, tx: &mut Tx, resource: &Resource, fault: &str) -> Result<(), Problem> {
        let text = sql!(
            "update cloud_resource set fault = $5, tries = tries + 1 \
             where agency_id = $1 and project = $2 and id = $3 and generation = $4 and gone_at = 0 returning tries"
        );
        let Resource { agency, project, id, generation, .. } = resource;
        let row = tx.query_opt(text, &params![agency, *project, *id, *generation, fault]).await?;
        let tries = row.map_or(Ok(i64::MAX), |row| row.get::<i64>(0))?;
        if tries <= QUICK_TRIES {
            let later = self.now().plus_seconds(pause_seconds(tries));
            enqueue(tx, (agency, *project, *id), &resource.spec, later).await?;
        }
        Ok(())
    }
}

async fn note_reached(
    tx: &mut Tx,
    resource: &Resource,
    observed: Observed,
    addresses: &str,
) -> Result<(), Problem> {
    let text = sql!(
        "update cloud_resource set settled = $4, observed = $5, addresses = $6, spec = $7, fault = '', tries = 0 \
         where agency_id = $1 and project = $2 and id = $3 and generation = $4 and gone_at = 0"
    );
    let spec = resource.spec.clone().restored();
    let json = serde_json::to_string(&spec).map_err(Problem::internal)?;
    let Resource { agency, project, id, generation, .. } = resource;
    let params = params![agency, *project, *id, *generation, observed.word(), addresses, json];
    if tx.execute(text, &params).await? == 1 {
        quota::keep_only(tx, (agency, *project), *id, &spec.amounts()).await?;
    }
    Ok(())
}

/// The engine says no for good: that stands until somebody wants something else.
async fn note_refused(tx: &mut Tx, resource: &Resource, fault: &str) -> Result<(), Problem> {
    let text = sql!(
        "update cloud_resource set settled = $4, observed = 'refused', fault = $5, addresses = '' \
         where agency_id = $1 and project = $2 and id = $3 and generation = $4 and gone_at = 0"
    );
    let Resource { agency, project, id, generation, .. } = resource;
    tx.execute(text, &params![agency, *project, *id, *generation, fault]).await?;
    Ok(())
}

/// What stops a step.
enum StepError {
    Engine(EngineError),
    Problem(Problem),
}
impl From<EngineError> for StepError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}
impl From<Problem> for StepError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}
impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Self::Problem(error.into())
    }
}

/// One thing asked of the engine.
enum Step<'p> {
    Room(&'p Fence),
    Network(&'p Network),
    Volume(&'p Volume),
    Restore(Id),
    Instance(Instance),
    Snapshot(Id),
    Remove,
}

impl Plan {
    /// What brings the resource from anything to what is wanted, in order.
    fn steps(&self) -> Vec<Step<'_>> {
        if self.resource.wanted == Wanted::Gone {
            return vec![Step::Remove];
        }
        let mut steps = vec![Step::Room(&self.fence)];
        steps.extend(self.networks.iter().map(Step::Network));
        steps.extend(self.volumes.iter().map(Step::Volume));
        match &self.resource.spec {
            Spec::Instance(spec) => {
                steps.extend(spec.restore.map(Step::Restore));
                steps.push(Step::Instance(instance_of(&self.resource, spec)));
            }
            Spec::Volume(spec) => steps.extend(spec.restore.map(Step::Restore)),
            Spec::Snapshot(spec) => steps.push(Step::Snapshot(spec.of)),
            // It is among the networks of the plan.
            Spec::Network(_) => {}
        }
        steps
    }
}

impl Step<'_> {
    fn take<'e>(&'e self, engine: &'e dyn Engine, resource: &'e Resource) -> Answer<'e, ()> {
        let (project, id) = (resource.project, resource.id);
        match self {
            Self::Room(fence) => engine.project(project, fence),
            Self::Network(network) => engine.network(project, network),
            Self::Volume(volume) => engine.volume(project, volume),
            Self::Restore(kept) => engine.restore(project, id, *kept),
            Self::Instance(instance) => engine.instance(project, instance),
            Self::Snapshot(of) => engine.snapshot(project, *of, id),
            Self::Remove => match &resource.spec {
                Spec::Instance(_) => engine.remove_instance(project, id),
                Spec::Network(_) => engine.remove_network(project, id),
                Spec::Volume(_) => engine.remove_volume(project, id),
                Spec::Snapshot(spec) => engine.remove_snapshot(project, spec.of, id),
            },
        }
    }
}

const fn reached(wanted: Wanted) -> Observed {
    match wanted {
        Wanted::Running => Observed::Running,
        Wanted::Stopped => Observed::Stopped,
        Wanted::Present | Wanted::Gone => Observed::Present,
    }
}

/// What an engine said, short enough to keep and free of what no database holds.
fn fault_text(error: &EngineError) -> String {
    let text = error.to_string();
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(FAULT_CHARS).collect()
}

/// The engine's fence around a project: the quota, as wide as Daftar's own.
fn fence(quotas: &[Quota]) -> Fence {
    let most: BTreeMap<Measure, u64> = quotas
        .iter()
        .map(|quota| (quota.measure, u64::try_from(quota.quota.max(quota.reserved)).unwrap_or(0)))
        .collect();
    let get = |measure| most.get(&measure).copied().unwrap_or(0);
    let small = |amount: u64| u32::try_from(amount).unwrap_or(u32::MAX);
    Fence {
        instances: small(get(Measure::Instances)),
        vcpus: small(get(Measure::Vcpus)),
        memory_mib: get(Measure::MemoryMib),
        disk_mib: get(Measure::DiskMib),
    }
}

fn network_of(id: Id, spec: &NetworkSpec) -> Network {
    let rules = spec.rules.iter().map(Into::into).collect();
    Network { id, block: block::gateway(spec.block), reaches_out: spec.reaches_out, rules }
}

fn plan_of(resource: Resource, fence: Fence, around: &[Resource]) -> Plan {
    let wanted =
        |id: &Id| *id == resource.id || resource.spec.instance().is_some_and(|spec| needs(spec, *id));
    let near = || around.iter().filter(|other| other.wanted != Wanted::Gone && wanted(&other.id));
    let networks =
        near().filter_map(|other| other.spec.network().map(|spec| network_of(other.id, spec))).collect();
    let volumes = near()
        .filter_map(|other| other.spec.volume().map(|spec| Volume { id: other.id, size_mib: spec.size_mib }))
        .collect();
    Plan { fence, networks, volumes, resource }
}

fn needs(spec: &InstanceSpec, id: Id) -> bool {
    spec.networks.contains(&id) || spec.volumes.iter().any(|(volume, _)| *volume == id)
}

fn instance_of(resource: &Resource, spec: &InstanceSpec) -> Instance {
    Instance {
        id: resource.id,
        image: spec.fingerprint.clone(),
        vcpus: spec.vcpus,
        memory_mib: spec.memory_mib,
        disk_mib: spec.disk_mib,
        networks: spec.networks.clone(),
        volumes: spec.volumes.clone(),
        user_data: spec.user_data.clone(),
        running: resource.wanted == Wanted::Running,
    }
}
