//! Which machines there are: `cluster.toml`, the same file on each of them.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

/// How many machines a cluster may have: a majority must be able to go on, and every commit waits for another machine.
pub const NODES: [usize; 3] = [3, 5, 7];
/// The first of a node's ports, unless the file says otherwise.
const FIRST_PORT: u16 = 7400;
/// How many ports follow it.
const PORTS: u16 = 8;
/// How far apart the ports of two nodes on one machine are.
const PORTS_APART: u16 = 10;
/// The longest file that is read, in bytes.
const FILE_LIMIT: u64 = 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    blobs: Option<String>,
    node: Vec<NodeEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeEntry {
    host: IpAddr,
    port: Option<u16>,
}

/// The whole cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What its programs call it among themselves.
    pub name: String,
    /// Where photos and documents lie: a directory that every node reaches, or an `s3://` address.
    pub blobs: Option<String>,
    /// The machines, numbered from 1.
    pub nodes: Vec<Node>,
}

/// One machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its number, from 1.
    pub number: usize,
    /// Its address in the network of the cluster.
    pub host: IpAddr,
    first_port: u16,
}

impl Node {
    /// What its programs call it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("node-{}", self.number)
    }
    const fn at(&self, place: u16) -> SocketAddr {
        SocketAddr::new(self.host, self.first_port + place)
    }
    const fn inside(&self, place: u16) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.first_port + place)
    }
    /// etcd, for Patroni and Daftar.
    #[must_use]
    pub const fn etcd(&self) -> SocketAddr {
        self.at(0)
    }
    /// etcd, for the other etcds.
    #[must_use]
    pub const fn etcd_peer(&self) -> SocketAddr {
        self.at(1)
    }
    /// PostgreSQL.
    #[must_use]
    pub const fn postgres(&self) -> SocketAddr {
        self.at(2)
    }
    /// Patroni's answers about this PostgreSQL.
    #[must_use]
    pub const fn patroni(&self) -> SocketAddr {
        self.at(3)
    }
    /// On this machine: whichever PostgreSQL leads.
    #[must_use]
    pub const fn router(&self) -> SocketAddr {
        self.inside(4)
    }
    /// On this machine: Daftar itself.
    #[must_use]
    pub const fn web(&self) -> SocketAddr {
        self.inside(5)
    }
    /// Daftar of this machine, for the routers of the others.
    #[must_use]
    pub const fn gate(&self) -> SocketAddr {
        self.at(6)
    }
    /// Where people and their programs come to: the first Daftar that answers, on whichever machine.
    #[must_use]
    pub const fn front(&self) -> SocketAddr {
        self.at(7)
    }
}

