//! Signing in and out: name and password, one-time code, and for officials the office they work in today.

use crate::passkeys::offer;
use daftar_http::pipeline::SESSION_COOKIE;
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs, reply::is_local, with_tx};
use daftar_kernel::Problem;
use daftar_office::device::KNOWN_SECONDS;
use daftar_office::session::LONGEST_SECONDS;
use daftar_office::sign_in::{Attempt, CodeStep, SignedIn};
use daftar_office::{Principal, Source};
use daftar_ui::parts::Choice;
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Tone};

/// Cookie that lets a known browser keep signing in while others guess at the account.
pub(crate) const DEVICE_COOKIE: &str = "daftar_device";

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/sign-in", Access::Public, |cx| async move { name_page(&cx, None) });
    routes.page("POST", "/sign-in", Access::Public, name_step);
    routes.page("POST", "/sign-in/code", Access::Public, code_step);
    routes.page("POST", "/sign-out", Access::Public, sign_out);
    routes.page("GET", "/sign-in/office", Access::Public, office_page);
    routes.page("POST", "/sign-in/office", Access::Public, office_step);
    routes.page("GET", "/step-up", Access::SignedIn, |cx| async move { step_up_page(&cx, None).await });
    routes.page("POST", "/step-up", Access::SignedIn, step_up);
}

/// Where to go after signing in: a page of ours, or the actor's own start.
pub(crate) fn next_of(cx: &Cx) -> String {
    let asked = cx.form.some("next").or_else(|| cx.query.some("next")).unwrap_or_default();
    if is_local(asked) && !asked.starts_with("/sign-") { asked.to_string() } else { String::new() }
}

