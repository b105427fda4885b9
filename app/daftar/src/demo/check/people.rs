//! Families, doubles and partners: who stands beside whom, two records of one person, and who may ask about somebody.

use super::browser::{Browser, Page};
use super::story::{Answers, HER_NAME, filled};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// A child, whose guardian's card is added.
const CHILD: &Answers<'static> = &[
    ("names", &[("name", "Meron Dawit")]),
    ("birth", &[("born-day", "3"), ("born-month", "2"), ("born-year", "2021")]),
    ("person", &[("sex", "male"), ("standing", "citizen")]),
    ("papers", &[("documents", "birth-certificate")]),
    ("statement", &[("statement", "yes")]),
];
/// A grandmother who has no papers and does not know her year.
const GRANDMOTHER: &Answers<'static> = &[
    ("names", &[("name", "Zewditu Abebe")]),
    ("birth", &[]),
    ("person", &[("sex", "female"), ("standing", "unknown")]),
    ("papers", &[("documents", "introducer")]),
    ("introducer", &[("introducer", "Amina bint Salem al-Zahrani")]),
    ("statement", &[("statement", "yes")]),
];
/// Somebody who comes twice: once, and again with a slip of the pen.
const ONCE: &str = "Biniam Kidane Woldu";
const AGAIN: &str = "Binyam Kidane Woldu";
/// Most pairs opened to find the one that was made.
const PAIRS: usize = 20;
/// Characters of an identifier.
const ID_CHARS: usize = 36;
/// What the partner is called.
const FUND: &str = "Widows' Fund of Marsa Nour";

/// Sends the form, says why somebody alike is another when asked, and answers the address of the person.
fn registered(b: &mut Browser, answers: &Answers<'_>, beside: &[(&str, &str)]) -> Result<String> {
    let check = filled(b, answers, beside)?;
    let mut done = b.post(&check, &[])?.good()?;
    if done.has("name=\"despite\"") {
        done = b.post(&check, &[("despite", "Says that nobody wrote him down before")])?.good()?;
    }
    let text = done.text();
    // The languages of the page are links too, to the form.
    let links = text.split("href=\"/people/").skip(1).filter_map(|part| part.split('"').next());
    let person = links.into_iter().find(|id| id.len() == ID_CHARS).context("nobody was registered")?;
    Ok(format!("/people/{person}"))
}

/// The number behind the words "Card number".
fn card_on(page: &Page) -> Result<String> {
    page.between("<dt>Card number</dt><dd><span dir=\"ltr\">", "<")
}

fn her_card(b: &mut Browser) -> Result<String> {
    b.be("citizen", "/me/record")?;
    card_on(&b.get("/me/record?lang=en")?.good()?)
}

/// A child with a guardian, and somebody without papers for whom she vouches.
///
/// # Errors
/// What is not as it should be.
pub fn family(b: &mut Browser) -> Result<()> {
    let card = her_card(b)?;
    // A child is not registered beside a guardian whom nobody knows.
    let wrong = filled(b, CHILD, &[("guardian_card", "8 0000 0000 0001")])?;
    let refused = b.post(&wrong, &[])?;
    ensure!(
        refused.has("name=\"guardian_card\"") && !refused.has("/receipts/"),
        "an unknown guardian is taken"
    );
    b.post(&wrong.replace("/check", "/discard"), &[])?.good()?;

    let child = registered(b, CHILD, &[("guardian_card", &card)])?;
    let shown = b.post(&child, &[("purpose", "card")])?.good()?;
    let childs_card = card_on(&shown)?;
    let grandmother = registered(b, GRANDMOTHER, &[("introducer_card", &card)])?;
    let shown = b.post(&grandmother, &[("purpose", "correction")])?.good()?;
    ensure!(shown.has("Was introduced by somebody"), "who vouched for her is not kept");

    let list = b.be("citizen", "/me/people")?;
    let text = list.text();
    let (before, _) = text.split_once("Meron Dawit").context("her page does not name the child")?;
    let (_, bond) = before.rsplit_once("/me/people/").context("the child's record has no link")?;
    let record = b.get(&format!("/me/people/{}", bond.split('"').next().unwrap_or_default()))?.good()?;
    ensure!(
        record.has("Meron Dawit") && record.has(&childs_card),
        "the guardian does not see the child's record"
    );
    let receipts = b.get("/me/receipts")?.good()?;
    ensure!(receipts.has("You vouched for somebody without papers"), "whoever vouches has no receipt of it");
    Ok(())
}

fn twice(name: &'static str) -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    vec![
        ("names", vec![("name", name)]),
        ("birth", vec![("born-day", "9"), ("born-month", "6"), ("born-year", "1974")]),
        ("person", vec![("sex", "male"), ("standing", "citizen")]),
        ("parents", vec![("mother", "Letebrhan Gebru")]),
        ("contact", vec![("phone", "+21620004711")]),
        ("papers", vec![("documents", "other")]),
        ("statement", vec![("statement", "yes")]),
    ]
}

