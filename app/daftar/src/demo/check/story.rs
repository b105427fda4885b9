//! The story, step by step.

use super::browser::Browser;
use super::country::Country;
use crate::demo::operator::Deed;
use crate::say;
use anyhow::{Context, Result, anyhow, bail, ensure};
use daftar_kernel::{Timestamp, World};
use daftar_ports::certificate;
use daftar_record::transport::HttpTransport;
use daftar_record::verify_person_proof;
use transparency_log::policy::Policy;
use transparency_log::receipt::Receipt;

/// Longest time a receipt may take until witnesses have confirmed it. After a kill the lease of the dead process must end
/// first.
const CONFIRM_SECONDS: i64 = 120;
/// Most pages of a form.
const FORM_PAGES: usize = 20;

/// Answers of the registration form by page.
pub(super) type Answers<'a> = [(&'a str, &'a [(&'a str, &'a str)])];

/// Somebody new who knows little.
const SELAM: &Answers<'static> = &[
    ("names", &[("name", "Selam Haile"), ("other_name", "ሰላም ኃይሌ")]),
    ("birth", &[("born-month", "7"), ("born-year", "1991"), ("birth_place_text", "behind the mill")]),
    ("person", &[("sex", "female"), ("standing", "citizen")]),
    ("papers", &[("documents", "other")]),
    ("statement", &[("statement", "yes")]),
];
/// Somebody the register knows under an Arabic name.
const AMINA: &Answers<'static> = &[
    ("names", &[("name", "Amina bint Salem al-Zahrani")]),
    ("birth", &[("born-day", "17"), ("born-month", "4"), ("born-year", "1991")]),
    ("person", &[("sex", "female"), ("standing", "citizen")]),
    ("papers", &[("documents", "other")]),
    ("statement", &[("statement", "yes")]),
];
/// Somebody who is registered in the last moment before the machine dies.
const LAST: &Answers<'static> = &[
    ("names", &[("name", "Ibrahim Ould Sidi Brahim")]),
    ("birth", &[("born-year", "1968")]),
    ("person", &[("sex", "male"), ("standing", "citizen")]),
    ("papers", &[("documents", "passport")]),
    ("statement", &[("statement", "yes")]),
];
/// Her telephone, which no other page of the story shows.
const HER_PHONE: &str = "+21620000001";
/// What the clinic is called.
const CLINIC: &str = crate::demo::clinic::NAME;
/// Part of the citizen's name.
pub(super) const HER_NAME: &str = "أمينة";

/// Waits until something is so, a little longer each time it is not.
pub(super) struct Patience {
    clock: World,
    until: Timestamp,
}

impl Patience {
    pub(super) fn new() -> Self {
        let clock = World::system();
        let until = clock.now().plus_seconds(CONFIRM_SECONDS);
        Self { clock, until }
    }
    pub(super) fn wait(&self, what: &str) -> Result<()> {
        ensure!(self.clock.now() < self.until, "{what} did not come within {CONFIRM_SECONDS} seconds");
        let pause = tokio::time::sleep(std::time::Duration::from_millis(300));
        tokio::runtime::Handle::current().block_on(pause);
        Ok(())
    }
}

