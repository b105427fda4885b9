//! Networks: bridges of the machine, each with rules that drop whatever none of them allows.

use super::{Lxd, list, names, text};
use crate::engine::{EngineError, Network};
use daftar_kernel::Id;
use http::Method;
use serde_json::{Value, json};
use std::net::Ipv4Addr;

/// Every unicast address outside the blocks that are private or the machine's own (RFC 6890): the world. Other projects'
/// networks and the operator's own are thereby not reached by reaching out.
const WORLD: &str = "1.0.0.0-9.255.255.255,11.0.0.0-100.63.255.255,100.128.0.0-126.255.255.255,\
    128.0.0.0-169.253.255.255,169.255.0.0-172.15.255.255,172.32.0.0-192.167.255.255,192.169.0.0-198.17.255.255,\
    198.20.0.0-223.255.255.255";

impl Lxd {
    pub(super) async fn keep_network(&self, project: Id, network: &Network) -> Result<(), EngineError> {
        let rules = names::name(names::RULES, network.id);
        self.keep_rules(&rules, network).await?;
        let bridge = names::bridge(network.id);
        let path = format!("/1.0/networks/{bridge}");
        let config = json!({
            "ipv4.address": network.block,
            "ipv4.nat": network.reaches_out.to_string(),
            "ipv6.address": "none",
            "security.acls": rules,
            "security.acls.default.ingress.action": "drop",
            "security.acls.default.egress.action": "drop",
            names::ID_KEY: network.id.to_string(),
            names::PROJECT_KEY: project.to_string(),
        });
        match self.client.find(&path).await? {
            None => {
                // Its rules come with it: a bridge without rules lets everything through.
                let wanted = json!({"name": bridge, "type": "bridge", "config": config});
                if let Err(error) = self.client.change(Method::POST, "/1.0/networks", wanted).await {
                    let there = self.client.find(&path).await?.ok_or(error)?;
                    ours(&there, project, network.id)?;
                }
            }
            Some(there) => {
                ours(&there, project, network.id)?;
                let same = config
                    .as_object()
                    .is_some_and(|wanted| wanted.iter().all(|(key, value)| there["config"][key] == *value));
                if !same {
                    self.client.change(Method::PATCH, &path, json!({"config": config})).await?;
                }
            }
        }
        self.open_networks(project).await
    }

    async fn keep_rules(&self, name: &str, network: &Network) -> Result<(), EngineError> {
        let (ingress, egress) = rules_of(network)?;
        let wanted = json!({"description": "", "config": {}, "ingress": ingress, "egress": egress});
        let path = format!("/1.0/network-acls/{name}");
        let there = match self.client.find(&path).await? {
            Some(there) => there,
            None => {
                let mut new = wanted.clone();
                new["name"] = name.into();
                match self.client.change(Method::POST, "/1.0/network-acls", new).await {
                    Ok(_) => return Ok(()),
                    Err(error) => self.client.find(&path).await?.ok_or(error)?,
                }
            }
        };
        if same_rules(&there["ingress"], &wanted["ingress"])
            && same_rules(&there["egress"], &wanted["egress"])
        {
            return Ok(());
        }
        self.client.change(Method::PUT, &path, wanted).await.map(|_| ())
    }

    pub(super) async fn drop_network(&self, project: Id, network: Id) -> Result<(), EngineError> {
        let path = format!("/1.0/networks/{}", names::bridge(network));
        if let Some(there) = self.client.find(&path).await? {
            ours(&there, project, network)?;
            if list(&there["used_by"])?
                .iter()
                .any(|user| user.as_str().is_some_and(|u| u.contains("/instances/")))
            {
                return Err(EngineError::Refused("instances are still attached to the network".into()));
            }
            self.client.remove(&path).await?;
        }
        self.client.remove(&format!("/1.0/network-acls/{}", names::name(names::RULES, network))).await?;
        match self.open_networks(project).await {
            // Its project is gone already.
            Err(EngineError::Missing(_)) => Ok(()),
            done => done,
        }
    }

