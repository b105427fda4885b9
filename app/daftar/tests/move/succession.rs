//! `daftar log succeed` as an operator runs it: yesterday's backup is all there is, and the country goes on.

use daftar::Outcome;
use daftar::cli::{Backup, Log as LogArgs, Place, Restore, Succeed};
use daftar::commands::{backup, init, log, succeed};
use daftar::installation::Installation;
use daftar_kernel::Actor;
use daftar_office::permission::PERMISSIONS;
use daftar_record::succession::Ask;
use daftar_record::{Act, Record};
use daftar_store::sql;
use serde_json::json;
use std::path::{Path, PathBuf};

fn place(dir: &Path) -> Place {
    let country = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../country/demo");
    Place { data: Some(dir.to_path_buf()), store: None, config: None, country: Some(country) }
}

async fn act(record: &Record) {
    let of = record.clone();
    record
        .store()
        .write(move |tx| {
            let record = of.clone();
            Box::pin(async move {
                let act = Act {
                    kind: "test.act",
                    service: "test",
                    agency: String::new(),
                    office: String::new(),
                    subject: None,
                    public: json!({"permissions": PERMISSIONS.len()}),
                    private: None,
                };
                record.act(tx, &Actor::System("test"), &act).await
            })
        })
        .await
        .unwrap();
    record.sequence_once().await.unwrap();
}

fn args(confirm: Option<String>) -> Succeed {
    Succeed {
        origin: "registry.example/second".into(),
        by: "Ministry of the Interior, head of operations".into(),
        reason: "the machine burnt".into(),
        end: false,
        confirm,
    }
}

async fn verifies(dir: &Path, policy: PathBuf, old_policy: Option<PathBuf>) -> bool {
    let verify =
        LogArgs::Verify { log: dir.display().to_string(), policy, old_policy, seen: Vec::new(), json: false };
    matches!(log::run(&place(dir), &verify).await.unwrap(), Outcome::Good)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_goes_on_with_yesterdays_backup() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (place(&dir.path().join("old")), place(&dir.path().join("new")));
    let path = |name: &str| dir.path().join(name);
    init::run(&old).await.unwrap();
    let running = Installation::open(&old).await.unwrap();
    act(&running.record).await;
    let to = Backup { dir: path("backup"), keys: path("keys") };
    backup::backup(&old, &to).await.unwrap();
    act(&running.record).await;
    act(&running.record).await;
    running.store.export_keys(&path("keys.newest")).await.unwrap();
    running.store.close().await;

    // The new machine has the backup, the newest key export, the root key, and the mark that lay beside the data.
    let (from, into) = (path("old"), path("new"));
    std::fs::create_dir_all(into.join("keys")).unwrap();
    std::fs::create_dir_all(into.join("mark")).unwrap();
    std::fs::copy(from.join("keys/root.key"), into.join("keys/root.key")).unwrap();
    for mark in std::fs::read_dir(from.join("mark")).unwrap() {
        let mark = mark.unwrap();
        std::fs::copy(mark.path(), into.join("mark").join(mark.file_name())).unwrap();
    }
    let restore = Restore { dir: path("backup"), keys: path("keys.newest"), at: None };
    backup::restore(&new, &restore).await.unwrap();
    let behind = Installation::open(&new).await.unwrap();
    // The backup is of yesterday: whoever held the sequencer's lease then has long been gone.
    behind
        .store
        .write(|tx| {
            Box::pin(async move {
                tx.execute(sql!("update store_lease set until = 0 where until > 0"), &[]).await
            })
        })
        .await
        .unwrap();
    let frozen = behind.record.sequence_once().await.unwrap_err().to_string();
    assert!(frozen.contains("frozen for good") && frozen.contains("daftar log succeed"), "{frozen}");

    // First it is read, then confirmed with the code; a code of something else does nothing.
    assert!(matches!(succeed::run(&new, &args(None)).await.unwrap(), Outcome::Finding));
    let wrong = succeed::run(&new, &args(Some("00000000".into()))).await.err().unwrap().to_string();
    assert!(wrong.contains("--confirm"), "{wrong}");
    assert_eq!(Installation::open(&new).await.unwrap().record.number(), 1);
    let Succeed { origin, by, reason, end, .. } = args(None);
    let plan = behind.record.plan_succession(&Ask { origin, by, reason, end }).await.unwrap();
    assert_eq!(plan.entries[0].missing, 2);
    behind.store.close().await;
    assert!(matches!(succeed::run(&new, &args(Some(plan.code))).await.unwrap(), Outcome::Good));

    // The same settings open the successor; it signs, audits clean, and both volumes verify from their files.
    let next = Installation::open(&new).await.unwrap();
    assert_eq!((next.record.number(), next.record.base_origin()), (2, "registry.example/second"));
    act(&next.record).await;
    assert!(next.record.audit_store().await.unwrap().is_whole());
    let export = LogArgs::Export { dir: path("export"), heads: true };
    log::run(&new, &export).await.unwrap();
    let policy = |name: &str| path("export").join(name);
    assert!(verifies(&path("export"), policy("policy"), None).await);
    assert!(verifies(&path("export"), policy("policy"), Some(policy("policy.1"))).await);
    assert!(verifies(&path("export"), policy("policy.1"), None).await);
    assert!(
        !verifies(&path("export"), policy("policy"), Some(policy("policy"))).await,
        "not its own predecessor"
    );
    let again = succeed::run(&new, &args(None)).await.err().unwrap().to_string();
    assert!(again.contains("is the name of a log there was") || again.contains("not frozen"), "{again}");
}
