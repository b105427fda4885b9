//! Networks and their rules. A network has a block of addresses of its own; whatever no rule allows does not come in or go out.

use crate::block;
use crate::change::Asked;
use crate::cloud::{Cloud, Done, Who};
use crate::member::Part;
use crate::project::enter;
use crate::resource::{self, Kind, NetworkSpec, New, RuleSpec, Spec, Wanted};
use crate::{permission, problems};
use daftar_kernel::{Id, Problem};
use serde_json::json;
use std::net::Ipv4Addr;

/// Most rules of a network.
pub const RULES_MAX: usize = 50;
/// What a rule can be about.
pub const PROTOCOLS: [&str; 3] = ["tcp", "udp", "icmp4"];

/// Whether a rule can stand.
///
/// # Errors
/// `cloud-entry` with every field's fault.
pub fn check_rule(rule: &RuleSpec) -> Result<(), Problem> {
    let mut wrong: Option<Problem> = None;
    let mut fault = |field: &str, message: &str| {
        wrong = Some(wrong.take().unwrap_or_else(problems::entry).field(field, message));
    };
    if !PROTOCOLS.contains(&rule.protocol.as_str()) {
        fault("protocol", "cloud-fault-protocol");
    }
    if !rule.peer.is_empty() && !is_block(&rule.peer) {
        fault("peer", "cloud-fault-peer");
    }
    let icmp = rule.protocol == "icmp4";
    if !rule.ports.is_empty() && (icmp || !are_ports(&rule.ports)) {
        fault("ports", "cloud-fault-ports");
    }
    wrong.map_or(Ok(()), Err)
}

/// An IPv4 block such as `10.64.4.0/24`, with nothing set behind its prefix.
fn is_block(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return false };
    let (Ok(address), Ok(bits)) = (address.parse::<Ipv4Addr>(), prefix.parse::<u32>()) else { return false };
    // One spelling only: `/08` is none.
    let behind = u32::MAX.checked_shr(bits).unwrap_or(0);
    bits <= 32 && prefix == bits.to_string() && u32::from(address) & behind == 0
}

/// Ports such as `443` or `8000-8010`.
fn are_ports(text: &str) -> bool {
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0 && text == port.to_string());
    match text.split_once('-') {
        None => port(text).is_some(),
        Some((first, last)) => matches!((port(first), port(last)), (Some(a), Some(b)) if a < b),
    }
}

impl Cloud {
    /// Orders a network. Without rules nothing comes in; what goes out is up to `reaches_out` and rules.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-entry`, `cloud-quota`, `cloud-name-taken`, `cloud-blocks-out`, `cloud-key-used`; 404; the store's.
    pub async fn order_network(
        &self,
        who: &Who,
        project: Id,
        (name, reaches_out): (&str, bool),
        key: &str,
    ) -> Result<Done, Problem> {
        self.office().need(&who.actor(), permission::USE)?;
        if !resource::is_name(name) {
            return Err(problems::entry().field("name", "cloud-fault-name"));
        }
        self.once(who, ("network-ordered", key), &(project, name, reaches_out), {
            let name = name.to_string();
            move |tx, cloud, who| {
                let name = name.clone();
                Box::pin(async move {
                    enter(tx, &who, project, Part::Operator).await?;
                    let id = cloud.store().world().id();
                    let block = block::take(tx, id).await?;
                    let spec = Spec::Network(NetworkSpec { block, reaches_out, rules: Vec::new() });
                    let (agency, wanted) = (who.agency(), Wanted::Present);
                    resource::insert(&cloud, tx, New { id, agency, project, name: &name, spec, wanted })
                        .await?;
                    let public = json!({"project": project, "reaches_out": reaches_out});
                    let private = json!({"network": id, "name": name});
                    let receipt = cloud.act(tx, &who, "cloud.network-ordered", public, private).await?;
                    Ok(Done { id, receipt })
                })
            }
        })
        .await
    }

