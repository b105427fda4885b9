//! An engine in memory: no computer is made. It passes the contract tests that LXD passes and serves where LXD is not
//! there; [`About::simulated`] makes every page say so.
//!
//! It counts as if each running instance used a twentieth of each of its processors, half of its memory and a quarter of
//! its disk, and sent a kilobyte a second. What ends with the process is everything: the reconciler orders it again.

use super::{
    About, Answer, Engine, EngineError, Fence, Instance, Inventory, Network, SAID_LIMIT, Said, State, Usage,
    Volume,
};
use daftar_kernel::{Id, Timestamp, World};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The images it pretends to have.
const IMAGES: [(&str, &str); 2] = [
    ("5d00000000000000000000000000000000000000000000000000000000000001", "Simulated Debian 12"),
    ("5d00000000000000000000000000000000000000000000000000000000000002", "Simulated BusyBox"),
];

/// The engine in memory.
pub struct Simulator {
    world: World,
    rooms: Mutex<BTreeMap<Id, Room>>,
}

struct Room {
    fence: Fence,
    networks: BTreeMap<Id, Network>,
    volumes: BTreeMap<Id, Volume>,
    instances: BTreeMap<Id, Computer>,
    /// Snapshots: of what, and how that was.
    snapshots: BTreeMap<Id, (Id, Kept)>,
}

/// What a snapshot keeps of the thing it is of.
#[derive(Clone)]
enum Kept {
    Instance(Instance),
    Volume(Volume),
}

struct Computer {
    wanted: Instance,
    /// Since when it runs; none: it does not.
    since: Option<Timestamp>,
}

fn refused<T>(why: impl Into<String>) -> Result<T, EngineError> {
    Err(EngineError::Refused(why.into()))
}

impl Simulator {
    /// An empty one.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self { world, rooms: Mutex::new(BTreeMap::new()) }
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeMap<Id, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something in a project's room and answers at once.
    fn within<'a, T: Send + 'a>(
        &'a self,
        project: Id,
        act: impl FnOnce(&mut Room) -> Result<T, EngineError>,
    ) -> Answer<'a, T> {
        let done = match self.rooms().get_mut(&project) {
            Some(room) => act(room),
            None => Err(EngineError::Missing(format!("project {project}"))),
        };
        answer(done)
    }
}

fn answer<'a, T: Send + 'a>(done: Result<T, EngineError>) -> Answer<'a, T> {
    Box::pin(std::future::ready(done))
}

