#![doc = include_str!("../README.md")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measuring program: it asks the machine's clock, and the environment for its peer"
)]

mod cloud_engine;
mod country;
mod identity;
mod linkage;
mod load;
mod machine;
mod packets;
mod paper;
mod record;
mod report;
mod sign_in;
mod sizing;
mod start;
mod store;
mod survive;
mod verify;

use anyhow::{Result, bail};
use report::Report;

/// Rounds of each workload; the median is reported.
const ROUNDS: usize = 3;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (options, areas): (Vec<_>, Vec<_>) = arguments.iter().partition(|arg| arg.starts_with("--"));
    if let Some(odd) = options.iter().find(|option| !["--json", "--full"].contains(&option.as_str())) {
        bail!("a bench knows --json and --full, not {odd}");
    }
    let has = |name: &str| options.iter().any(|option| *option == name);
    let (json, full) = (has("--json"), has("--full"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match areas.first().map(|area| area.as_str()) {
            Some("store") => Box::pin(store::run(Report { bench: "store", json })).await,
            Some("record") => Box::pin(record::run(Report { bench: "record", json }, full)).await,
            Some("identity") => Box::pin(identity::run(Report { bench: "identity", json }, full)).await,
            Some("sign-in") => Box::pin(sign_in::run(Report { bench: "sign-in", json }, full)).await,
            Some("packets") => Box::pin(packets::run(Report { bench: "packets", json }, full)).await,
            Some("cloud") => {
                let report = Report { bench: "cloud", json };
                Box::pin(sizing::run(report)).await?;
                Box::pin(cloud_engine::run(report)).await?;
                Box::pin(survive::run(report)).await
            }
            Some("linkage") => linkage::run(Report { bench: "linkage", json }, full),
            _ => bail!("which bench: store, record, identity, sign-in, linkage, packets or cloud?"),
        }
    })
}
