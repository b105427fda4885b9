//! For the judges: every route with an example path and the part that may open it, and the identifiers behind them.

use super::cast::{Cast, OFFICIALS};
use super::clinic::Clinic;
use daftar_http::{Access, Cx, Reply, RouteKind, Routes, with_tx};
use daftar_identity::People;
use daftar_identity::assist::{What, Wish};
use daftar_identity::double::Standing;
use daftar_identity::openid::Provider;
use daftar_identity::tokens;
use daftar_identity::verify::Verifier;
use daftar_identity::verify::attribute::Attributes;
use daftar_identity::verify::consent::Wish as ConsentWish;
use daftar_identity::verify::partner::NewPartner;
use daftar_kernel::{Id, Problem};
use daftar_office::assignment::NewAssignment;
use daftar_office::complaint::{About, NewComplaint};
use daftar_office::{Principal, Proven, Roster, Source};
use daftar_packs::versions;
use daftar_ports::form::Answers;
use openid::token::Ask;
use openid::{Scope, Scopes};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The list the program serves.
pub struct RouteList(pub Routes);

/// How the browser is called that walks the list: what is begun without an account belongs to one browser. In no other country anybody knows
/// a name beforehand.
const BROWSER: &str = "00000000000000000000000000000000";

/// The identifiers that examples of paths may name, as `$person` does.
pub const FIXTURES: [&str; 37] = [
    "alarm",
    "approval",
    "assignment",
    "authorization",
    "bond",
    "client",
    "code",
    "complaint",
    "consent",
    "document",
    "double",
    "draft",
    "link",
    "look",
    "official",
    "passkey",
    "person",
    "preregistration",
    "receipt",
    "review",
    "session",
    "stranger",
    "version",
    "ward_document",
    "kit",
    "packet",
    "assistance",
    "ward_receipt",
    "cloud_project",
    "cloud_member",
    "cloud_instance",
    "cloud_network",
    "cloud_volume",
    "cloud_snapshot",
    "cloud_token",
    "cloud_room",
    "cloud_orphan",
];

/// The part that may pass a route's door; the empty text is anybody.
#[must_use]
pub fn part(roster: &Roster, path: &str, access: Access) -> Option<&'static str> {
    match access {
        // Only those who may approve see a request.
        Access::SignedIn if path.starts_with("/desk/approvals/") => Some("senior"),
        Access::SignedIn if path.starts_with("/desk") => Some("registrar"),
        // Open to all, but what is to be decided there is the citizen's.
        Access::Public if path.starts_with("/openid/authorization/") => Some("citizen"),
        Access::Public => Some(""),
        // Programs, not people: without a token of theirs the answer is 401.
        Access::Partner => Some(""),
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
    let mut all = BTreeMap::from([
        ("person", cast.citizen.to_string()),
        ("stranger", cast.stranger.to_string()),
        // Somebody whom nobody needs: a walk may suspend them.
        ("official", cast.invited.to_string()),
        ("double", double(cx, &cast).await?),
        ("draft", draft.to_string()),
        ("receipt", receipt),
        ("approval", approval(cx, &cast).await?.to_string()),
        ("assignment", assignment(cx, &cast).await?.to_string()),
        ("complaint", complaint(cx, &cast, citizen).await?.to_string()),
        ("link", link(cx, &cast).await?),
        ("version", version(cx).await?),
        ("authorization", authorization(cx).await?.to_string()),
        ("preregistration", people.begin_preregistration(BROWSER, Source::of(cx.address)).await?.to_string()),
        ("session", session(cx, Principal::Citizen(citizen)).await?.to_string()),
        ("passkey", passkey(cx, citizen).await?),
    ]);
    all.extend(family(&people, citizen).await?);
    all.extend(permission(cx, citizen).await?);
    all.insert("assistance", assistance(cx, &cast).await?);
    all.extend(super::agency::fixtures(cx, &cast).await?);
    let roster = cx.site.roster();
    let (kit, packet) = super::field::kit(&people, &cast, &roster).await?;
    all.extend([("kit", kit.to_string()), ("packet", packet.to_string())]);
    let (auditor, investigator) = (cast.actor("auditor", &roster)?, cast.actor("investigator", &roster)?);
    let (reviews, alarms, seals) = with_tx!(store.read, tx, [office, auditor, investigator] {
        let (reviews, alarms) = (office.reviews(tx, &auditor).await?, office.alarms(tx, &auditor).await?);
        Ok::<_, Problem>((reviews, alarms, office.seals(tx, &investigator).await?))
    })?;
    all.extend(seals.first().map(|seal| ("look", seal.look.to_string())));
    all.extend(reviews.first().map(|review| ("review", review.id.to_string())));
    all.extend(alarms.first().map(|alarm| ("alarm", alarm.id.to_string())));
    Ok(all)
}

