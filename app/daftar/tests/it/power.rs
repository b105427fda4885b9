//! Services rest by law while electricity is short, and come back; the judge of the cloud does the same with NUT's own programs.

use crate::bed::Bed;
use daftar_cloud::power::brownout::Cause;
use daftar_cloud::power::{Power, STALE_SECONDS};
use daftar_http::with_tx;
use daftar_store::{StoreError, sql};
use daftar_testing::Engine;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

/// A server of one supply, `main`, that answers with these variables; with nothing it hangs up.
#[derive(Clone)]
struct Supply {
    address: SocketAddr,
    variables: Arc<Mutex<Vec<(&'static str, String)>>>,
}

impl Supply {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, variables) = (listener.local_addr().unwrap(), Arc::default());
        let supply = Self { address, variables };
        let served = supply.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut asked = String::new();
                BufReader::new(&stream).read_line(&mut asked).unwrap();
                assert_eq!(asked, "LIST VAR main\n");
                let variables = served.variables.lock().unwrap().clone();
                if !variables.is_empty() {
                    let lines: String = variables
                        .iter()
                        .map(|(name, value)| format!("VAR main {name} \"{value}\"\n"))
                        .collect();
                    let answer = format!("BEGIN LIST VAR main\n{lines}END LIST VAR main\n");
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            }
        });
        supply
    }
    fn says(&self, status: &str, charge: u8, celsius: u8) {
        *self.variables.lock().unwrap() = vec![
            ("ups.status", status.to_string()),
            ("battery.charge", charge.to_string()),
            ("ambient.temperature", celsius.to_string()),
        ];
    }
    fn name(&self) -> String {
        format!("main@{}", self.address)
    }
}

async fn country(engine: Engine, supply: &Supply) -> (Bed, Power) {
    let name = supply.name();
    let bed = Bed::with(engine, |installation| {
        installation.power = Some(Power::new(installation.record.clone(), &name).unwrap());
    })
    .await;
    let power = bed.installation.power.clone().unwrap();
    (bed, power)
}

/// The statuses of one page of each step of the demo's order, the first to rest first.
async fn pages(bed: &Bed) -> [u16; 5] {
    let mut statuses = [0; 5];
    let paths = ["/statistics", "/pre-registration", "/me", "/people/register", "/people/search"];
    for (status, path) in statuses.iter_mut().zip(paths) {
        let who = if path.starts_with("/people") { "registrar" } else { "amina" };
        let got = bed.get(path, who).await;
        *status = got.status;
        if got.status == 503 {
            assert_eq!(got.header("retry-after"), "600", "{path}");
            assert!(got.text().contains("/power"), "{path}");
        }
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn services_rest_in_the_order_of_the_law_and_come_back() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let supply = Supply::start();
        let (bed, power) = country(engine, &supply).await;
        let mut acts = Vec::new();
        for (status, charge, celsius, expected) in [
            ("OL", 100, 24, [200; 5]),
            ("OB DISCHRG", 81, 24, [200; 5]),
            ("OB DISCHRG", 80, 24, [503, 200, 200, 200, 200]),
            ("OB DISCHRG", 35, 24, [503, 503, 503, 200, 200]),
            ("OB DISCHRG LB", 5, 24, [503, 503, 503, 503, 200]),
            ("OB DISCHRG LB", 4, 24, [503; 5]),
            ("OL CHRG", 14, 24, [503, 503, 503, 503, 200]),
            ("OL CHRG", 95, 24, [200; 5]),
            ("OL", 100, 36, [503, 503, 200, 200, 200]),
            ("OL", 100, 20, [200; 5]),
        ] {
            supply.says(status, charge, celsius);
            let before = power.state().level;
            power.pass(&bed.site).await;
            assert_eq!(pages(&bed).await, expected, "{engine:?} {status} {charge} {celsius}");
            let now = power.state().level;
            if now != before {
                acts.push(now);
            }
            for open in ["/power", "/trust", "/"] {
                assert_eq!(bed.get(open, "").await.status, 200, "{open}");
            }
        }
        assert_eq!(acts.len(), 8);
        assert_eq!(acts_of_power(&bed).await, acts.len(), "each change is an act of the public record");
    }
}

/// How many acts about electricity wait for the public record or stand in it.
async fn acts_of_power(bed: &Bed) -> usize {
    let store = bed.installation.store.clone();
    let bodies = with_tx!(store.read, tx, [] {
        let rows = tx.query(sql!("select body from record_entry"), &[]).await?;
        rows.iter().map(|row| row.get::<Vec<u8>>(0)).collect::<Result<Vec<_>, StoreError>>()
    })
    .unwrap();
    bodies.iter().filter(|body| String::from_utf8_lossy(body).contains("cloud.power-changed")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supply_that_falls_silent_changes_nothing_and_a_restart_remembers() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let supply = Supply::start();
        let (bed, power) = country(engine, &supply).await;
        supply.says("OB", 50, 24);
        power.pass(&bed.site).await;
        assert!(bed.get("/power", "").await.text().contains("50"));
        supply.variables.lock().unwrap().clear();
        bed.clock.advance_seconds(STALE_SECONDS + 1);
        power.pass(&bed.site).await;
        assert_eq!(pages(&bed).await, [503, 503, 200, 200, 200]);
        let page = bed.get("/power", "").await.text();
        assert!(page.contains("gave its last reading") && page.contains("1 minute ago"), "{page}");

        // The program is started anew while the supply says nothing.
        let again = Power::new(bed.installation.record.clone(), &supply.name()).unwrap();
        bed.site.set_resting(Vec::new());
        again.pass(&bed.site).await;
        assert_eq!((again.state().level.steps, again.state().level.cause), (2, Cause::Battery));
        assert_eq!(pages(&bed).await, [503, 503, 200, 200, 200]);
        // Another machine's supply is another matter.
        let other = Power::new(bed.installation.record.clone(), "other@127.0.0.1:1").unwrap();
        other.pass(&bed.site).await;
        assert_eq!(other.state().level.steps, 0);
        assert_eq!(pages(&bed).await, [200; 5]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_country_without_a_supply_says_so() {
    let bed = Bed::new(Engine::Sqlite).await;
    for (lang, words) in
        [("en", "No power supply is watched"), ("fr", "Aucune alimentation"), ("ar", "لا يُراقَب")]
    {
        assert!(bed.get(&format!("/power?lang={lang}"), "").await.text().contains(words), "{lang}");
    }
    assert_eq!(bed.site.resting().len(), 0);
}
