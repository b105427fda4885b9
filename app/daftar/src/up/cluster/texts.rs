//! What each of the programs is told: pure texts, the same for the same cluster.
//!
//! Patroni and etcd read YAML, of which JSON is a part: written as JSON, no path or password needs quoting of our own.

use super::places::Places;
use super::plan::{Node, Plan};
use super::secrets::Secrets;
use serde_json::{Value, json};
use std::fmt::Write;
use std::net::SocketAddr;

/// The role and the database of Daftar.
pub const DATABASE: &str = "daftar";
/// A page that opens no table: whether Daftar itself lives, not its database.
pub const SIGN_OF_LIFE: &str = "/.well-known/openid-configuration";
/// How long the leader's claim lasts without being renewed, in seconds: most of the outage when a machine is lost. When the
/// lost machine led etcd too, some seconds more.
const CLAIM_SECONDS: u32 = 12;
/// How often it is renewed, in seconds.
const ROUND_SECONDS: u32 = 2;
/// How long etcd or PostgreSQL may be silent meanwhile, in seconds: a round and two of these fit into a claim.
const SILENCE_SECONDS: u32 = 4;
/// How many connections PostgreSQL takes: 32 for each Daftar, and some for commands.
const CONNECTIONS: usize = 32;

fn https(address: SocketAddr) -> String {
    format!("https://{address}")
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// etcd: who leads is written here, and the sealed keys that the nodes have in common.
#[must_use]
pub fn etcd(plan: &Plan, node: &Node, places: &Places, join: bool) -> String {
    let members: Vec<String> =
        plan.nodes.iter().map(|node| format!("{}={}", node.name(), https(node.etcd_peer()))).collect();
    let tls = json!({
        "cert-file": places.certificate(), "key-file": places.key(),
        "client-cert-auth": true, "trusted-ca-file": places.authority(),
    });
    pretty(&json!({
        "name": node.name(),
        "data-dir": places.etcd_data(),
        "listen-client-urls": https(node.etcd()),
        "advertise-client-urls": https(node.etcd()),
        "listen-peer-urls": https(node.etcd_peer()),
        "initial-advertise-peer-urls": https(node.etcd_peer()),
        "initial-cluster": members.join(","),
        "initial-cluster-token": plan.name,
        "initial-cluster-state": if join { "existing" } else { "new" },
        // Patient with slow disks: an election too many costs more than one a second later.
        "heartbeat-interval": 200,
        "election-timeout": 2000,
        // A key that was destroyed is gone from the history after an hour too.
        "auto-compaction-mode": "periodic",
        "auto-compaction-retention": "1h",
        "client-transport-security": tls,
        "peer-transport-security": tls,
        // Daftar speaks to it by JSON; with a file of settings etcd 3.4 leaves that out unless told.
        "enable-grpc-gateway": true,
        // Patroni speaks the older interface. Over the newer one Patroni 3.0 keeps a cache that can stay stale for ever after a
        // machine has stood still; then nobody is synchronous any more, and writes wait.
        "enable-v2": true,
        "logger": "zap",
        // It warns of every request that comes by JSON.
        "log-level": "error",
    }))
}

/// Patroni, which makes PostgreSQL, follows who leads, and lets only a standby lead that has every acknowledged commit.
#[must_use]
pub fn patroni(plan: &Plan, node: &Node, places: &Places, secrets: &Secrets) -> String {
    let members: Vec<String> = plan.nodes.iter().map(|node| node.etcd().to_string()).collect();
    let login = |name: &str, password: &str| {
        json!({
            "username": name, "password": password, "sslmode": "verify-ca", "sslrootcert": places.authority(),
        })
    };
    pretty(&json!({
        "scope": plan.name,
        "namespace": "/patroni/",
        "name": node.name(),
        "restapi": {
            "listen": node.patroni().to_string(), "connect_address": node.patroni().to_string(),
            "certfile": places.certificate(), "keyfile": places.key(), "cafile": places.authority(),
            // Whoever asks how it is needs nothing; whoever changes something needs a certificate and the password.
            "verify_client": "optional",
            "authentication": { "username": "daftar", "password": secrets.patroni },
        },
        "ctl": { "cacert": places.authority(), "certfile": places.certificate(), "keyfile": places.key() },
        "etcd": {
            "hosts": members, "protocol": "https",
            "cacert": places.authority(), "cert": places.certificate(), "key": places.key(),
        },
        "bootstrap": {
            "dcs": rules(plan),
            "initdb": [{ "encoding": "UTF8" }, { "locale": "C.UTF-8" }, "data-checksums"],
            "post_bootstrap": places.first_words(),
        },
        "postgresql": {
            "listen": node.postgres().to_string(), "connect_address": node.postgres().to_string(),
            "data_dir": places.postgres_data(), "bin_dir": places.postgres_programs, "pgpass": places.pgpass(),
            "authentication": {
                "superuser": login("postgres", &secrets.superuser),
                "replication": login("replicator", &secrets.replication),
            },
            "basebackup": [{ "checkpoint": "fast" }],
            "parameters": {
                "unix_socket_directories": places.run(),
                "ssl": "on", "ssl_cert_file": places.certificate(), "ssl_key_file": places.key(),
                "ssl_ca_file": places.authority(), "password_encryption": "scram-sha-256",
            },
            "pg_hba": [
                "local all postgres scram-sha-256",
                "hostssl replication replicator all scram-sha-256",
                "hostssl all all all scram-sha-256",
            ],
        },
        "watchdog": { "mode": "off" },
        "log": { "level": "INFO" },
    }))
}

/// What all of them hold to; kept in etcd from the first start on.
fn rules(plan: &Plan) -> Value {
    json!({
        "ttl": CLAIM_SECONDS, "loop_wait": ROUND_SECONDS, "retry_timeout": SILENCE_SECONDS,
        "maximum_lag_on_failover": 1_048_576,
        // A crashed PostgreSQL gets this long to come back before another leads.
        "master_start_timeout": 5,
        // A commit is acknowledged when another machine has it on its disk too, and only that machine may lead next. Strict:
        // when no other machine is there, writes wait rather than being kept by one disk alone.
        "synchronous_mode": true,
        "synchronous_mode_strict": true,
        "postgresql": {
            "use_pg_rewind": true, "use_slots": true,
            "parameters": {
                "max_connections": CONNECTIONS * plan.nodes.len() + 24,
                "synchronous_commit": "on", "wal_log_hints": "on", "hot_standby": "on",
                "shared_buffers": "256MB", "max_wal_size": "2GB", "wal_keep_size": "512MB",
                "max_wal_senders": 10, "max_replication_slots": 10,
                // Connections of a machine that is gone must not hold their locks for long.
                "tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3,
                "wal_sender_timeout": "5s", "wal_receiver_timeout": "5s",
                // Collisions of transactions are usual and tried again: as errors they would fill the log.
                "log_min_messages": "log", "log_min_error_statement": "panic",
            },
        },
    })
}

/// What Patroni runs once, on the very first PostgreSQL: Daftar's role and database.
#[must_use]
pub fn first_words(secrets: &Secrets) -> String {
    // Locally committed: nobody is there yet to wait for. The password is 64 hexadecimal digits: nothing to quote.
    format!(
        "#!/bin/sh\nset -e\nPGOPTIONS='-c synchronous_commit=local' exec psql -X -q -v ON_ERROR_STOP=1 \"$1\" <<'END'\n\
         create role {DATABASE} login password '{}';\n\
         create database {DATABASE} owner {DATABASE} template template0 encoding 'UTF8' locale 'C.UTF-8';\nEND\n",
        secrets.database
    )
}

/// HAProxy: leads Daftar to whichever PostgreSQL leads, and people to the first Daftar that answers.
#[must_use]
pub fn haproxy(plan: &Plan, node: &Node, places: &Places) -> String {
    let mut text = format!(
        "global\n  maxconn 8192\n  stats socket {run}/haproxy.sock mode 600 level admin\n\n\
         defaults\n  timeout connect 2s\n  timeout check 2s\n  timeout client 1h\n  timeout server 1h\n\n\
         listen database\n  mode tcp\n  bind {router}\n  option httpchk OPTIONS /primary\n  http-check expect status 200\n  \
         default-server inter 1s fastinter 500ms downinter 500ms fall 3 rise 1 on-marked-down shutdown-sessions check \
         check-ssl verify required ca-file {ca}\n",
        run = places.run(),
        router = node.router(),
        ca = places.authority(),
    );
    for other in &plan.nodes {
        let _ =
            writeln!(text, "  server {} {} port {}", other.name(), other.postgres(), other.patroni().port());
    }
    let tls = if plan.is_local() { String::new() } else { format!(" ssl crt {}", places.bundle()) };
    let _ = write!(
        text,
        "\nfrontend web\n  mode http\n  bind {front}{tls}\n  timeout client 60s\n  default_backend daftar\n\n\
         backend daftar\n  mode http\n  timeout server 60s\n  option httpchk GET {alive}\n  \
         http-check expect rstatus ^[234]\n  option redispatch\n  retries 2\n  \
         errorfile 502 {again}\n  errorfile 503 {again}\n  errorfile 504 {again}\n  \
         default-server inter 1s fastinter 500ms downinter 500ms fall 3 rise 1 on-marked-down shutdown-sessions check\n",
        front = node.front(),
        again = places.again(),
        alive = SIGN_OF_LIFE,
    );
    // The same order everywhere, the first that answers does the work: transactions of one Daftar wait for each other, those
    // of several collide in PostgreSQL and are run again.
    for other in &plan.nodes {
        let backup = if other.number == 1 { "" } else { " backup" };
        if plan.is_local() || other.number == node.number {
            let _ = writeln!(text, "  server {} {}{backup}", other.name(), other.web());
        } else {
            let (name, gate, ca) = (other.name(), other.gate(), places.authority());
            let _ =
                writeln!(text, "  server {name} {gate}{backup} ssl verify required ca-file {ca} check-ssl");
        }
    }
    if !plan.is_local() {
        let _ = write!(
            text,
            "\nfrontend gate\n  mode http\n  bind {gate}{tls}\n  timeout client 60s\n  default_backend here\n\n\
             backend here\n  mode http\n  timeout server 60s\n  errorfile 502 {again}\n  errorfile 503 {again}\n  \
             errorfile 504 {again}\n  server {name} {web}\n",
            gate = node.gate(),
            again = places.again(),
            name = node.name(),
            web = node.web(),
        );
    }
    text
}

/// What HAProxy says when no Daftar answers: ask again soon.
pub const AGAIN: &str = "HTTP/1.0 503 Service Unavailable\r\ncache-control: no-store\r\nconnection: close\r\nretry-after: 2\r\n\
content-type: application/problem+json\r\n\r\n\
{\"type\":\"about:blank\",\"title\":\"No node answers just now; what was sent may have been done. Ask again with the same idempotency key.\",\"status\":503,\"code\":\"cluster-changing\"}\n";

/// The store's address: whichever PostgreSQL leads, which must show a certificate of the cluster.
#[must_use]
pub fn store_url(node: &Node, places: &Places, secrets: &Secrets) -> String {
    format!(
        "postgres://{DATABASE}:{}@{}/{DATABASE}?sslmode=verify-ca&sslrootcert={}",
        secrets.database,
        node.router(),
        places.authority()
    )
}

/// Daftar's settings on this node.
#[must_use]
pub fn settings(plan: &Plan, node: &Node, places: &Places, secrets: &Secrets, country: &str) -> String {
    let mut text = toml::Table::new();
    let mut put = |section: &str, values: &[(&str, String)]| {
        let values = values.iter().map(|(key, value)| ((*key).to_string(), toml::Value::from(value.clone())));
        text.insert(section.into(), toml::Value::Table(values.collect()));
    };
    let url = store_url(node, places, secrets);
    let blobs = plan.blobs.clone().unwrap_or_else(|| places.local_blobs());
    put("store", &[("url", url), ("blobs", blobs)]);
    put("keys", &[("shared", places.shared_keys())]);
    put("http", &[("listen", node.web().to_string()), ("secure", (!plan.is_local()).to_string())]);
    put("record", &[("origin", secrets.origin.clone()), ("policy", places.policy())]);
    // Before the sections: a key of the file itself.
    format!("country = {}\n\n{text}", toml::Value::from(country))
}

/// Where Daftar finds the place of keys: read by [`super::etcd::Etcd`].
#[must_use]
pub fn shared_keys(plan: &Plan, places: &Places) -> String {
    let mut text = toml::Table::new();
    let endpoints: Vec<toml::Value> = plan.nodes.iter().map(|node| https(node.etcd()).into()).collect();
    text.insert("endpoints".into(), endpoints.into());
    text.insert("prefix".into(), format!("/daftar/{}/", plan.name).into());
    for (key, path) in
        [("authority", places.authority()), ("certificate", places.certificate()), ("key", places.key())]
    {
        text.insert(key.into(), path.into());
    }
    text.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets {
            superuser: "5".repeat(64),
            replication: "6".repeat(64),
            database: "d".repeat(64),
            patroni: "a".repeat(64),
            origin: "x.example/1".into(),
            awaits_country: false,
        }
    }

    fn three() -> Plan {
        let nodes: String = (1..4).map(|n| format!("[[node]]\nhost = '10.0.0.{n}'\n")).collect();
        Plan::parse(&format!("blobs = 's3://country/blobs'\n{nodes}")).unwrap()
    }

    /// Whether the whole text is as an operator finds it in `snapshots`. If it is to change, the new one lies beside the old.
    fn is_same(name: &str, text: &str, expected: &str) -> bool {
        if text != expected {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/up/cluster/snapshots");
            std::fs::write(folder.join(format!("{name}.new")), text).unwrap();
        }
        text == expected
    }

    #[test]
    fn what_the_programs_of_a_machine_are_told() {
        let plan = three();
        let node = plan.node(2).unwrap();
        let places = Places::at("/var/lib/daftar", node);
        let settings = settings(&plan, node, &places, &secrets(), "/var/lib/daftar/country");
        let same = [
            is_same("etcd.yml", &etcd(&plan, node, &places, false), include_str!("snapshots/etcd.yml")),
            is_same(
                "patroni.yml",
                &patroni(&plan, node, &places, &secrets()),
                include_str!("snapshots/patroni.yml"),
            ),
            is_same("haproxy.cfg", &haproxy(&plan, node, &places), include_str!("snapshots/haproxy.cfg")),
            is_same("daftar.toml", &settings, include_str!("snapshots/daftar.toml")),
            is_same(
                "keys-shared.toml",
                &shared_keys(&plan, &places),
                include_str!("snapshots/keys-shared.toml"),
            ),
        ];
        assert!(
            same == [true; 5],
            "a text changed: compare snapshots/*.new, and put them in the others' places if they are right"
        );
    }

    #[test]
    fn on_one_machine_nothing_leaves_it() {
        let plan = Plan::loopback(3).unwrap();
        let node = plan.node(1).unwrap();
        let text = haproxy(&plan, node, &Places::at("/d", node));
        assert!(!text.contains("gate") && text.contains("bind 127.0.0.1:7407\n"));
        assert!(
            text.contains("server node-1 127.0.0.1:7405\n")
                && text.contains("server node-3 127.0.0.1:7425 backup\n")
        );
    }

    #[test]
    fn the_settings_are_settings_and_name_the_router() {
        let plan = three();
        let node = plan.node(3).unwrap();
        let text = settings(&plan, node, &Places::at("/d", node), &secrets(), "/pack's");
        let read =
            daftar_kernel::settings::Settings::read(crate::settings::KNOWN, Some(("daftar.toml", &text)), [])
                .unwrap();
        assert_eq!(read.get("country"), "/pack's");
        assert_eq!(read.get("store.blobs"), "s3://country/blobs");
        assert!(read.get("store.url").contains("@127.0.0.1:7404/daftar?sslmode=verify-ca"));
        assert_eq!((read.get("http.listen"), read.get("http.secure")), ("127.0.0.1:7405", "true"));
    }

    #[test]
    fn a_joining_node_says_so() {
        let plan = three();
        let node = plan.node(1).unwrap();
        assert!(etcd(&plan, node, &Places::at("/d", node), true).contains("\"existing\""));
    }
}
