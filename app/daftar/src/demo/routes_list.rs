//! For the judges: every route with an example path and the part that may open it, and the identifiers behind them.

use super::cast::{Cast, OFFICIALS};
use daftar_http::{Access, Cx, Reply, RouteKind, Routes, with_tx};
use daftar_identity::People;
use daftar_kernel::{Id, Problem};
use daftar_office::complaint::{About, NewComplaint};
use daftar_office::{Principal, Proven};
use daftar_ports::form::Answers;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The list the program serves.
pub struct RouteList(pub Routes);

/// Which part may pass a route's door, if any.
fn part(cx: &Cx, path: &str, access: Access) -> Option<&'static str> {
    let roster = cx.site.roster();
    match access {
        // Only those who may approve see a request.
        Access::SignedIn if path.starts_with("/desk/approvals/") => Some("senior"),
        Access::SignedIn if path.starts_with("/desk") => Some("registrar"),
        Access::Public => Some(""),
        Access::Citizen | Access::SignedIn => Some("citizen"),
        Access::Official(permission) | Access::StepUp(permission) => {
            OFFICIALS.iter().find(|(_, _, _, role)| roster.allows(role, permission)).map(|(part, ..)| *part)
        }
    }
}

/// Identifiers for the examples of paths.
async fn fixtures(cx: &Cx) -> Result<BTreeMap<&'static str, String>, Problem> {
    let cast = cx.service::<Cast>()?;
    let people = cx.service::<People>()?;
    let registrar = cast.official("registrar")?;
    let citizen = people.office_token(cast.citizen).await?;
    let receipt =
        people.my_acts(citizen, None, 1).await?.first().map(|act| act.id.to_string()).unwrap_or_default();
    let body =
        serde_json::to_vec(&json!({"answers": Answers::default().to_json()})).map_err(Problem::internal)?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let owner = Principal::Official(registrar);
    let draft = with_tx!(store.write, tx, [office, body] {
        if let Some(row) = office.drafts(tx, owner).await?.first() {
            return Ok::<_, Problem>(row.id);
        }
        office.save_draft(tx, owner, None, "person-registration", &body).await
    })?;
    Ok(BTreeMap::from([
        ("person", cast.citizen.to_string()),
        ("stranger", cast.stranger.to_string()),
        ("official", registrar.to_string()),
        ("draft", draft.to_string()),
        ("receipt", receipt),
        ("approval", approval(cx, &cast).await?.to_string()),
        ("complaint", complaint(cx, &cast, citizen).await?.to_string()),
        ("link", link(cx, &cast).await?),
    ]))
}

/// A request that waits for approval; nobody carries it out.
async fn approval(cx: &Cx, cast: &Cast) -> Result<Id, Problem> {
    let senior = cast.actor("senior", &cx.site.roster())?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let open = with_tx!(store.read, tx, [office, senior] { office.open_approvals(tx, &senior).await })?;
    match open.first() {
        Some(approval) => Ok(approval.id),
        None => {
            let people = cx.service::<People>()?;
            people.request_erasure(&senior, cast.stranger, "Data Protection Act, article 17").await
        }
    }
}

/// A complaint of the citizen that waits for an answer.
async fn complaint(cx: &Cx, cast: &Cast, citizen: Id) -> Result<Id, Problem> {
    let desk = cast.actor("ombudsman", &cx.site.roster())?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, desk] {
        if let Some(open) = office.complaints_at_desk(tx, &desk).await?.first() {
            return Ok(open.id);
        }
        let new = NewComplaint {
            about: About::Other,
            agency: "health".into(),
            office: "hospital-marsa-nour".into(),
            words: "لم أزر هذا المستشفى قط.".into(),
        };
        Ok(office.complain(tx, citizen, &new).await?.id)
    })
}

/// The link of the official who was invited; an earlier one dies.
async fn link(cx: &Cx, cast: &Cast) -> Result<String, Problem> {
    let (store, office, by) = (cx.site.store.clone(), cx.site.office.clone(), Proven::system("demo"));
    let invited = cast.invited;
    with_tx!(store.write, tx, [office, by] { office.renew_link(tx, &by, invited).await })
}

/// `/demo/fixtures.json`: the identifiers, and a token of a fresh session of the registrar.
///
/// # Errors
/// When the store fails.
pub async fn fixtures_json(cx: Cx) -> Result<Reply, Problem> {
    let mut all: BTreeMap<&str, Value> =
        fixtures(&cx).await?.into_iter().map(|(name, value)| (name, json!(value))).collect();
    let cast = cx.service::<Cast>()?;
    let registrar = cast.official("registrar")?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let session = with_tx!(store.write, tx, [office] {
        office.demo_sign_in(tx, Principal::Official(registrar), "judge", None).await
    })?;
    all.insert("registrar_token", json!(session.token));
    all.insert("case", json!(super::seed::CASE));
    Reply::json(&all)
}

/// `/demo/routes.json`.
///
/// # Errors
/// When the store fails.
pub async fn routes_json(cx: Cx) -> Result<Reply, Problem> {
    let list = cx.service::<RouteList>()?;
    let fixtures = fixtures(&cx).await?;
    let mut out = Vec::new();
    for route in list.0.iter() {
        let mut example = route.path.to_string();
        let mut known = true;
        for (name, value) in &route.examples {
            let value = match value.strip_prefix('$') {
                Some(fixture) => fixtures.get(fixture).cloned(),
                None => Some((*value).to_string()),
            };
            known &= value.is_some();
            example = example.replace(&format!("{{{name}}}"), &value.unwrap_or_default());
        }
        let kind = match route.kind {
            RouteKind::Page => "page",
            RouteKind::Api => "api",
            RouteKind::File => "file",
        };
        // What nobody may open, or what has nothing behind it yet, cannot be looked at.
        if let Some(who) = part(&cx, route.path, route.access).filter(|_| known && !example.contains('{')) {
            out.push(json!({"method": route.method, "path": route.path, "kind": kind, "who": who, "example": example}));
        }
    }
    Reply::json(&out)
}
