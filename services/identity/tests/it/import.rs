//! Imports: whole runs on files, cut off and taken up again, and the corpus of dirty records.

use crate::country::{self, ask, registrar};
use daftar_identity::People;
use daftar_identity::import::{BATCH_ROWS, ImportOrder, Progress};
use daftar_identity::search::Query;
use daftar_store::{StoreError, sql};
use daftar_testing::for_each_engine;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const MAPPING: &str = r#"
    format = 1
    source = "Parish books 1998"
    agency = "registry"
    office = "registry-north"
    purpose = "registration"
    basis = "Registration Act, section 4"
    reference = "id"
    [field.name]
    columns = ["name"]
    [field.born]
    columns = ["born"]
    [field.birth_place_text]
    columns = ["place"]
"#;

/// Where a file is brought to, with its mapping.
pub struct Desk {
    dir: tempfile::TempDir,
    mapping: String,
}

impl Desk {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), mapping: MAPPING.into() }
    }
    pub fn write(&self, bytes: &[u8]) -> PathBuf {
        let file = self.dir.path().join("people.csv");
        std::fs::write(&file, bytes).unwrap();
        file
    }
    pub fn order(&self, file: PathBuf, commit: bool) -> ImportOrder {
        let (report, duplicates) =
            (self.dir.path().join("report.csv"), self.dir.path().join("duplicates.csv"));
        ImportOrder { file, mapping: self.mapping.clone(), commit, report, duplicates }
    }
    fn lines(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.dir.path().join(name)).unwrap();
        text.lines().skip(1).map(ToString::to_string).collect()
    }
}

/// An import nobody stops.
pub const GO: fn(Progress) -> ControlFlow<()> = |_| ControlFlow::Continue(());

/// How many people the register holds, from its own table: the figures hide small counts.
async fn registered(people: &People) -> u64 {
    let count = people.store().read(|tx| {
        Box::pin(async move {
            tx.query_one(sql!("select count(*) from identity_person"), &[]).await?.get::<i64>(0)
        })
    });
    count.await.map(|n: i64| n.unsigned_abs()).map_err(|e: StoreError| e.to_string()).unwrap()
}

#[tokio::test]
async fn a_dry_run_says_what_a_commit_does() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let desk = Desk::new();
        let rows = "id,name,born,place\n1,John Smith,1856-06-20,Leeds\n2,SMITH John,1856-06-20,\n3,Jon Smyth,1856-06-20,\n\
                    4,.,1856-01-02,\n5,Ann Brown,1856-02-30,\n6,Jack Wood,1856-06-20,LEEDS\n7,\"=cmd()\",,\n8,Sukarno,,\n\
                    9,John Smith,1856-06-20\n";
        let file = desk.write(rows.as_bytes());
        let dry = people.import(&desk.order(file.clone(), false), GO).await.unwrap();
        assert_eq!((dry.rows, dry.registered, dry.refused, dry.held), (9, 4, 4, 1));
        assert_eq!(registered(&people).await, 0);
        let (report, twins) = (desk.lines("report.csv"), desk.lines("duplicates.csv"));
        assert_eq!(report.len(), 4);
        assert!(report[0].starts_with("\"5\",\"refused\",\"name\",\"name-letter\","), "{}", report[0]);
        assert!(report[1].starts_with("\"6\",\"refused\",\"born\",\"date-calendar\","));
        assert!(report[2].starts_with("\"8\",\"refused\",\"name\",\"name-sign\","));
        assert!(report[3].starts_with("\"10\",\"refused\",\"\",\"column-count\","));
        let starts: Vec<_> = twins.iter().map(|line| line.split(',').take(5).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            starts,
            [
                "\"3\" \"held back\" \"row\" \"2\" \"exact\"",
                "\"4\" \"registered\" \"row\" \"2\" \"phonetic\"",
                "\"7\" \"registered\" \"row\" \"2\" \"date-key\"",
            ]
        );
        let done = people.import(&desk.order(file.clone(), true), GO).await.unwrap();
        assert_eq!((done.registered, done.refused, done.held), (4, 4, 1));
        assert_eq!(registered(&people).await, 4);
        assert_eq!((desk.lines("report.csv"), desk.lines("duplicates.csv")), (report, twins));
        let again = people.import(&desk.order(file, true), GO).await.unwrap_err();
        assert!(again.to_string().contains("identity-import-done"), "{again}");
        // Somebody in the register already is named as a person, not as a row.
        let file = desk.write(b"id,name,born,place\n1,John Smith,1856-06-20,Leeds\n");
        let next = people.import(&desk.order(file, true), GO).await.unwrap();
        assert_eq!((next.registered, next.held), (0, 1));
        assert!(desk.lines("duplicates.csv")[0].contains("\"person\""));
        let query = Query { name: "John Smith".into(), born: "1856".into(), ..Query::default() };
        assert!(!people.search(&registrar(), &ask(), &query).await.unwrap().is_empty());
    })
    .await;
}

