//! What every engine does alike, on the simulator and on LXD.

use crate::fixture::{driver, fence, id, instance, network};
use daftar_cloud::engine::simulator::Simulator;
use daftar_cloud::engine::{Engine, EngineError, Fence, Instance, Inventory, Rule, State, Volume};
use daftar_testing::{Lxd, world};

/// The projects of these tests: ours, and somebody else's.
const OURS: u8 = 1;
const THEIRS: u8 = 2;

#[tokio::test]
async fn the_simulator_keeps_the_contract() {
    let (world, clock) = world();
    let engine = Simulator::new(world);
    let image = engine.images().await.unwrap().first().unwrap().0.clone();
    assert!(engine.about().await.unwrap().simulated);
    keeps_the_contract(&engine, &image, || clock.advance_seconds(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lxd_keeps_the_contract() {
    let Some(lxd) = Lxd::start(2048) else { return };
    let engine = driver(&lxd);
    let about = engine.about().await.unwrap();
    assert!(!about.simulated && about.name == "lxd" && about.version.starts_with("5."), "{about:?}");
    assert!(about.lacks.iter().all(|lack| !lack.contains("disk quota")), "{about:?}");
    keeps_the_contract(&engine, lxd.image(), || ()).await;
}

async fn keeps_the_contract(engine: &dyn Engine, image: &str, later: impl Fn()) {
    projects(engine).await;
    networks_and_volumes(engine).await;
    instances(engine, image).await;
    counts(engine, later).await;
    snapshots(engine, image).await;
    refusals(engine, image).await;
    everything_goes(engine).await;
}

fn is_refused<T>(answer: &Result<T, EngineError>) -> bool {
    matches!(answer, Err(EngineError::Refused(_)))
}

fn is_missing<T>(answer: &Result<T, EngineError>) -> bool {
    matches!(answer, Err(EngineError::Missing(_)))
}

async fn projects(engine: &dyn Engine) {
    assert_eq!(engine.projects().await.unwrap(), []);
    let small = Fence { instances: 1, ..fence() };
    for project in [OURS, OURS, THEIRS] {
        engine.project(id(project), &small).await.unwrap();
    }
    for _ in 0..2 {
        engine.project(id(OURS), &fence()).await.unwrap();
    }
    assert_eq!(engine.projects().await.unwrap(), [id(OURS), id(THEIRS)]);
    assert_eq!(engine.inventory(id(OURS)).await.unwrap(), Inventory::default());
    assert!(is_missing(&engine.inventory(id(99)).await), "a project that is not there is not an empty one");
}

async fn networks_and_volumes(engine: &dyn Engine) {
    let mut inner = network(10, "10.64.3.1/24");
    for _ in 0..2 {
        engine.network(id(OURS), &inner).await.unwrap();
    }
    inner.rules.push(Rule {
        incoming: true,
        protocol: "tcp".into(),
        peer: "10.64.4.0/24".into(),
        ports: "8000-8010".into(),
    });
    inner.reaches_out = true;
    for _ in 0..2 {
        engine.network(id(OURS), &inner).await.unwrap();
    }
    engine.network(id(THEIRS), &network(11, "10.64.4.1/24")).await.unwrap();
    assert!(is_refused(&engine.network(id(THEIRS), &inner).await), "a network of another project");
    for size_mib in [32, 32, 64] {
        engine.volume(id(OURS), &Volume { id: id(20), size_mib }).await.unwrap();
    }
    let all = engine.inventory(id(OURS)).await.unwrap();
    assert_eq!((all.networks, all.volumes), (vec![id(10)], vec![id(20)]));
}

/// The computer of these tests, with all it can have.
fn computer(image: &str) -> Instance {
    Instance {
        networks: vec![id(10)],
        volumes: vec![(id(20), "/data".into())],
        user_data: "#cloud-config\n".into(),
        ..instance(30, image)
    }
}

async fn instances(engine: &dyn Engine, image: &str) {
    let mut wanted = computer(image);
    wanted.running = false;
    let state = async || engine.inventory(id(OURS)).await.unwrap().instances.first().unwrap().1;
    for _ in 0..2 {
        engine.instance(id(OURS), &wanted).await.unwrap();
    }
    assert_eq!(state().await, State::Stopped);
    let echo = ["echo".to_string(), "good".into(), "day".into()];
    assert!(is_refused(&engine.run(id(OURS), id(30), &echo, 10).await), "it does not run");
    wanted.running = true;
    for memory_mib in [100, 100, 200] {
        wanted.memory_mib = memory_mib;
        engine.instance(id(OURS), &wanted).await.unwrap();
        assert_eq!(state().await, State::Running);
    }
    let said = engine.run(id(OURS), id(30), &echo, 10).await.unwrap();
    assert_eq!((said.status, said.out.as_str(), said.err.as_str()), (0, "good day\n", ""));
    let said = engine.run(id(OURS), id(30), &["false".to_string()], 10).await.unwrap();
    assert_eq!(said.status, 1);
    assert!(is_missing(&engine.run(id(OURS), id(99), &echo, 10).await));
}

async fn counts(engine: &dyn Engine, later: impl Fn()) {
    let look = async || engine.usage().await.unwrap();
    let before = look().await;
    let [first] = before.as_slice() else { panic!("{before:?}") };
    assert_eq!((first.project, first.instance, first.state), (id(OURS), id(30), State::Running));
    assert_eq!((first.vcpus, first.memory_mib, first.disk_mib), (1, 200, 64));
    later();
    let echo = ["echo".to_string()];
    engine.run(id(OURS), id(30), &echo, 10).await.unwrap();
    let after = look().await.remove(0);
    assert!(after.cpu_ns > first.cpu_ns && after.memory_bytes > 0, "{first:?} {after:?}");
}

async fn snapshots(engine: &dyn Engine, image: &str) {
    let mut wanted = computer(image);
    wanted.memory_mib = 200;
    for (of, snapshot) in [(30, 40), (30, 40), (20, 41), (20, 41)] {
        engine.snapshot(id(OURS), id(of), id(snapshot)).await.unwrap();
    }
    let all = engine.inventory(id(OURS)).await.unwrap();
    assert_eq!(all.snapshots, [(id(40), id(30)), (id(41), id(20))]);
    assert!(is_refused(&engine.restore(id(OURS), id(30), id(40)).await), "it runs");
    wanted.running = false;
    engine.instance(id(OURS), &wanted).await.unwrap();
    assert!(is_missing(&engine.restore(id(OURS), id(30), id(99)).await));
    for (of, snapshot) in [(30, 40), (30, 40), (20, 41)] {
        engine.restore(id(OURS), id(of), id(snapshot)).await.unwrap();
    }
    for (of, snapshot) in [(30, 40), (30, 40), (20, 41), (20, 41), (98, 97)] {
        engine.remove_snapshot(id(OURS), id(of), id(snapshot)).await.unwrap();
    }
    assert_eq!(engine.inventory(id(OURS)).await.unwrap().snapshots, []);
    assert!(is_missing(&engine.snapshot(id(OURS), id(99), id(40)).await));
}

async fn refusals(engine: &dyn Engine, image: &str) {
    let nothing = "00".repeat(32);
    assert!(is_missing(&engine.instance(id(OURS), &instance(31, &nothing)).await), "no such image");
    let large = Instance { memory_mib: 500, ..instance(31, image) };
    let answer = engine.instance(id(OURS), &large).await;
    assert!(is_refused(&answer), "above the fence: {answer:?}");
    let foreign = Instance { networks: vec![id(11)], ..instance(31, image) };
    assert!(is_refused(&engine.instance(id(OURS), &foreign).await), "somebody else's network");
    let absent = Instance { volumes: vec![(id(99), "/x".into())], ..instance(31, image) };
    assert!(engine.instance(id(OURS), &absent).await.is_err(), "a volume that is not there");
    assert!(
        is_refused(&engine.project(id(OURS), &Fence { memory_mib: 1, ..fence() }).await),
        "below what is used"
    );
    assert!(is_refused(&engine.remove_network(id(OURS), id(10)).await), "somebody is attached");
    assert!(is_refused(&engine.remove_volume(id(OURS), id(20)).await), "somebody has it");
    assert!(is_refused(&engine.remove_project(id(OURS)).await), "it is not empty");
    assert_eq!(
        engine.inventory(id(OURS)).await.unwrap().instances.len(),
        1,
        "no refusal left anything behind"
    );
}

async fn everything_goes(engine: &dyn Engine) {
    for _ in 0..2 {
        engine.remove_instance(id(OURS), id(30)).await.unwrap();
        engine.remove_volume(id(OURS), id(20)).await.unwrap();
        engine.remove_network(id(OURS), id(10)).await.unwrap();
        engine.remove_network(id(THEIRS), id(11)).await.unwrap();
    }
    assert_eq!(engine.usage().await.unwrap(), []);
    for _ in 0..2 {
        engine.remove_project(id(OURS)).await.unwrap();
        engine.remove_project(id(THEIRS)).await.unwrap();
    }
    assert_eq!(engine.projects().await.unwrap(), []);
}
