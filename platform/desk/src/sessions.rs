//! Where somebody is signed in, for pages and for programs.

use daftar_http::{Access, Cx, Reply, Routes, with_tx};
use daftar_kernel::{Id, Problem};
use daftar_office::sign_in::{Attempt, CodeStep};
use daftar_office::{Principal, Source};
use daftar_ui::parts::SummaryRow;
use daftar_ui::{Block, Sheet};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/sessions", Access::SignedIn, list);
    routes
        .page("POST", "/sessions/{session}/end", Access::SignedIn, end)
        .example("session", "$session")
        .owned();
    routes
        .api("POST", "/api/v1/session", Access::Public, api_open)
        .doc("session", "Sign in with name, password and one-time code.")
        .takes::<SignIn>()
        .gives::<Token>(201, "Signed in; send the token as `Authorization: Bearer`.")
        .problem(409);
    routes
        .api("DELETE", "/api/v1/session", Access::SignedIn, api_close)
        .doc("session", "Sign out.")
        .gives_nothing(204, "Signed out.");
}

fn principal(cx: &Cx) -> Result<Principal, Problem> {
    cx.session.as_ref().map(|session| session.principal).ok_or_else(Problem::sign_in)
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let principal = principal(&cx)?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let sessions = with_tx!(store.read, tx, [office] { office.sessions_of(tx, principal).await })?;
    let f = cx.frame("desk-sessions");
    let t = f.t.clone();
    let mut sheet =
        Sheet::new(f).back(crate::home::of(&cx)).add(Block::Lead(t.get("desk-sessions-lead").into_owned()));
    for session in &sessions {
        let this = cx.session.as_ref().is_some_and(|own| own.id == session.id);
        let title =
            if this { t.get("desk-this-session").into_owned() } else { t.get("desk-session").into_owned() };
        let rows = vec![
            SummaryRow::new(t.get("desk-device"), session.device.clone()),
            SummaryRow::new(t.get("desk-when"), t.moment(session.created)),
            SummaryRow::new(t.get("desk-last-seen"), t.ago(session.seen, cx.now())),
        ];
        sheet = sheet.add(Block::Heading(title)).add(Block::Summary(rows));
        let action = format!("/sessions/{}/end", session.id);
        sheet = sheet.add(Block::Act(action, t.get("desk-end-session").into_owned(), "second"));
    }
    Reply::page(&sheet)
}

async fn end(cx: Cx) -> Result<Reply, Problem> {
    let (principal, id) = (principal(&cx)?, cx.param_id("session")?);
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office] { office.end_session(tx, principal, id).await })?;
    cx.go("/sessions")
}

/// What a program signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"login": "leila.mansour", "password": "several words in a row", "code": "123456"}))]
struct SignIn {
    /// Sign-in name.
    #[schema(max_length = 100)]
    login: String,
    /// Password.
    #[schema(max_length = 256)]
    password: String,
    /// One-time code.
    #[schema(max_length = 20)]
    code: String,
    /// In which role and office to work, for officials with several.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    assignment: Option<Id>,
}

/// What it gets.
#[derive(Serialize, ToSchema)]
struct Token {
    /// The bearer token.
    token: String,
    /// Whether an assignment must be chosen; sign in again with one.
    needs_assignment: bool,
}

async fn api_open(cx: Cx) -> Result<Reply, Problem> {
    let asked: SignIn = cx.json()?;
    let attempt = Attempt {
        login: asked.login,
        password: asked.password,
        source: Source::of(cx.address),
        device: None,
    };
    let challenge = cx.site.office.sign_in_password(&attempt).await?;
    let step = CodeStep { challenge, code: asked.code, device_label: cx.browser.clone(), replaces: None };
    let signed_in = cx.site.office.sign_in_code(&step).await?;
    let mut needs_assignment = signed_in.needs_choice;
    if let Some(assignment) = asked.assignment.filter(|_| needs_assignment) {
        cx.site.office.choose_assignment(&signed_in.token, assignment).await?;
        needs_assignment = false;
    }
    Ok(Reply::json(&Token { token: signed_in.token, needs_assignment })?.status(201))
}

async fn api_close(cx: Cx) -> Result<Reply, Problem> {
    let token = cx.session_token().ok_or_else(Problem::sign_in)?;
    cx.site.office.sign_out(token).await?;
    Ok(Reply { status: 204, headers: Vec::new(), body: Vec::new() })
}
