//! A kit in the field: two people enrolled without a network, and home again.

use super::browser::Browser;
use crate::kit::enrol::Enrolment;
use crate::kit::{Kit, Wristwatch};
use anyhow::{Context, Result, ensure};
use daftar_kernel::World;
use enrolment_packet::pin::Cost;
use std::path::Path;
use std::sync::Arc;

/// The operator's sign-in name, and a PIN for a folder that goes with the story.
const OPERATOR: (&str, &str) = ("registrar", "314159");
/// Somebody new, and somebody the register knows under an Arabic name.
const ENTRIES: [&str; 2] = [
    r#"{"person":{"name":"Tsehay Gebremariam","born":"1963-11-05","sex":"female"},"evidence":"Her village vouches"}"#,
    r#"{"person":{"name":"Amina bint Salem al-Zahrani","born":"1991-04-17","sex":"female"},"evidence":""}"#,
];

/// Enrols both with a kit of its own in this folder, sends the packets, and looks at what became of them.
///
/// # Errors
/// What is not as it should be.
pub fn enrolled(b: &mut Browser, dir: &Path, known: &str) -> Result<()> {
    let world = World::system();
    let mut kit = Kit::init(dir, "Mobile unit 7", world.clone(), Arc::new(Wristwatch(world)))?;
    kit.add_operator(OPERATOR.0, OPERATOR.1, Cost::LEAST)?;
    let request = kit.request()?;
    b.be("senior", "/desk/kits/new")?;
    let asked = [("request", request.as_str()), ("days", "14"), ("confirm", "yes")];
    let shown = b.post("/desk/kits/new", &asked[..2])?.good()?;
    ensure!(shown.has("Mobile unit 7") && shown.has(OPERATOR.0), "who asks is not said before it is allowed");
    let page = b.post("/desk/kits/new", &asked)?.good()?;
    kit.authorise(&b.get(&format!("{}/authorisation.json", page.path))?.good()?.body)?;
    let key = kit.registry_key().context("the kit does not know its registry")?;
    ensure!(page.has(key), "the kit's page does not show the registry's key");

    let mut papers = Vec::new();
    for entry in ENTRIES {
        let enrolment = Enrolment { entry: entry.into(), ..Enrolment::default() };
        papers.push(kit.enrol(OPERATOR, &enrolment)?.reference);
    }
    for (_, path) in kit.packets()? {
        let packet = std::fs::read(&path)?;
        let readable = |word: &[u8]| packet.windows(word.len()).any(|part| part == word);
        ensure!(!readable(b"Tsehay") && !readable(b"Amina"), "a packet can be read on the kit");
    }
    let sent = tokio::runtime::Handle::current().block_on(kit.send(b.base(), b""))?;
    let count = |state: &str| sent.get(state).copied().unwrap_or(0);
    ensure!((count("merged"), count("held")) == (1, 1), "the packets became {sent:?}");
    ensure!(kit.packets()?.is_empty(), "the kit keeps packets that the registry holds");

    let (new, double) = (papers.first().context("no paper")?, papers.last().context("no paper")?);
    let registered = b.get(&format!("/desk/kits?reference={new}"))?.good()?;
    ensure!(registered.has("href=\"/people/"), "the number on the paper does not lead to the person");
    let waits = b.get(&format!("/desk/kits?reference={double}"))?.good()?;
    let opened = b.post(&waits.path, &[])?.good()?;
    ensure!(opened.has(known), "the packet that waits does not show who may be the same");
    Ok(())
}