/// Two records of one person are found by what they weigh, compared, and joined by two officials; the old card leads on.
///
/// # Errors
/// What is not as it should be.
pub fn joined(b: &mut Browser) -> Result<()> {
    let mut cards = Vec::new();
    for name in [ONCE, AGAIN] {
        let given = twice(name);
        let answers: Vec<_> = given.iter().map(|(page, fields)| (*page, fields.as_slice())).collect();
        let person = registered(b, &answers, &[])?;
        cards.push(card_on(&b.post(&person, &[("purpose", "card")])?.good()?)?);
    }
    let [_, old] = cards.as_slice() else { bail!("two cards were made") };

    let pair = pair_of(b)?;
    let compared = b.post(&pair, &[])?.good()?;
    let keep = compared.between("name=\"keep\" value=\"", "\"").context("nothing can be decided")?;
    let ground = "Act of 1998, article 33; both papers seen, he was heard";
    let wish = [("decision", "merge"), ("keep", keep.as_str()), ("ground", ground)];
    let asked = b.post(&format!("{pair}/decide"), &wish)?.good()?;
    let approval = asked.path.clone();
    ensure!(approval.starts_with("/desk/approvals/"), "the wish led to {approval}");
    let digest = asked.between("name=\"digest\" value=\"", "\"")?;
    b.post(&format!("{approval}/approve"), &[("digest", &digest)])?.good()?;
    let alone = b.post(&format!("{approval}/execute"), &[])?;
    ensure!(alone.status == 409, "one official alone joins two records: {}", alone.status);
    b.be("second", "/desk")?;
    b.get(&approval)?.good()?;
    b.post(&format!("{approval}/approve"), &[("digest", &digest)])?.good()?;
    let done = b.post(&format!("{approval}/execute"), &[])?.good()?;
    ensure!(done.has("/receipts/"), "the decision left no receipt");

    b.be("registrar", "/people/search")?;
    let by_old = [("purpose", "card"), ("number", old.as_str()), ("born", "1974")];
    let found = b.post("/people/search", &by_old)?.good()?;
    ensure!(
        found.has(&format!("action=\"/people/{keep}\"")) && found.has(ONCE),
        "the old card does not lead to the record that stands"
    );
    Ok(())
}

/// The pair of those two on the desk, whose list says no names.
fn pair_of(b: &mut Browser) -> Result<String> {
    let list = b.be("senior", "/desk/doubles")?.text();
    ensure!(!list.contains(ONCE), "the list of pairs says names");
    for part in list.split("href=\"/desk/doubles/").skip(1).take(PAIRS) {
        let path = format!("/desk/doubles/{}", part.split('"').next().unwrap_or_default());
        b.get(&path)?.good()?;
        let compared = b.post(&path, &[])?.good()?;
        if compared.has(ONCE) && compared.has(AGAIN) {
            return Ok(path);
        }
    }
    bail!("the two records are not on the desk")
}

/// A partner asks under a consent, the person reads about it, and takes it back.
///
/// # Errors
/// What is not as it should be.
pub fn asked_about(b: &mut Browser) -> Result<()> {
    let card = her_card(b)?;
    let bearer = partner(b)?;
    let wish = json!({"attributes": ["name", "over_age"], "days": 30});
    let (status, put) = b.api("/api/v1/consents", &bearer, &wish)?;
    ensure!(status == 201, "asking for her consent answered {status}: {put}");
    let text = |value: &Value| value.as_str().map(str::to_string).context("the answer lacks a word");
    let (consent, code) = (text(&put["consent"])?, text(&put["code"])?);
    let claims = json!([{"attribute": "name", "value": "Amina bint Salem al-Zahrani"}, {"attribute": "over_age", "value": "18"}]);
    let question = json!({"card": card, "consent": consent, "claims": claims});
    let (early, _) = b.api("/api/v1/verify", &bearer, &question)?;
    ensure!(early != 200, "the fund is told before she allowed it");

    b.be("citizen", "/me/permissions")?;
    let asks = b.post("/me/permissions", &[("code", &code)])?.good()?;
    ensure!(asks.path.starts_with("/me/permissions/asked/"), "her code led to {}", asks.path);
    b.post(&asks.path, &[])?.good()?;
    let (status, told) = b.api("/api/v1/verify", &bearer, &question)?;
    let yes = |place: usize| told["answers"][place]["answer"] == "yes";
    ensure!(status == 200 && yes(0) && yes(1), "the fund was told {status}: {told}");
    ensure!(!told.to_string().contains(HER_NAME), "a yes tells her name");
    ensure!(b.get("/me/looks")?.good()?.has("Widows"), "the fund's question is not in her list");

    b.get("/me/permissions")?.good()?;
    let mine = b.post(&format!("/me/permissions/{consent}/revoke"), &[])?.good()?;
    ensure!(mine.has("Taken back"), "her page does not say that it was taken back");
    let (status, shut) = b.api("/api/v1/verify", &bearer, &question)?;
    ensure!(
        status == 403 && shut["code"] == "identity-consent-revoked",
        "the fund is still told {status}: {shut}"
    );
    Ok(())
}

/// Registers the fund, lets it ask with consent, and answers its token.
fn partner(b: &mut Browser) -> Result<String> {
    b.be("senior", "/desk/services")?;
    b.get("/desk/services/new")?.good()?;
    let new = [
        ("name", FUND),
        ("organisation", "Fund of the Municipality"),
        ("why-en", "To see who may draw a pension."),
        ("redirect_uris", "https://fund.example/back"),
        ("method", "secret"),
        ("own", "on"),
        ("verify", "on"),
    ];
    let made = b.post("/desk/services/new", &new)?.good()?;
    let text = made.text();
    let codes: Vec<&str> =
        text.split("<code dir=\"ltr\">").skip(1).filter_map(|part| part.split('<').next()).collect();
    let [id, secret, ..] = codes.as_slice() else { bail!("the fund was not registered") };
    let grant = [
        ("purpose", "benefit-entitlement"),
        ("ground", "consent"),
        ("name", "yes"),
        ("over_age", "yes"),
        ("per_minute", "60"),
        ("per_day", "1000"),
    ];
    let path = format!("/desk/services/{id}/partner");
    b.get(&path)?.good()?;
    b.post(&path, &grant)?.good()?;
    b.own_token(id, secret, "verify")
}