/// Walks the story. Blocks.
///
/// # Errors
/// The step that failed, and why.
pub fn walk(country: &mut Country) -> Result<()> {
    let address = step("a country opens", || country.start())?;
    let mut browser = Browser::new(&address);
    let b = &mut browser;
    let case = step("its start page speaks three languages", || start_pages(b))?;
    let first = step("a clerk registers a person, one question a page", || registered(b, SELAM))?;
    step("a double is caught before anything is done", || double(b))?;
    let last = registered(b, LAST).context("a second person")?;
    step("killed with kill -9 and started again", || reborn(country, b))?;
    step("what was acknowledged is there, and witnesses confirm it", || {
        b.be("registrar", "/desk")?;
        [&first, &last].into_iter().try_for_each(|receipt| confirmed(b, receipt))
    })?;
    step("the police see nothing without a case, and a look is kept with one", || police(b, &case))?;
    step("she sees who looked, why, and under which law", || seen(b, &case))?;
    step("her receipt verifies offline, and an altered one does not", || receipt_holds(b))?;
    step("no look is missing from her list, as she can prove", || complete(b))?;
    step("her card prints, and its code verifies offline", || card(b))?;
    step("the public logs verify from outside", || outside(b))?;
    for deed in Deed::ALL {
        step(&format!("the operator's deed '{}' is named, and undone", deed.word()), || {
            // Once with a crash between deed and audit: neither the deed nor the way back is lost.
            let crash = (deed == Deed::DropMiddle).then_some(&mut *country);
            named_and_undone(b, deed, crash)
        })?;
    }
    step("she signs in to a clinic, sees that it read, and takes it back", || clinic(b))?;
    step("a kit enrols two people without a network: one is registered, one held as a double", || {
        super::field::enrolled(b, &country.beside("kit"), HER_NAME)
    })?;
    step(
        "a child is registered with its guardian's card, and a grandmother by whoever vouches for her",
        || super::people::family(b),
    )?;
    step(
        "two records of one person are joined by two officials, and the old card leads to the one that stands",
        || super::people::joined(b),
    )?;
    step("a partner is told what she allowed, and nothing once she takes it back", || {
        super::people::asked_about(b)
    })?;
    step("the hospital orders a computer, uses it, and is held by its quota", || super::cloud::ordered(b))?;
    step("the tour knows that all this has happened", || toured(b))?;
    step("letters lie in the outbox", || letters(b))?;
    step("a complaint by the paper's code is answered late, and everybody can count it", || {
        super::recourse::late(country, b)
    })
}

fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let done = work().map_err(|error| error.context(name.to_string()))?;
    say(&format!("ok {name}"));
    Ok(done)
}

/// The start page; answers the number of the police officer's case.
fn start_pages(b: &mut Browser) -> Result<String> {
    for (lang, dir, words) in
        [("fr", "ltr", "Devenir Amina"), ("ar", "rtl", "كن أمينة"), ("en", "ltr", "Be Amina")]
    {
        let page = b.get(&format!("/?lang={lang}"))?.good()?;
        let head = format!("<html lang=\"{lang}\" dir=\"{dir}\">");
        ensure!(page.has(&head) && page.has(words), "the page in '{lang}' is not in that language");
        for who in ["citizen", "registrar", "police", "auditor", "operator"] {
            ensure!(page.has(&format!("action=\"/demo/be/{who}\"")), "nobody can be '{who}'");
        }
    }
    let fixtures: serde_json::Value = serde_json::from_slice(&b.get("/demo/fixtures.json")?.good()?.body)?;
    Ok(fixtures["case"].as_str().context("the police officer has no case")?.to_string())
}

/// Fills the registration form in to its last page, and answers that page's address.
/// `beside` is the page about those who stand beside the person.
pub(super) fn filled(b: &mut Browser, answers: &Answers<'_>, beside: &[(&str, &str)]) -> Result<String> {
    b.be("registrar", "/people/register")?;
    let mut page = b.post("/people/register", &[])?.good()?;
    for _ in 0..FORM_PAGES {
        let id = page.path.rsplit('/').next().unwrap_or_default().to_string();
        if id == "check" {
            return Ok(page.path);
        }
        let listed = answers.iter().find(|(page, _)| *page == id).map_or(&[][..], |(_, given)| *given);
        let given = if id == "beside" { beside } else { listed };
        let path = page.path.clone();
        page = b.post(&path, given)?.good()?;
        ensure!(page.path != path, "the form refuses page '{id}'");
    }
    bail!("the form has no end")
}

/// Registers somebody; answers the address of the receipt.
fn registered(b: &mut Browser, answers: &Answers<'_>) -> Result<String> {
    let check = filled(b, answers, &[])?;
    let done = b.post(&check, &[])?.good()?;
    Ok(format!("/receipts/{}", done.between("/receipts/", "\"")?))
}

fn double(b: &mut Browser) -> Result<()> {
    let check = filled(b, AMINA, &[])?;
    let shown = b.post(&check, &[])?.good()?;
    ensure!(shown.has("name=\"despite\"") && shown.has(HER_NAME), "the double was not shown");
    let discard = check.replace("/check", "/discard");
    b.post(&discard, &[])?.good()?;
    Ok(())
}