/// The citizen's side of the bond with her daughter, and a document of each.
async fn family(people: &People, citizen: Id) -> Result<Vec<(&'static str, String)>, Problem> {
    let mut all = Vec::new();
    all.extend(people.my_documents(citizen).await?.first().map(|one| ("document", one.id.to_string())));
    if let Some(ward) = people.my_wards(citizen).await?.first() {
        all.push(("bond", ward.bond.to_string()));
        let held = people.ward_documents(citizen, ward.bond).await?;
        all.extend(held.first().map(|one| ("ward_document", one.id.to_string())));
        let acts = people.ward_acts(citizen, ward.bond, None, 1).await?;
        all.extend(acts.first().map(|act| ("ward_receipt", act.id.to_string())));
    }
    Ok(all)
}

/// A sign-in at the clinic that waits for the citizen, in a browser of the name [`BROWSER`].
async fn authorization(cx: &Cx) -> Result<Id, Problem> {
    let (clinic, provider) = (cx.service::<Arc<Clinic>>()?, cx.service::<Provider>()?);
    clinic.begin(&provider, BROWSER).await
}

/// The clinic as a partner: what the citizen allowed it to ask, and what it asks her still, as any partner gets it.
async fn permission(cx: &Cx, citizen: Id) -> Result<[(&'static str, String); 4], Problem> {
    let (provider, verifier) = (cx.service::<Provider>()?, cx.service::<Verifier>()?);
    let clients = provider.clients().await?;
    let clinic = clients.iter().find(|one| one.name == super::clinic::NAME).ok_or_else(Problem::not_found)?;
    let new = NewPartner {
        purpose: "patient-identity".into(),
        consent: true,
        attributes: Attributes::parse("name born over_age sex address_place alive card_valid"),
        per_minute: 600,
        per_day: 10_000,
    };
    verifier.set_partner(&Proven::system("demo"), &clinic.client.id, &new).await?;
    let own = Ask::Own { scopes: Scopes::new(Scope::OWN) };
    // What it may is another thing now.
    let partner = provider.client(&clinic.client.id).await?.ok_or_else(Problem::not_found)?;
    let given = provider.answer(Arc::new(partner), own).await?.map_err(Problem::internal)?;
    let bearer = given.ok_or_else(Problem::not_found)?.access_token;
    let token = verifier.token(&format!("Bearer {bearer}")).await?;
    let wish = ConsentWish { attributes: vec!["name".into(), "born".into()], days: 30, uses: None };
    let mut put = Vec::new();
    for _ in 0..2 {
        let key = tokens::draw(cx.site.world()).to_string();
        put.push(verifier.ask_consent(&token, wish.clone(), &key).await?);
    }
    let [given, open] = put.as_slice() else { return Err(Problem::internal("two questions")) };
    verifier.answer(citizen, &given.code, true).await?;
    Ok([
        ("client", clinic.client.id.clone()),
        ("consent", given.consent.to_string()),
        ("code", open.code.clone()),
        ("partner_token", bearer),
    ])
}

/// A role of the official who was invited.
async fn assignment(cx: &Cx, cast: &Cast) -> Result<Id, Problem> {
    let (store, office, by) = (cx.site.store.clone(), cx.site.office.clone(), Proven::system("demo"));
    let (account, now) = (cast.invited, cx.now());
    with_tx!(store.write, tx, [office, by] {
        if let Some(held) = office.all_assignments(tx, account).await?.iter().find(|one| one.holds(now)) {
            return Ok::<_, Problem>(held.id);
        }
        let (place, role) = ("civil-registry-central".into(), "registrar".into());
        let new = NewAssignment { account, office: place, role, since: None, until: None };
        office.assign(tx, &by, &new).await
    })
}

/// A session that may be ended: of a browser that nobody uses.
async fn session(cx: &Cx, whose: Principal) -> Result<Id, Problem> {
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office] {
        office.demo_sign_in(tx, whose, "Mozilla/5.0", None).await?;
        let newest = office.sessions_of(tx, whose).await?.into_iter().max_by_key(|session| session.created);
        newest.map(|session| session.id).ok_or_else(Problem::not_found)
    })
}

