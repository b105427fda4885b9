//! Somebody is refused, complains with the paper alone, and the answer comes late: everybody can count that.

use super::browser::Browser;
use super::country::Country;
use anyhow::{Context, Result, ensure};

/// The legal answer days of the demo country, and one more.
const DAYS: u32 = 31;
/// What the refused person writes.
const WORDS: &str = "My mother was born here, and so was I.";
/// What the desk answers.
const ANSWER: &str = "The office should have asked for the midwife. It has been told to.";

/// Refused, complained, not answered in time, answered late, counted.
///
/// # Errors
/// What is not as it should be.
pub fn late(country: &mut Country, b: &mut Browser) -> Result<()> {
    b.be("registrar", "/people/refuse")?;
    let form = b.get("/people/refuse")?.good()?;
    let action = form.between("action=\"/people/refuse?", "\"")?.replace("&amp;", "&");
    let why = [("reason", "not-resident"), ("words", "No paper shows an address in the country")];
    let paper = b.post(&format!("/people/refuse?{action}"), &why)?.good()?;
    let text = paper.text();
    let mut printed = text.split("<span dir=\"ltr\">").skip(1).filter_map(|part| part.split('<').next());
    let reference = printed.next().context("the paper has no number")?.to_string();
    let code = printed.next().context("the paper has no code")?.to_string();

    // Whoever was refused has no account: another browser, and what stands on the paper.
    let mut at_home = Browser::new(b.base());
    at_home.get("/refusals?lang=en")?.good()?;
    let with_paper = [("reference", reference.as_str()), ("code", code.as_str())];
    let mine = at_home.post("/refusals", &with_paper)?.good()?;
    ensure!(mine.has("No paper shows an address"), "the paper does not open what was said");
    let complaint = [with_paper[0], with_paper[1], ("words", WORDS)];
    let sent = at_home.post("/refusals/complaint", &complaint)?.good()?;
    ensure!(sent.has(WORDS), "the complaint is not shown to whoever wrote it");
    let before = counted(&mut at_home)?;

    country.kill()?;
    b.moved(&country.start_later(DAYS)?);
    at_home.moved(b.base());
    let waiting = counted(&mut at_home)?;
    ensure!(
        (waiting.open_late, waiting.late) == (before.open_late + before.open, before.late),
        "after {DAYS} days the complaint is not counted as late: {waiting:?} after {before:?}"
    );
    answered(b)?;
    let after = counted(&mut at_home)?;
    ensure!(
        (after.open_late, after.late) == (waiting.open_late - 1, waiting.late + 1),
        "the late answer is not counted as late: {after:?} after {waiting:?}"
    );
    at_home.get("/refusals?lang=en")?.good()?;
    ensure!(
        at_home.post("/refusals", &with_paper)?.good()?.has(ANSWER),
        "the answer does not reach the paper"
    );
    Ok(())
}

/// The desk reads the complaint that is late, and answers.
fn answered(b: &mut Browser) -> Result<()> {
    b.be("ombudsman", "/desk/complaints")?;
    let list = b.get("/desk/complaints?lang=en")?.good()?.text();
    for part in list.split("href=\"/desk/complaints/").skip(1) {
        let path = format!("/desk/complaints/{}", part.split('"').next().unwrap_or_default());
        b.get(&path)?.good()?;
        let read = b.post(&format!("{path}/read"), &[("purpose", "complaint")])?.good()?;
        if read.has(WORDS) {
            ensure!(read.has("Late"), "the desk is not told that it is late");
            let answer = [("outcome", "upheld"), ("words", ANSWER)];
            b.post(&format!("{path}/answer"), &answer)?.good()?;
            return Ok(());
        }
    }
    anyhow::bail!("the complaint is not at the desk")
}

/// What everybody reads of complaints about the registry.
#[derive(Debug)]
struct Counts {
    open: i64,
    open_late: i64,
    late: i64,
}

fn counted(b: &mut Browser) -> Result<Counts> {
    let page = b.get("/complaints?lang=en")?.good()?.text();
    let (_, row) = page.split_once("Civil Registry<").context("nothing is counted for the registry")?;
    let row = row.split("</tr>").next().unwrap_or_default();
    let numbers: Vec<i64> = row
        .split("<td")
        .skip(1)
        .filter_map(|cell| cell.split_once('>')?.1.split('<').next()?.trim().parse().ok())
        .collect();
    let [open, open_late, _, late, _] = numbers.as_slice() else {
        anyhow::bail!("the row of the registry does not read: {row}")
    };
    Ok(Counts { open: *open, open_late: *open_late, late: *late })
}