fn reborn(country: &mut Country, b: &mut Browser) -> Result<()> {
    country.kill()?;
    b.moved(&country.start()?);
    Ok(())
}

/// Waits until a receipt is confirmed by witnesses.
fn confirmed(b: &mut Browser, receipt: &str) -> Result<()> {
    let patience = Patience::new();
    loop {
        let page = b.get(receipt)?.good().context("an acknowledged act is not there")?;
        if page.has("tag receipt good") {
            return Ok(());
        }
        patience.wait("the confirmation of a receipt")?;
    }
}

fn police(b: &mut Browser, case: &str) -> Result<()> {
    b.be("police", "/people/search")?;
    let known = [("purpose", "identity-check"), ("name", "Amina bint Salem"), ("born", "1991")];
    let without = b.post("/people/search", &known)?;
    ensure!(without.status != 200 && !without.has(HER_NAME), "somebody was shown without a case");
    let mut with = known.to_vec();
    with.push(("case", case));
    let found = b.post("/people/search", &with)?.good()?;
    ensure!(found.has(HER_NAME), "she was not found");
    let text = found.text();
    let (_, hers) = text.split_once(HER_NAME).context("she was not found")?;
    let (_, hers) = hers.split_once("action=\"/people/").context("her page cannot be opened")?;
    let person = format!("/people/{}", hers.split('"').next().unwrap_or_default());
    let shown = b.post(&person, &[("purpose", "identity-check"), ("case", case)])?.good()?;
    ensure!(shown.has(HER_NAME), "her page does not show her");
    Ok(())
}

fn seen(b: &mut Browser, case: &str) -> Result<()> {
    let looks = b.be("citizen", "/me/looks")?;
    for words in ["Karim Haddad", case, "Police Act"] {
        ensure!(looks.has(words), "her page does not say '{words}'");
    }
    Ok(())
}

fn policy(b: &mut Browser) -> Result<Policy> {
    Ok(Policy::parse(&b.get("/trust/policy")?.good()?.body)?)
}

fn receipt_holds(b: &mut Browser) -> Result<()> {
    let looks = b.get("/me/looks")?.good()?;
    let id = looks.between("/receipts/", "\"")?;
    confirmed(b, &format!("/receipts/{id}"))?;
    let file = b.get(&format!("/me/receipts/{id}/file.json"))?.good()?;
    let policy = policy(b)?;
    Receipt::parse(&file.body)?.verify(&policy)?;
    let forged = file.text().replacen("identity-check", "missing-person", 1);
    ensure!(forged != file.text(), "the receipt does not say why she was looked at");
    let verdict = Receipt::parse(forged.as_bytes()).and_then(|receipt| receipt.verify(&policy));
    ensure!(verdict.is_err(), "an altered receipt verifies");
    Ok(())
}

fn complete(b: &mut Browser) -> Result<()> {
    let shown = b.get("/me/looks")?.good()?.text().matches("href=\"/receipts/").count();
    let policy = policy(b)?;
    let patience = Patience::new();
    loop {
        let proof = b.get("/me/looks/proof.json")?;
        if proof.status == 200 {
            let verified = verify_person_proof(&proof.body, &policy)?;
            if usize::try_from(verified.looks)? >= shown {
                break;
            }
        }
        patience.wait("the proof of her newest look")?;
    }
    Ok(())
}

fn card(b: &mut Browser) -> Result<()> {
    let pdf = b.get("/me/card.pdf")?.good()?;
    ensure!(pdf.body.starts_with(b"%PDF"), "the card is no PDF");
    let page = b.get("/demo/card")?.good()?;
    let code = page.between("<textarea", "</textarea>")?;
    let code = code.split_once('>').map_or("", |(_, code)| code).trim().to_string();
    let pem = b.get("/trust/certificate-keys.pem")?.good()?.text();
    let keys = certificate::keys_from_pem(&pem)?;
    let checked = certificate::check(&code, &keys).map_err(|fault| anyhow!("the card's code: {fault}"))?;
    ensure!(checked.fields.iter().any(|(_, value)| value.contains(HER_NAME)), "the card is somebody else's");
    let mut bent = code.clone().into_bytes();
    if let Some(sign) = bent.last_mut() {
        *sign = if *sign == b'0' { b'1' } else { b'0' };
    }
    let bent = String::from_utf8(bent)?;
    ensure!(certificate::check(&bent, &keys).is_err(), "a bent code verifies");
    b.post("/demo/card", &[("code", &code)])?.good()?;
    Ok(())
}