    /// Allows something more.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-entry`, `cloud-leaving`, `cloud-key-used`; 404; the store's.
    pub async fn add_rule(
        &self,
        who: &Who,
        (project, network): (Id, Id),
        rule: &RuleSpec,
        key: &str,
    ) -> Result<Done, Problem> {
        check_rule(rule)?;
        let asked = Asked { act: "cloud.rule-added", key, request: json!(rule) };
        let rule = rule.clone();
        self.change(who, (project, network, Kind::Network), asked, move |was, _| {
            let mut spec = was.spec.clone();
            let Spec::Network(network) = &mut spec else { return Err(Problem::not_found()) };
            if network.rules.len() >= RULES_MAX || network.rules.contains(&rule) {
                return Err(problems::entry().field("protocol", "cloud-fault-rules"));
            }
            network.rules.push(rule.clone());
            Ok((spec, was.wanted))
        })
        .await
    }

    /// Sets all rules at once.
    ///
    /// # Errors
    /// As [`Cloud::add_rule`].
    pub async fn set_rules(
        &self,
        who: &Who,
        (project, network): (Id, Id),
        rules: &[RuleSpec],
        key: &str,
    ) -> Result<Done, Problem> {
        rules.iter().try_for_each(check_rule)?;
        let twice = rules.iter().enumerate().any(|(place, rule)| rules[..place].contains(rule));
        if rules.len() > RULES_MAX || twice {
            return Err(problems::entry().field("rules", "cloud-fault-rules"));
        }
        let asked = Asked { act: "cloud.rules-set", key, request: json!(rules) };
        let rules = rules.to_vec();
        self.change(who, (project, network, Kind::Network), asked, move |was, _| {
            let mut spec = was.spec.clone();
            let Spec::Network(network) = &mut spec else { return Err(Problem::not_found()) };
            network.rules.clone_from(&rules);
            Ok((spec, was.wanted))
        })
        .await
    }

    /// Takes a rule back.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-leaving`, `cloud-key-used`; 404 for a rule that is not there; the store's.
    pub async fn remove_rule(
        &self,
        who: &Who,
        (project, network): (Id, Id),
        rule: &RuleSpec,
        key: &str,
    ) -> Result<Done, Problem> {
        let asked = Asked { act: "cloud.rule-removed", key, request: json!(rule) };
        let rule = rule.clone();
        self.change(who, (project, network, Kind::Network), asked, move |was, _| {
            let mut spec = was.spec.clone();
            let Spec::Network(network) = &mut spec else { return Err(Problem::not_found()) };
            let place = network.rules.iter().position(|one| *one == rule).ok_or_else(Problem::not_found)?;
            network.rules.remove(place);
            Ok((spec, was.wanted))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_stand_and_rules_that_do_not() {
        let rule = |protocol: &str, peer: &str, ports: &str| RuleSpec {
            incoming: true,
            protocol: protocol.into(),
            peer: peer.into(),
            ports: ports.into(),
        };
        for (protocol, peer, ports) in [
            ("tcp", "", "443"),
            ("udp", "10.64.4.0/24", "8000-8010"),
            ("icmp4", "0.0.0.0/0", ""),
            ("tcp", "192.0.2.1/32", "1-65535"),
        ] {
            assert_eq!(check_rule(&rule(protocol, peer, ports)), Ok(()), "{protocol} {peer} {ports}");
        }
        for (protocol, peer, ports, field) in [
            ("sctp", "", "", "protocol"),
            ("tcp", "10.64.4.1/24", "", "peer"),
            ("tcp", "10.64.4.0", "", "peer"),
            ("tcp", "10.64.4.0/33", "", "peer"),
            ("tcp", "10.0.0.0/08", "", "peer"),
            ("tcp", "", "0", "ports"),
            ("tcp", "", "65536", "ports"),
            ("tcp", "", "80-80", "ports"),
            ("tcp", "", "080", "ports"),
            ("icmp4", "", "80", "ports"),
        ] {
            let problem = check_rule(&rule(protocol, peer, ports)).unwrap_err();
            assert_eq!(problem.fields[0].field, field, "{protocol} {peer} {ports}");
        }
    }
}