pub(crate) fn name_page(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let faults = again(cx, "login", problem);
    let mut f = cx.frame("desk-sign-in").with_faults(faults);
    let form = Form::post("/sign-in", f.t.get("ui-continue"))
        .hidden("next", next_of(cx))
        .field(
            Field::new("login", f.t.get("desk-login"), Ask::Line)
                .hint(f.t.get("desk-login-hint"))
                .value(cx.form.get("login")),
        )
        .field(Field::new("password", f.t.get("desk-password"), Ask::Password));
    let claim = f.t.get("desk-claim-link").into_owned();
    let passkey = offer(cx, &mut f, "/sign-in/passkey", "desk-passkey-sign-in");
    let sheet = Sheet::new(f)
        .add(Block::Form(form))
        .extend(passkey)
        .add(Block::Links(vec![daftar_ui::parts::Link::new("/claim", claim)]));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn name_step(cx: Cx) -> Result<Reply, Problem> {
    let attempt = Attempt {
        login: cx.form.get("login").into(),
        password: cx.form.get("password").into(),
        source: Source::of(cx.address),
        device: cx.cookie(DEVICE_COOKIE).map(str::to_string),
    };
    match cx.site.office.sign_in_password(&attempt).await {
        Ok(challenge) => code_page(&cx, &challenge, None),
        Err(problem) if is_theirs(&problem) => name_page(&cx, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

fn code_page(cx: &Cx, challenge: &str, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let faults = again(cx, "code", problem);
    let f = cx.frame("desk-code").with_faults(faults);
    let form = Form::post("/sign-in/code", f.t.get("desk-sign-in"))
        .hidden("next", next_of(cx))
        .hidden("challenge", challenge)
        .field(Field::new("code", f.t.get("desk-code-label"), Ask::Code).hint(f.t.get("desk-code-hint")));
    let sheet = Sheet::new(f).back("/sign-in").add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn code_step(cx: Cx) -> Result<Reply, Problem> {
    let challenge = cx.form.get("challenge").to_string();
    let step = CodeStep {
        challenge: challenge.clone(),
        code: cx.form.get("code").into(),
        device_label: cx.browser.clone(),
        replaces: cx.cookie(SESSION_COOKIE).map(str::to_string),
    };
    match cx.site.office.sign_in_code(&step).await {
        Ok(signed_in) => Ok(welcome(&cx, &signed_in, &next_of(&cx))),
        Err(problem) if problem.code == "office-challenge-over" => name_page(&cx, Some(&problem)),
        Err(problem) if is_theirs(&problem) => code_page(&cx, &challenge, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

/// Sets the cookies of a new session and leads to where its holder wanted to go.
#[must_use]
pub fn welcome(cx: &Cx, signed_in: &SignedIn, next: &str) -> Reply {
    let start = match signed_in.principal {
        Principal::Official(_) => "/desk",
        Principal::Citizen(_) => "/me",
    };
    let to = if signed_in.needs_choice {
        "/sign-in/office"
    } else if next.is_empty() {
        start
    } else {
        next
    };
    let secure = cx.site.secure;
    let device_seconds = u32::try_from(KNOWN_SECONDS).unwrap_or(u32::MAX);
    Reply::redirect(to)
        .cookie(SESSION_COOKIE, &signed_in.token, u32::try_from(LONGEST_SECONDS).ok(), secure)
        .cookie(DEVICE_COOKIE, &signed_in.device, Some(device_seconds), secure)
}

async fn sign_out(cx: Cx) -> Result<Reply, Problem> {
    if let Some(token) = cx.session_token() {
        cx.site.office.sign_out(token).await?;
    }
    Ok(Reply::redirect("/").cookie(SESSION_COOKIE, "", Some(0), cx.site.secure))
}

async fn office_page(cx: Cx) -> Result<Reply, Problem> {
    let Some(session) = cx.session.clone().filter(|session| session.needs_choice) else {
        return Ok(Reply::redirect("/desk"));
    };
    let (office, account) = (cx.site.office.clone(), session.principal.id());
    let assignments = cx
        .site
        .store
        .read(move |tx| {
            let office = office.clone();
            Box::pin(async move { office.assignments_of(tx, account).await })
        })
        .await?;
    let roster = cx.site.roster();
    let choices = assignments
        .iter()
        .map(|assignment| {
            let role = roster.role(&assignment.role).map_or("", |role| role.label.get(&cx.lang));
            let place = roster.office(&assignment.office).map_or("", |office| office.label.get(&cx.lang));
            Choice::new(assignment.id.to_string(), role, false).hint(place)
        })
        .collect();
    let f = cx.frame("desk-choose-office");
    let form = Form::post("/sign-in/office", f.t.get("ui-continue")).field(Field::new(
        "assignment",
        f.t.get("desk-choose-office-label"),
        Ask::Radios(choices),
    ));
    Reply::page(&Sheet::new(f).add(Block::Form(form)))
}

async fn office_step(cx: Cx) -> Result<Reply, Problem> {
    let assignment = cx.form.get("assignment").parse().map_err(|_| Problem::refused("desk-choose-one"))?;
    let token = cx.session_token().ok_or_else(Problem::sign_in)?;
    cx.site.office.choose_assignment(token, assignment).await?;
    Ok(Reply::redirect("/desk"))
}

pub(crate) async fn step_up_page(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let faults = again(cx, "code", problem);
    let has_passkeys = has_passkeys(cx).await?;
    let mut f = cx.frame("desk-step-up").with_faults(faults);
    let form = Form::post("/step-up", f.t.get("desk-confirm"))
        .hidden("next", next_of(cx))
        .field(Field::new("code", f.t.get("desk-code-label"), Ask::Code).hint(f.t.get("desk-code-hint")));
    let why = f.t.get("desk-step-up-why").into_owned();
    let passkey =
        if has_passkeys { offer(cx, &mut f, "/step-up/passkey", "desk-passkey-step-up") } else { None };
    let sheet = Sheet::new(f)
        .add(Block::Note(Tone::Info, String::new(), Html::text(why)))
        .add(Block::Form(form))
        .extend(passkey);
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn step_up(cx: Cx) -> Result<Reply, Problem> {
    let token = cx.session_token().ok_or_else(Problem::sign_in)?;
    match cx.site.office.step_up(token, cx.form.get("code")).await {
        Ok(token) => Ok(proven_reply(&cx, &token)),
        Err(problem) if is_theirs(&problem) => step_up_page(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

/// Sets the session's new token and leads to where its holder wanted to go.
pub(crate) fn proven_reply(cx: &Cx, token: &str) -> Reply {
    let next = next_of(cx);
    let start = crate::home::of(cx);
    let to = if next.is_empty() { start } else { &next };
    let age = u32::try_from(LONGEST_SECONDS).ok();
    Reply::redirect(to).cookie(SESSION_COOKIE, token, age, cx.site.secure)
}

/// Whether somebody signed in has a passkey that could prove it.
async fn has_passkeys(cx: &Cx) -> Result<bool, Problem> {
    let Some(session) = &cx.session else { return Ok(false) };
    let (principal, store, office) = (session.principal, cx.site.store.clone(), cx.site.office.clone());
    let held = with_tx!(store.read, tx, [office] { office.passkeys(tx, principal).await })?;
    Ok(held.iter().any(|passkey| passkey.blocked.is_none()))
}