impl Plan {
    /// Nodes on this machine alone: they survive the end of programs, not of the machine.
    ///
    /// # Errors
    /// When the number of nodes is none of [`NODES`].
    pub fn loopback(count: usize) -> Result<Self> {
        ensure!(NODES.contains(&count), "a cluster has {} nodes. Next: daftar up --ha 3", said(&NODES));
        let node = |number: usize| {
            let before = u16::try_from(number - 1).unwrap_or(u16::MAX);
            let first_port = FIRST_PORT + PORTS_APART * before;
            Node { number, host: IpAddr::V4(Ipv4Addr::LOCALHOST), first_port }
        };
        Ok(Self { name: "daftar".into(), blobs: None, nodes: (1..=count).map(node).collect() })
    }

    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, or names no cluster; says what to write.
    pub fn read(path: &Path) -> Result<Self> {
        let reading = || format!("reading {}", path.display());
        ensure!(
            std::fs::metadata(path).with_context(reading)?.len() <= FILE_LIMIT,
            "{}: too long",
            path.display()
        );
        let text = std::fs::read_to_string(path).with_context(reading)?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        let name = file.name.unwrap_or_else(|| "daftar".into());
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        ensure!(
            (1..=32).contains(&name.len()) && name.bytes().all(plain),
            "name: use a-z, 0-9 and -, at most 32"
        );
        let count = file.node.len();
        ensure!(
            NODES.contains(&count),
            "{count} nodes: write {} blocks [[node]], one a machine",
            said(&NODES)
        );
        let mut nodes: Vec<Node> = Vec::with_capacity(count);
        for (entry, number) in file.node.into_iter().zip(1..) {
            let first_port = entry.port.unwrap_or(FIRST_PORT);
            ensure!((1024..=65_000).contains(&first_port), "node {number}: port: from 1024 to 65000");
            let host = entry.host;
            ensure!(
                !host.is_unspecified() && !host.is_multicast(),
                "node {number}: host: the machine's own address"
            );
            let clash = nodes.iter().find(|other| {
                (other.host == host || (other.host.is_loopback() && host.is_loopback()))
                    && other.first_port.abs_diff(first_port) < PORTS
            });
            if let Some(other) = clash {
                bail!(
                    "nodes {} and {number} use the same ports: give each a `port`, {PORTS} apart",
                    other.number
                );
            }
            nodes.push(Node { number, host, first_port });
        }
        let loopback = nodes.iter().filter(|node| node.host.is_loopback()).count();
        ensure!(loopback == 0 || loopback == count, "some nodes are on 127.0.0.1, which others do not reach");
        let plan = Self { name, blobs: file.blobs, nodes };
        ensure!(
            plan.is_local() || plan.blobs.is_some(),
            "blobs: name the place of photos and documents that every machine reaches: s3://bucket/prefix, or a directory \
             of a shared file system"
        );
        Ok(plan)
    }

    /// Whether all nodes are on one machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.nodes.iter().all(|node| node.host.is_loopback())
    }

    /// The node of this number.
    ///
    /// # Errors
    /// When there is none.
    pub fn node(&self, number: usize) -> Result<&Node> {
        let found = self.nodes.iter().find(|node| node.number == number);
        found.with_context(|| format!("there is no node {number}: the cluster has {}", self.nodes.len()))
    }
}

fn said(counts: &[usize]) -> String {
    let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
    counts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &str = "blobs = 's3://b/p'\n[[node]]\nhost='10.0.0.1'\n[[node]]\nhost='10.0.0.2'\n[[node]]\nhost='10.0.0.3'\n";

    fn fault(text: &str) -> String {
        format!("{:#}", Plan::parse(text).unwrap_err())
    }

    #[test]
    fn three_machines_use_the_same_ports_and_one_machine_different_ones() {
        let plan = Plan::parse(THREE).unwrap();
        assert!(!plan.is_local());
        assert_eq!(plan.node(2).unwrap().postgres().to_string(), "10.0.0.2:7402");
        assert_eq!(
            plan.node(2).unwrap().web().to_string(),
            "127.0.0.1:7405",
            "only its own router reaches it"
        );
        assert!(plan.node(4).is_err() && plan.node(0).is_err());
        let here = Plan::loopback(3).unwrap();
        assert!(here.is_local());
        assert_eq!(here.node(3).unwrap().front().to_string(), "127.0.0.1:7427");
        assert!(Plan::loopback(2).is_err() && Plan::loopback(4).is_err());
    }

    #[test]
    fn whatever_is_no_cluster_is_named() {
        assert!(fault("").contains("node"));
        assert!(fault("[[node]]\nhost='10.0.0.1'\n").contains("1 nodes"));
        assert!(fault(&THREE.replace("10.0.0.3", "10.0.0.2")).contains("nodes 2 and 3 use the same ports"));
        assert!(fault(&THREE.replace("10.0.0.3", "127.0.0.1")).contains("127.0.0.1"));
        assert!(fault(&THREE.replace("10.0.0.3", "0.0.0.0")).contains("node 3: host"));
        assert!(fault(&THREE.replace("blobs = 's3://b/p'", "")).contains("blobs:"));
        assert!(fault(&THREE.replace("blobs", "blob")).contains("blob"));
        assert!(fault(&format!("name='../x'\n{THREE}")).contains("name:"));
        assert!(fault(&format!("{THREE}port=1023\n")).contains("node 3: port"));
        assert!(Plan::parse(&format!("{THREE}port=1024\n")).is_ok());
    }
}