fn outside(b: &mut Browser) -> Result<()> {
    let url = format!("{}/log", b.base());
    let against = policy(b)?.into();
    let transport = HttpTransport::new(&[])?;
    for log in daftar_record::verify::verify_url(&url, &transport, &against, &mut |_, _| {})? {
        ensure!(log.is_clean(), "{} is not whole: {:?} {:?}", log.place, log.report.findings, log.problems);
    }
    Ok(())
}

/// What the audit must say of a deed.
const fn finding(deed: Deed) -> &'static str {
    match deed {
        Deed::DropNewest => "record_head",
        Deed::DropMiddle => "is missing",
        Deed::BlameOther => "the column agency",
        Deed::RewriteAct => "is not the one that was logged",
        Deed::DropAct => "the entry is missing",
    }
}

fn named_and_undone(b: &mut Browser, deed: Deed, crash: Option<&mut Country>) -> Result<()> {
    b.be("operator", "/demo/operator")?;
    b.post(&format!("/demo/operator/{}", deed.word()), &[])?.good()?;
    if let Some(country) = crash {
        reborn(country, b)?;
        b.be("operator", "/demo/operator")?;
    }
    let audit = b.post("/demo/audit", &[])?.good()?;
    ensure!(
        audit.has("class=\"findings\"") && audit.has(finding(deed)),
        "the audit does not say '{}'",
        finding(deed)
    );
    b.post("/demo/undo", &[])?.good()?;
    let again = b.post("/demo/audit", &[])?.good()?;
    ensure!(!again.has("class=\"findings\""), "the audit still finds something after the undo");
    Ok(())
}

fn clinic(b: &mut Browser) -> Result<()> {
    b.be("citizen", "/demo/clinic")?;
    let question = b.post("/demo/clinic/sign-in", &[])?.good()?;
    ensure!(question.path.starts_with("/openid/authorization/"), "the clinic led to {}", question.path);
    ensure!(question.has(CLINIC), "the question does not say who asks");
    let declined = b.post(&format!("{}/decline", question.path), &[])?.good()?;
    ensure!(!declined.has(HER_PHONE), "the clinic knows her although she declined");
    let question = b.post("/demo/clinic/sign-in", &[])?.good()?;
    let there = b.post(&question.path, &[])?.good()?;
    ensure!(there.path.starts_with("/demo/clinic") && there.has(HER_PHONE), "the clinic does not know her");
    ensure!(b.get("/me/looks")?.good()?.has(CLINIC), "the clinic's look is not in her list");
    ensure!(b.get("/me/services/history")?.good()?.has(CLINIC), "her sign-in is not in her history");
    let services = b.get("/me/services")?.good()?;
    let revoke = services.between("action=\"/me/services/", "\"")?;
    b.post(&format!("/me/services/{revoke}"), &[])?.good()?;
    b.get("/demo/clinic?lang=en")?.good()?;
    let shut = b.post("/demo/clinic/read", &[])?.good()?;
    ensure!(shut.has("can read nothing about her any more"), "the clinic still reads after she took it back");
    Ok(())
}

fn toured(b: &mut Browser) -> Result<()> {
    // Being her again after the police looked is a step of its own.
    b.be("citizen", "/me/looks")?;
    for number in 1..=10 {
        let page = b.get(&format!("/demo/tour/{number}?lang=en"))?.good()?;
        ensure!(page.has("This has happened."), "step {number} of the tour is said not to have happened");
    }
    Ok(())
}

fn letters(b: &mut Browser) -> Result<()> {
    b.get("/demo/outbox")?.good()?;
    let outbox = b.post("/demo/outbox", &[])?.good()?;
    ensure!(outbox.has(HER_NAME) && outbox.has("lang=\"ar\""), "her letter is not in the outbox");
    Ok(())
}
