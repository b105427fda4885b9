//! What the tests of engines share.

use daftar_cloud::engine::lxd::{Lxd, Patience};
use daftar_cloud::engine::{Engine, Fence, Instance, Network, Said};
use daftar_kernel::Id;
use std::time::Duration;

/// The identifier number so-and-so of these tests.
pub fn id(n: u8) -> Id {
    Id::from_parts(1_795_775_495_000 + u64::from(n), [n, 1, 2, 3, 4, 5, 6, 7, 8, n])
}

/// Room for three computers.
pub fn fence() -> Fence {
    Fence { instances: 3, vcpus: 4, memory_mib: 600, disk_mib: 1024 }
}

/// A computer that runs.
pub fn instance(n: u8, image: &str) -> Instance {
    Instance {
        id: id(n),
        image: image.into(),
        vcpus: 1,
        memory_mib: 100,
        disk_mib: 64,
        networks: Vec::new(),
        volumes: Vec::new(),
        user_data: String::new(),
        running: true,
    }
}

/// A network that reaches nothing.
pub fn network(n: u8, block: &str) -> Network {
    Network { id: id(n), block: block.into(), reaches_out: false, rules: Vec::new() }
}

/// How long these tests wait: BusyBox does not end by itself.
pub const PATIENCE: Patience = Patience {
    request: Duration::from_secs(20),
    operation: Duration::from_secs(60),
    stop: Duration::from_secs(1),
};

/// The driver of this LXD.
pub fn driver(lxd: &daftar_testing::Lxd) -> Lxd {
    Lxd::new(lxd.socket(), "pool", PATIENCE)
}

/// Runs a line of shell inside.
pub async fn shell(engine: &dyn Engine, project: Id, instance: Id, line: &str) -> Said {
    let command = ["sh".to_string(), "-c".into(), line.into()];
    engine.run(project, instance, &command, 30).await.unwrap()
}