/// What the registrar asks the citizen at the counter; it waits for her agreement.
async fn assistance(cx: &Cx, cast: &Cast) -> Result<String, Problem> {
    let (people, registrar) = (cx.service::<People>()?, cast.actor("registrar", &cx.site.roster())?);
    let official = registrar.official().ok_or_else(Problem::sign_in)?;
    let (what, none) = (What::Data, String::new);
    let wish = Wish { what, agency: none(), look: none(), words: none() };
    Ok(people.begin_assistance(official, cast.citizen, &wish).await?.id.to_string())
}

/// A passkey of the citizen; where there is none, an identifier of nothing: only a browser makes one.
async fn passkey(cx: &Cx, citizen: Id) -> Result<String, Problem> {
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let held = with_tx!(store.read, tx, [office] { office.passkeys(tx, Principal::Citizen(citizen)).await })?;
    Ok(held.first().map_or_else(|| cx.site.world().id(), |passkey| passkey.id).to_string())
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

/// Two records that may be one person, of the demo's first day.
async fn double(cx: &Cx, cast: &Cast) -> Result<String, Problem> {
    let senior = cast.actor("senior", &cx.site.roster())?;
    let people = cx.service::<People>()?;
    let mut pairs = Vec::new();
    for state in Standing::ALL {
        pairs.extend(people.doubles(&senior, state, None).await?);
    }
    Ok(pairs.first().map(|pair| pair.id.to_string()).unwrap_or_default())
}

/// The version of the country in force.
async fn version(cx: &Cx) -> Result<String, Problem> {
    let (store, now) = (cx.site.store.clone(), cx.now());
    let found = store.read(move |tx| Box::pin(async move { versions::in_force(tx, now).await })).await?;
    Ok(found.map(|version| version.id.to_string()).unwrap_or_default())
}

/// The link of the official who was invited; an earlier one dies.
async fn link(cx: &Cx, cast: &Cast) -> Result<String, Problem> {
    let (store, office, by) = (cx.site.store.clone(), cx.site.office.clone(), Proven::system("demo"));
    let invited = cast.invited;
    with_tx!(store.write, tx, [office, by] { office.renew_link(tx, &by, invited).await })
}

/// `/demo/fixtures.json`: the identifiers, and tokens of fresh sessions: of the registrar, one more of hers that may be
/// ended, and of the citizen.
///
/// # Errors
/// When the store fails.
pub async fn fixtures_json(cx: Cx) -> Result<Reply, Problem> {
    let mut all: BTreeMap<&str, Value> =
        fixtures(&cx).await?.into_iter().map(|(name, value)| (name, json!(value))).collect();
    let cast = cx.service::<Cast>()?;
    let registrar = Principal::Official(cast.official("registrar")?);
    let citizen = Principal::Citizen(cx.service::<People>()?.office_token(cast.citizen).await?);
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    for (name, principal) in
        [("registrar_token", registrar), ("ending_token", registrar), ("citizen_token", citizen)]
    {
        let session = with_tx!(store.write, tx, [office] {
            office.demo_sign_in(tx, principal, "judge", None).await
        })?;
        all.insert(name, json!(session.token));
    }
    let cloud = Principal::Official(cast.official("cloud")?);
    let session =
        with_tx!(store.write, tx, [office] { office.demo_sign_in(tx, cloud, "judge", None).await })?;
    all.insert("cloud_session", json!(session.token));
    all.insert("case", json!(super::seed::CASE));
    all.insert("browser", json!(BROWSER));
    Reply::json(&all)
}

/// `/demo/routes.json`.
///
/// # Errors
/// When the store fails.
pub async fn routes_json(cx: Cx) -> Result<Reply, Problem> {
    let list = cx.service::<RouteList>()?;
    let (fixtures, roster) = (fixtures(&cx).await?, cx.site.roster());
    let mut out = Vec::new();
    for route in list.0.iter() {
        let mut example = route.path.to_string();
        for (name, value) in &route.examples {
            let value = match value.strip_prefix('$') {
                Some(fixture) => fixtures.get(fixture).cloned(),
                None => Some((*value).to_string()),
            };
            if let Some(value) = value {
                example = example.replace(&format!("{{{name}}}"), &value);
            }
        }
        let kind = match route.kind {
            RouteKind::Page => "page",
            RouteKind::Api => "api",
            RouteKind::File => "file",
        };
        // Whoever walks the list must see what is missing: a part, or something behind a brace.
        let who = part(&roster, route.path, route.access);
        out.push(
            json!({"method": route.method, "path": route.path, "kind": kind, "who": who, "example": example}),
        );
    }
    Reply::json(&out)
}