/// A run that is cut off after any batch goes on where it stopped: nobody is lost, nobody comes twice.
#[tokio::test]
async fn a_run_is_taken_up_where_it_was_cut_off() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let desk = Desk::new();
        let count = 3 * BATCH_ROWS + 7;
        let mut rows = String::from("id,name,born,place\n");
        for n in 0..count {
            writeln!(rows, "{n},Person Number{n},{},Leeds", 1900 + n % 100).unwrap();
        }
        rows.push_str("x,.,,\n");
        let file = desk.write(rows.as_bytes());
        let order = desk.order(file, true);
        for stop_after in 1..4 {
            let stop = |p: Progress| {
                let done = p.rows >= (stop_after * BATCH_ROWS) as u64;
                if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let cut = people.import(&order, stop).await.unwrap();
            assert_eq!(cut.receipt, None);
            assert_eq!(registered(&people).await, (stop_after * BATCH_ROWS) as u64);
        }
        let other = ImportOrder { mapping: order.mapping.replace("1998", "1999"), ..order.clone() };
        assert!(people.import(&other, GO).await.unwrap_err().to_string().contains("identity-import-running"));
        let done = people.import(&order, GO).await.unwrap();
        assert_eq!((done.registered, done.refused), (count as u64, 1));
        assert!(done.receipt.is_some());
        assert_eq!(registered(&people).await, count as u64);
        assert_eq!(desk.lines("report.csv").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn broken_files_change_nothing() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let desk = Desk::new();
        let good = "id,name,born,place\n1,Ann Brown,1856,Leeds\n".to_string();
        let cases: Vec<(Vec<u8>, &str)> = vec![
            (format!("{good}2,A\0li,,\n").into_bytes(), "row 3: a NUL byte"),
            (format!("{good}2,\"Ali,,\n").into_bytes(), "row 3: the file ends inside"),
            (format!("{good}2,{},,\n", "x".repeat(70_000)).into_bytes(), "row 3: longer than"),
            (b"\xff\xfei\0d\0".to_vec(), "UTF-16"),
            (Vec::new(), "empty"),
            (good.replace("place", "where").into_bytes(), "no column 'place'"),
        ];
        for (bytes, expected) in cases {
            let file = desk.write(&bytes);
            let fault = people.import(&desk.order(file, true), GO).await.unwrap_err().to_string();
            assert!(fault.contains(expected), "{fault}");
        }
        let foreign = ImportOrder {
            mapping: desk.mapping.replace("registry-north", "registry-moon"),
            ..desk.order(desk.write(good.as_bytes()), true)
        };
        assert!(people.import(&foreign, GO).await.unwrap_err().to_string().contains("registry-moon"));
        assert_eq!(registered(&people).await, 0);
        let mixed = [good.as_bytes(), "2,José Ruiz,1900,\n".as_bytes(), b"3,Jos\xe9 Ruiz,1901,\n"].concat();
        let file = desk.write(&mixed);
        let done = people.import(&desk.order(file, true), GO).await.unwrap();
        assert_eq!((done.registered, done.refused), (2, 1));
        assert!(done.remark.unwrap().contains("row 4"));
        assert!(desk.lines("report.csv")[0].contains("\"encoding\""));
    })
    .await;
}

/// The folder of public test data, when it is there. CI demands it; a plain clone says that it was not read.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests, not of the program")]
fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let dir = std::env::var_os("DAFTAR_DATA").map_or(beside, PathBuf::from);
    let demanded = std::env::var("CI").is_ok_and(|ci| ci == "true")
        || std::env::var("DAFTAR_DATA_REQUIRED").is_ok_and(|required| required == "1");
    assert!(dir.exists() || !demanded, "{} is missing; set DAFTAR_DATA", dir.display());
    dir.exists().then_some(dir)
}

#[tokio::test]
async fn the_corpus_of_dirty_records_comes_in() {
    let Some(data) = data() else {
        println!("not run: the corpus ../shared/data/linkage/historical_dev.csv.gz is not here");
        return;
    };
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let mut desk = Desk::new();
        desk.mapping = include_str!("../data/historical.mapping.toml").into();
        let order = desk.order(data.join("linkage/historical_dev.csv.gz"), true);
        let dry = people.import(&ImportOrder { commit: false, ..order.clone() }, GO).await.unwrap();
        let (report, twins) = (desk.lines("report.csv"), desk.lines("duplicates.csv"));
        let done = people.import(&order, GO).await.unwrap();
        assert_eq!((done.registered, done.refused, done.held), (dry.registered, dry.refused, dry.held));
        assert_eq!((desk.lines("report.csv"), desk.lines("duplicates.csv")), (report.clone(), twins.clone()));
        assert_eq!(done.rows, 24_932);
        assert_eq!(done.registered + done.refused + done.held, done.rows, "every row is accounted for");
        assert_eq!(registered(&people).await, done.registered);
        println!("{done:?}, {} findings, {} duplicates", report.len(), twins.len());
        // Most refused rows were born before 1800, which no register of the living holds.
        assert_eq!((done.registered, done.refused, done.held), (14_316, 5_868, 4_748));
    })
    .await;
}