impl Room {
    fn new(fence: Fence) -> Self {
        Self {
            fence,
            networks: BTreeMap::new(),
            volumes: BTreeMap::new(),
            instances: BTreeMap::new(),
            snapshots: BTreeMap::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.networks.is_empty() && self.volumes.is_empty() && self.instances.is_empty()
    }

    /// Whether everything, with this instance as wanted and these volumes, keeps inside a fence.
    fn check(
        &self,
        fence: &Fence,
        new: Option<&Instance>,
        volume: Option<&Volume>,
    ) -> Result<(), EngineError> {
        let others =
            self.instances.values().map(|c| &c.wanted).filter(|old| new.is_none_or(|new| new.id != old.id));
        let all: Vec<&Instance> = others.chain(new).collect();
        let volumes =
            self.volumes.values().filter(|old| volume.is_none_or(|new| new.id != old.id)).chain(volume);
        let disk = all.iter().map(|i| i.disk_mib).chain(volumes.map(|v| v.size_mib)).sum::<u64>();
        let sums = [
            ("instances", all.len() as u64, u64::from(fence.instances)),
            ("vCPUs", all.iter().map(|i| u64::from(i.vcpus)).sum(), u64::from(fence.vcpus)),
            ("memory", all.iter().map(|i| i.memory_mib).sum(), fence.memory_mib),
            ("disk", disk, fence.disk_mib),
        ];
        match sums.iter().find(|(_, sum, most)| sum > most) {
            Some((what, sum, most)) => refused(format!("{sum} of {what} is above the project's {most}")),
            None => Ok(()),
        }
    }

    fn keep_instance(&mut self, instance: &Instance, now: Timestamp) -> Result<(), EngineError> {
        if !IMAGES.iter().any(|(fingerprint, _)| *fingerprint == instance.image) {
            return Err(EngineError::Missing(format!("image {}", instance.image)));
        }
        if let Some(missing) = instance.networks.iter().find(|id| !self.networks.contains_key(id)) {
            return refused(format!("the project has no network {missing}"));
        }
        if let Some((missing, _)) = instance.volumes.iter().find(|(id, _)| !self.volumes.contains_key(id)) {
            return refused(format!("the project has no volume {missing}"));
        }
        self.check(&self.fence, Some(instance), None)?;
        let since = self.instances.get(&instance.id).and_then(|old| old.since);
        if let Some(old) = self.instances.get(&instance.id)
            && old.wanted.image != instance.image
        {
            return refused("an instance keeps the image it was made from");
        }
        let since = if instance.running { since.or(Some(now)) } else { None };
        self.instances.insert(instance.id, Computer { wanted: instance.clone(), since });
        Ok(())
    }

    fn restore(&mut self, of: Id, snapshot: Id) -> Result<(), EngineError> {
        let Some((_, kept)) = self.snapshots.get(&snapshot).filter(|(whose, _)| *whose == of) else {
            return Err(EngineError::Missing(format!("snapshot {snapshot}")));
        };
        match kept.clone() {
            Kept::Volume(volume) => {
                self.volumes.insert(of, volume);
            }
            Kept::Instance(instance) => {
                if self.instances.get(&of).is_some_and(|computer| computer.since.is_some()) {
                    return refused("the instance runs: it must be stopped first");
                }
                self.instances
                    .insert(of, Computer { wanted: Instance { running: false, ..instance }, since: None });
            }
        }
        Ok(())
    }

    /// The address its DHCP would give: the instance's place among all that were made, after the gateway.
    fn address(&self, network: Id, instance: Id) -> Option<String> {
        let block = &self.networks.get(&network)?.block;
        let gateway: Ipv4Addr = block.split('/').next()?.parse().ok()?;
        let place = self.instances.keys().position(|id| *id == instance)?;
        let offset = u32::try_from(place).ok()?.checked_add(1)?;
        Some(Ipv4Addr::from(u32::from(gateway).checked_add(offset)?).to_string())
    }

    fn inventory(&self) -> Inventory {
        let instances = self.instances.iter().map(|(id, computer)| {
            let running = computer.since.is_some();
            let networks = computer.wanted.networks.iter().filter(|_| running);
            let state = if running { State::Running } else { State::Stopped };
            (*id, state, networks.filter_map(|network| self.address(*network, *id)).collect())
        });
        Inventory {
            instances: instances.collect(),
            networks: self.networks.keys().copied().collect(),
            volumes: self.volumes.keys().copied().collect(),
            snapshots: self.snapshots.iter().map(|(id, (of, _))| (*id, *of)).collect(),
        }
    }
}

fn usage(project: Id, instance: Id, computer: &Computer, now: Timestamp) -> Usage {
    let wanted = &computer.wanted;
    let ran_us = computer.since.map_or(0, |since| u64::try_from(now.0.saturating_sub(since.0)).unwrap_or(0));
    let running = computer.since.is_some();
    Usage {
        project,
        instance,
        state: if running { State::Running } else { State::Stopped },
        vcpus: wanted.vcpus,
        memory_mib: wanted.memory_mib,
        disk_mib: wanted.disk_mib,
        cpu_ns: ran_us.saturating_mul(50).saturating_mul(u64::from(wanted.vcpus)),
        memory_bytes: if running { wanted.memory_mib.saturating_mul(1 << 19) } else { 0 },
        disk_bytes: Some(wanted.disk_mib.saturating_mul(1 << 18)),
        received_bytes: ran_us / 2000,
        sent_bytes: ran_us / 1000,
    }
}

/// The few commands a simulated computer knows.
fn said(command: &[String]) -> Said {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let (status, mut out, err) = match words.as_slice() {
        ["echo", words @ ..] => (0, format!("{}\n", words.join(" ")), String::new()),
        ["true"] => (0, String::new(), String::new()),
        ["false"] => (1, String::new(), String::new()),
        _ => (127, String::new(), "a simulated computer knows only echo, true and false\n".into()),
    };
    while out.len() > SAID_LIMIT {
        out.pop();
    }
    Said { status, out, err }
}

impl Engine for Simulator {
    fn about(&self) -> Answer<'_, About> {
        answer(Ok(About {
            name: "simulator".into(),
            version: "1".into(),
            simulated: true,
            lacks: vec!["everything: no computer is really made".into()],
        }))
    }
    fn images(&self) -> Answer<'_, Vec<(String, String)>> {
        answer(Ok(IMAGES.map(|(fingerprint, said)| (fingerprint.into(), said.into())).to_vec()))
    }
    fn project<'a>(&'a self, project: Id, fence: &'a Fence) -> Answer<'a, ()> {
        let mut rooms = self.rooms();
        let room = rooms.entry(project).or_insert_with(|| Room::new(fence.clone()));
        let done = room.check(fence, None, None);
        if done.is_ok() {
            room.fence = fence.clone();
        }
        answer(done)
    }
    fn remove_project(&self, project: Id) -> Answer<'_, ()> {
        let mut rooms = self.rooms();
        if rooms.get(&project).is_some_and(|room| !room.is_empty()) {
            return answer(refused("the project is not empty"));
        }
        rooms.remove(&project);
        answer(Ok(()))
    }
    fn projects(&self) -> Answer<'_, Vec<Id>> {
        answer(Ok(self.rooms().keys().copied().collect()))
    }
    fn network<'a>(&'a self, project: Id, network: &'a Network) -> Answer<'a, ()> {
        if self.rooms().iter().any(|(id, room)| *id != project && room.networks.contains_key(&network.id)) {
            return answer(refused("a bridge of that name belongs to something else"));
        }
        self.within(project, |room| {
            room.networks.insert(network.id, network.clone());
            Ok(())
        })
    }
    fn remove_network(&self, project: Id, network: Id) -> Answer<'_, ()> {
        self.within(project, |room| {
            if room.instances.values().any(|computer| computer.wanted.networks.contains(&network)) {
                return refused("instances are still attached to the network");
            }
            room.networks.remove(&network);
            Ok(())
        })
    }
    fn volume<'a>(&'a self, project: Id, volume: &'a Volume) -> Answer<'a, ()> {
        self.within(project, |room| {
            room.check(&room.fence, None, Some(volume))?;
            room.volumes.insert(volume.id, volume.clone());
            Ok(())
        })
    }
    fn remove_volume(&self, project: Id, volume: Id) -> Answer<'_, ()> {
        self.within(project, |room| {
            if room.instances.values().any(|c| c.wanted.volumes.iter().any(|(id, _)| *id == volume)) {
                return refused("an instance still has the volume");
            }
            room.volumes.remove(&volume);
            room.snapshots.retain(|_, (of, _)| *of != volume);
            Ok(())
        })
    }
    fn instance<'a>(&'a self, project: Id, instance: &'a Instance) -> Answer<'a, ()> {
        let now = self.world.now();
        self.within(project, |room| room.keep_instance(instance, now))
    }
    fn remove_instance(&self, project: Id, instance: Id) -> Answer<'_, ()> {
        self.within(project, |room| {
            room.instances.remove(&instance);
            room.snapshots.retain(|_, (of, _)| *of != instance);
            Ok(())
        })
    }
    fn snapshot(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()> {
        self.within(project, |room| {
            let instance = room.instances.get(&of).map(|computer| Kept::Instance(computer.wanted.clone()));
            let volume = room.volumes.get(&of).map(|volume| Kept::Volume(volume.clone()));
            let Some(kept) = instance.or(volume) else { return Err(EngineError::Missing(format!("{of}"))) };
            room.snapshots.entry(snapshot).or_insert((of, kept));
            Ok(())
        })
    }
    fn restore(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()> {
        self.within(project, |room| room.restore(of, snapshot))
    }
    fn remove_snapshot(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()> {
        self.within(project, |room| {
            if room.snapshots.get(&snapshot).is_some_and(|(whose, _)| *whose == of) {
                room.snapshots.remove(&snapshot);
            }
            Ok(())
        })
    }
    fn run<'a>(&'a self, project: Id, instance: Id, command: &'a [String], _: u32) -> Answer<'a, Said> {
        self.within(project, |room| match room.instances.get(&instance) {
            None => Err(EngineError::Missing(format!("instance {instance}"))),
            Some(computer) if computer.since.is_none() => refused("the instance does not run"),
            Some(_) => Ok(said(command)),
        })
    }
    fn inventory(&self, project: Id) -> Answer<'_, Inventory> {
        self.within(project, |room| Ok(room.inventory()))
    }
    fn usage(&self) -> Answer<'_, Vec<Usage>> {
        let now = self.world.now();
        let rooms = self.rooms();
        let all = rooms.iter().flat_map(|(project, room)| {
            room.instances.iter().map(|(id, computer)| usage(*project, *id, computer, now))
        });
        answer(Ok(all.collect()))
    }
}
