//! An agency's computers: a project, a computer that is ordered, used and stopped.

use super::browser::{Browser, Page};
use super::story::Patience;
use anyhow::{Result, ensure};

/// The key that the last page's form is sent with.
fn key(page: &Page) -> Result<String> {
    page.between("name=\"key\" value=\"", "\"")
}

/// Orders a computer for the hospital, waits until it runs, runs a command in it, and asks for more than the quota holds.
///
/// # Errors
/// What is not as it should be.
pub fn ordered(b: &mut Browser) -> Result<()> {
    b.be("cloud", "/cloud")?;
    let form = b.get("/cloud/new?lang=en")?.good()?;
    ensure!(form.has("simulator"), "the page does not say that its engine is a simulator");
    let room = b.post("/cloud/new", &[("key", &key(&form)?), ("name", "Appointments")])?.good()?;
    let orders = format!("{}/instances", room.path);
    let order = |b: &mut Browser, name: &str, size: &str| -> Result<Page> {
        let form = b.get(&format!("{orders}/new"))?.good()?;
        let fields =
            [("key", key(&form)?), ("name", name.into()), ("size", size.into()), ("image", "busybox".into())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        b.post(&orders, &fields)
    };
    let instance = order(b, "web", "small")?.good()?.path;
    let patience = Patience::new();
    let runs = loop {
        let page = b.get(&instance)?.good()?;
        if page.has("name=\"command\"") {
            break page;
        }
        patience.wait("a running computer")?;
    };
    let fields = [("key", key(&runs)?), ("command", "uname -a".into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let said = b.post(&format!("{instance}/command"), &fields)?.good()?;
    ensure!(said.has("Exit status"), "the computer did not say what the command did");
    let bill = b.get("/cloud/bill")?.good()?;
    ensure!(bill.has("invoice.json") && bill.has("Usage in"), "she does not see her agency's bill");
    for (name, fits) in [("second", true), ("third", true), ("fourth", true), ("fifth", false)] {
        // One processor is taken; of eight, three orders of two fit, and a fourth does not.
        ensure!(
            order(b, name, "medium")?.good().is_ok() == fits,
            "the quota let '{name}' through: {}",
            !fits
        );
    }
    let waits = order(b, "large", "large")?.good()?;
    ensure!(waits.path.ends_with("/orders"), "a large computer needs nobody's approval");
    Ok(())
}
