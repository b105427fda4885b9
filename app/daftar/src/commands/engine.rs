//! `daftar cloud engine`: orders to the engine, one a line, as the server would give them. For operators who look for a
//! fault, and for judges.

use crate::{Outcome, remark, say};
use anyhow::Context;
use daftar_cloud::engine::lxd::{Lxd, Patience};
use daftar_cloud::engine::{Engine, EngineError, Fence, Instance, Network, Volume};
use daftar_kernel::Id;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// One order: `{"do":"project","project":"…","fence":{…}}`.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Order {
    About,
    Images,
    Projects,
    Usage,
    Project { project: Id, fence: Fence },
    RemoveProject { project: Id },
    Network { project: Id, network: Network },
    RemoveNetwork { project: Id, network: Id },
    Volume { project: Id, volume: Volume },
    RemoveVolume { project: Id, volume: Id },
    Instance { project: Id, instance: Instance },
    RemoveInstance { project: Id, instance: Id },
    Snapshot { project: Id, of: Id, snapshot: Id },
    Restore { project: Id, of: Id, snapshot: Id },
    RemoveSnapshot { project: Id, of: Id, snapshot: Id },
    Run { project: Id, instance: Id, command: Vec<String>, seconds: u32 },
    Inventory { project: Id },
}

/// Carries out the orders of standard input; a refusal is an answer, `{"error":"…","kind":"refused"}`, and a finding.
///
/// # Errors
/// When there is no engine to speak to, or a line is no order.
pub async fn run(socket: Option<&Path>, pool: &str) -> anyhow::Result<Outcome> {
    let socket = socket.map(Path::to_path_buf).or_else(Lxd::usual_socket);
    let socket = socket.context("no engine listens at the usual places: give --socket")?;
    let engine = Lxd::new(&socket, pool, Patience::default());
    let mut outcome = Outcome::Good;
    for (number, line) in std::io::stdin().lines().enumerate() {
        let line = line.context("reading standard input")?;
        let order: Order = serde_json::from_str(&line).with_context(|| format!("line {}", number + 1))?;
        match carry_out(&engine, order).await {
            Ok(answer) => say(&answer.to_string()),
            Err(error) => {
                let kind = match &error {
                    EngineError::Gone(_) => "gone",
                    EngineError::Refused(_) => "refused",
                    EngineError::Missing(_) => "missing",
                    EngineError::Nonsense(_) => "nonsense",
                };
                say(&json!({"error": error.to_string(), "kind": kind}).to_string());
                remark(&format!("line {}: {error}", number + 1));
                outcome = Outcome::Finding;
            }
        }
    }
    Ok(outcome)
}

async fn carry_out(engine: &dyn Engine, order: Order) -> Result<Value, EngineError> {
    match order {
        Order::About => engine.about().await.map(|about| json!(about)),
        Order::Images => engine.images().await.map(|images| json!(images)),
        Order::Projects => engine.projects().await.map(|projects| json!(projects)),
        Order::Usage => engine.usage().await.map(|usage| json!(usage)),
        Order::Inventory { project } => engine.inventory(project).await.map(|all| json!(all)),
        Order::Run { project, instance, command, seconds } => {
            engine.run(project, instance, &command, seconds).await.map(|said| json!(said))
        }
        order => change(engine, order).await.map(|()| json!({"done": true})),
    }
}

async fn change(engine: &dyn Engine, order: Order) -> Result<(), EngineError> {
    match order {
        Order::Project { project, fence } => engine.project(project, &fence).await,
        Order::RemoveProject { project } => engine.remove_project(project).await,
        Order::Network { project, network } => engine.network(project, &network).await,
        Order::RemoveNetwork { project, network } => engine.remove_network(project, network).await,
        Order::Volume { project, volume } => engine.volume(project, &volume).await,
        Order::RemoveVolume { project, volume } => engine.remove_volume(project, volume).await,
        Order::Instance { project, instance } => engine.instance(project, &instance).await,
        Order::RemoveInstance { project, instance } => engine.remove_instance(project, instance).await,
        Order::Snapshot { project, of, snapshot } => engine.snapshot(project, of, snapshot).await,
        Order::Restore { project, of, snapshot } => engine.restore(project, of, snapshot).await,
        Order::RemoveSnapshot { project, of, snapshot } => {
            engine.remove_snapshot(project, of, snapshot).await
        }
        Order::About
        | Order::Images
        | Order::Projects
        | Order::Usage
        | Order::Run { .. }
        | Order::Inventory { .. } => Ok(()),
    }
}