    /// The project's networks, as the engine has them.
    pub(super) async fn networks_of(&self, project: Id) -> Result<Vec<Id>, EngineError> {
        let networks = self.client.get("/1.0/networks?recursion=1&project=default").await?;
        let project = project.to_string();
        let mut found = Vec::new();
        for network in list(&networks)? {
            if network["config"][names::PROJECT_KEY] == project.as_str() {
                let id = text(&network["config"], names::ID_KEY)?;
                found.push(id.parse().map_err(|e| EngineError::Nonsense(format!("a network of ours: {e}")))?);
            }
        }
        found.sort();
        Ok(found)
    }
}

/// A bridge's name holds only a part of the identifier, so the whole is compared.
fn ours(there: &Value, project: Id, network: Id) -> Result<(), EngineError> {
    let config = &there["config"];
    if config[names::ID_KEY] == network.to_string() && config[names::PROJECT_KEY] == project.to_string() {
        return Ok(());
    }
    Err(EngineError::Refused("a bridge of that name belongs to something else".into()))
}

/// The addresses of a network without its gateway, which is the machine: the engine's ranges from and to.
fn neighbours(block: &str) -> Result<String, EngineError> {
    let refused =
        || EngineError::Refused(format!("'{block}' is no IPv4 block with its gateway, such as 10.64.3.1/24"));
    let (gateway, length) = block.split_once('/').ok_or_else(refused)?;
    let gateway = u32::from(gateway.parse::<Ipv4Addr>().map_err(|_| refused())?);
    let length: u32 = length.parse().map_err(|_| refused())?;
    let hosts = 1_u32.checked_shl(32_u32.checked_sub(length).ok_or_else(refused)?).ok_or_else(refused)?;
    let first = gateway & !(hosts - 1);
    let last = first | (hosts - 1);
    if !(first..last).contains(&gateway) || gateway == first || hosts < 8 {
        return Err(refused());
    }
    let range = |from: u32, to: u32| format!("{}-{}", Ipv4Addr::from(from), Ipv4Addr::from(to));
    let mut ranges = vec![range(gateway + 1, last)];
    if gateway - 1 > first {
        ranges.insert(0, range(first + 1, gateway - 1));
    }
    Ok(ranges.join(","))
}

fn rules_of(network: &Network) -> Result<(Value, Value), EngineError> {
    let (mut incoming, mut outgoing) = (Vec::new(), Vec::new());
    // Where the kernel shows bridged frames to the firewall (br_netfilter), the rules meet neighbours as well.
    let near = neighbours(&network.block)?;
    incoming.push(json!({"action": "allow", "state": "enabled", "source": near}));
    outgoing.push(json!({"action": "allow", "state": "enabled", "destination": near}));
    for rule in &network.rules {
        let mut said = json!({"action": "allow", "state": "enabled", "protocol": rule.protocol});
        if !rule.peer.is_empty() {
            said[if rule.incoming { "source" } else { "destination" }] = rule.peer.as_str().into();
        }
        if !rule.ports.is_empty() {
            said["destination_port"] = rule.ports.as_str().into();
        }
        if rule.incoming { &mut incoming } else { &mut outgoing }.push(said);
    }
    if network.reaches_out {
        outgoing.push(json!({"action": "allow", "state": "enabled", "destination": WORLD}));
    }
    Ok((incoming.into(), outgoing.into()))
}

/// Whether the rules are the same in whatever order; what the engine adds of its own (`description`…) is not looked at.
fn same_rules(there: &Value, wanted: &Value) -> bool {
    const PARTS: [&str; 6] = ["action", "state", "protocol", "source", "destination", "destination_port"];
    let key = |rule: &Value| PARTS.map(|part| rule[part].as_str().unwrap_or_default().to_string());
    let sorted = |rules: &Value| {
        let mut keys: Vec<_> = rules.as_array().into_iter().flatten().map(key).collect();
        keys.sort();
        keys
    };
    sorted(there) == sorted(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_everybody_but_the_machine() {
        assert_eq!(neighbours("10.64.3.1/24").unwrap(), "10.64.3.2-10.64.3.255");
        assert_eq!(neighbours("10.64.3.9/28").unwrap(), "10.64.3.1-10.64.3.8,10.64.3.10-10.64.3.15");
        for odd in [
            "",
            "10.64.3.1",
            "10.64.3.0/24",
            "10.64.3.1/31",
            "10.64.3.1/33",
            "10.64.3.255/24",
            "x/24",
            "1.2.3.4/0",
        ] {
            assert!(neighbours(odd).is_err(), "{odd}");
        }
    }
}
