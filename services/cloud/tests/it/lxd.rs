//! What only a real engine can show: limits from inside, networks kept apart, a disk filled to the last byte.

use crate::fixture::{driver, fence, id, instance, network, shell};
use daftar_cloud::engine::{Engine, EngineError, Fence, Instance, Rule, SAID_LIMIT, State};
use daftar_testing::Lxd;

#[tokio::test(flavor = "multi_thread")]
async fn an_agency_that_fills_its_disk_locks_nobody_out() {
    let Some(lxd) = Lxd::start(2048) else { return };
    let engine = driver(&lxd);
    let (project, full) = (id(1), id(30));
    engine.project(project, &fence()).await.unwrap();
    let mut wanted = instance(30, lxd.image());
    engine.instance(project, &wanted).await.unwrap();
    shell(&engine, project, full, "echo kept > /kept; sync").await;
    // Ordered were 64 MiB: they are there. Then everything is written full, and goes on being so in the background.
    let ordered = shell(&engine, project, full, "dd if=/dev/zero of=/mine bs=1M count=64").await;
    assert_eq!(ordered.status, 0, "{ordered:?}");
    let fill = "{ i=0; while :; do i=$((i+1)); dd if=/dev/zero of=/fill$i bs=64k count=9999; echo x > /s$i; done; } \
        >/dev/null 2>&1 & sleep 4; dd if=/dev/zero of=/more bs=1M count=8";
    let filled = shell(&engine, project, full, fill).await;
    assert_ne!(filled.status, 0, "the quota holds: {filled:?}");
    // Whatever the agency's operator and we may want then, we can do.
    engine.snapshot(project, full, id(40)).await.unwrap();
    wanted.memory_mib = 150;
    engine.instance(project, &wanted).await.unwrap();
    assert_eq!(
        engine.inventory(project).await.unwrap().instances[0].1,
        State::Running,
        "it is not left held still"
    );
    engine.remove_snapshot(project, full, id(40)).await.unwrap();
    engine.snapshot(project, full, id(41)).await.unwrap();
    wanted.running = false;
    engine.instance(project, &wanted).await.unwrap();
    engine.restore(project, full, id(41)).await.unwrap();
    wanted.disk_mib = 256;
    wanted.running = true;
    engine.instance(project, &wanted).await.unwrap();
    let kept = shell(&engine, project, full, "cat /kept; echo x > /larger && echo room").await;
    assert_eq!(kept.out, "kept\nroom\n", "an agency that orders more has room again");
    engine.remove_instance(project, full).await.unwrap();
    engine.remove_project(project).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_inside_and_output_is_bounded() {
    let Some(lxd) = Lxd::start(2048) else { return };
    let engine = driver(&lxd);
    let project = id(1);
    engine.project(project, &fence()).await.unwrap();
    engine.instance(project, &instance(30, lxd.image())).await.unwrap();
    let said = shell(&engine, project, id(30), "nproc; cat /proc/self/uid_map").await;
    let words: Vec<&str> = said.out.split_whitespace().collect();
    assert_eq!(words[..2], ["1", "0"], "one processor, and");
    assert_ne!(words[2], "0", "its root is nobody outside");
    let eaten = shell(
        &engine,
        project,
        id(30),
        "head -c 300000000 /dev/zero | dd of=/dev/null bs=250M count=1 iflag=fullblock",
    )
    .await;
    assert_ne!(eaten.status, 0, "250 MB in memory of 100 MiB: {eaten:?}");
    let much = shell(&engine, project, id(30), "yes | head -c 5000000; echo end >&2").await;
    assert_eq!((much.status, much.out.len(), much.err.as_str()), (0, SAID_LIMIT, "end\n"));
    let endless = ["sh".to_string(), "-c".into(), "yes >/dev/null".into()];
    let stopped = engine.run(project, id(30), &endless, 1).await;
    assert!(matches!(&stopped, Err(EngineError::Refused(why)) if why.contains("did not end")), "{stopped:?}");
    let over = Instance { vcpus: 4, ..instance(31, lxd.image()) };
    assert!(matches!(engine.instance(project, &over).await, Err(EngineError::Refused(_))));
}

/// Two projects with a network each; in each network one computer that answers on port 8000.
#[tokio::test(flavor = "multi_thread")]
async fn networks_of_two_projects_never_see_one_another() {
    let Some(lxd) = Lxd::start(2048) else { return };
    let engine = driver(&lxd);
    let mut networks = [network(10, "10.164.3.1/24"), network(11, "10.164.4.1/24")];
    for (n, network) in (1..).zip(&mut networks) {
        network.reaches_out = true;
        engine.project(id(n), &fence()).await.unwrap();
        engine.network(id(n), network).await.unwrap();
        let wanted = Instance { networks: vec![network.id], ..instance(29 + n, lxd.image()) };
        engine.instance(id(n), &wanted).await.unwrap();
    }
    engine.instance(id(2), &Instance { networks: vec![id(11)], ..instance(32, lxd.image()) }).await.unwrap();
    let mut theirs = Vec::new();
    for n in [31, 32] {
        let waits = "for i in $(seq 100); do ip -4 addr show eth0 | head -c 999 | wc -l; ip route | head -c 99; \
            [ -n \"$(ip route)\" ] && break; sleep 0.1; done; nc -l -p 8000 -e echo hello >/dev/null 2>&1 &";
        shell(&engine, id(2), id(n), waits).await;
        theirs.push(address(&engine, 2, n).await);
    }
    address(&engine, 1, 30).await;
    let asks = |address: &str| format!("nc -w 2 {address} 8000 </dev/null");
    let neighbour = shell(&engine, id(2), id(32), &asks(&theirs[0])).await;
    assert_eq!(neighbour.out, "hello\n", "within a network they see one another");
    shell(&engine, id(2), id(31), "nc -l -p 8000 -e echo hello >/dev/null 2>&1 &").await;
    for target in [theirs[0].as_str(), "10.164.4.1", "10.164.3.1"] {
        let ping = shell(&engine, id(1), id(30), &format!("ping -c 2 -W 1 {target}")).await;
        assert_ne!(ping.status, 0, "{target}: {ping:?}");
    }
    let outside = shell(&engine, id(1), id(30), &asks(&theirs[0])).await;
    assert_eq!(outside.out, "", "nobody else reaches it");
    // Both sides say yes: then they do.
    let rule = |incoming, peer: &str| Rule {
        incoming,
        protocol: "tcp".into(),
        peer: peer.into(),
        ports: "8000".into(),
    };
    networks[0].rules.push(rule(false, "10.164.4.0/24"));
    engine.network(id(1), &networks[0]).await.unwrap();
    let half = shell(&engine, id(1), id(30), &asks(&theirs[0])).await;
    assert_eq!(half.out, "", "the other side has not said yes");
    networks[1].rules.push(rule(true, "0.0.0.0/0"));
    engine.network(id(2), &networks[1]).await.unwrap();
    let both = shell(&engine, id(1), id(30), &asks(&theirs[0])).await;
    assert_eq!(both.out, "hello\n", "{both:?}");
}

/// The address an instance has been given; it is asked for until it has one.
async fn address(engine: &dyn Engine, project: u8, instance: u8) -> String {
    for _ in 0..100 {
        let all = engine.inventory(id(project)).await.unwrap().instances;
        let found = all.into_iter().find(|(found, ..)| *found == id(instance));
        if let Some(address) = found.and_then(|(.., addresses)| addresses.first().cloned()) {
            return address;
        }
    }
    panic!("instance {instance} was given no address");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_end_as_one() {
    let Some(lxd) = Lxd::start(2048) else { return };
    let engine = driver(&lxd);
    let project = id(1);
    let (engine, image) = (&engine, lxd.image());
    engine.project(project, &Fence { instances: 2, ..fence() }).await.unwrap();
    let wanted = instance(30, image);
    // The same thing asked for by four at once: some are told to come back, and the end is one computer that runs.
    let answers = futures_util::future::join_all((0..4).map(|_| engine.instance(project, &wanted))).await;
    assert!(answers.iter().any(Result::is_ok), "{answers:?}");
    engine.instance(project, &wanted).await.unwrap();
    let all = engine.inventory(project).await.unwrap().instances;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].1, State::Running);
}
