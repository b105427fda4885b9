//! Signing out at a service's wish (OpenID Connect RP-Initiated Logout 1.0). The person is asked: signing out here ends more than
//! the service knows.

use crate::openid::{PATHS, Provider};
use daftar_http::pipeline::SESSION_COOKIE;
use daftar_http::{Access, Cx, Reply, Routes, decode};
use daftar_kernel::Problem;
use daftar_ui::{Block, Form, Sheet};
use openid::params::form_encode;
use openid::{Params, id_token, logout::Logout, redirect};

/// The parameters of the request, which the form carries on.
const FIELDS: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", PATHS.logout, Access::Public, ask);
    // §2: by GET or by POST; the POST comes from another site, without cookies.
    routes.file("POST", PATHS.logout, |cx| async move { ask_by_form(&cx) });
    routes.page("POST", "/openid/logout/confirm", Access::Public, confirm);
}

fn ask_by_form(cx: &Cx) -> Result<Reply, Problem> {
    let sent = decode::urlencoded(&cx.body)?;
    let query: Vec<String> = FIELDS
        .iter()
        .filter_map(|name| sent.some(name).map(|value| format!("{name}={}", form_encode(value))))
        .collect();
    Ok(Reply::redirect(&format!("{}?{}", PATHS.logout, query.join("&"))))
}

/// Where the person goes afterwards, when that is certain.
async fn destination(provider: &Provider, logout: &Logout) -> Result<Option<String>, Problem> {
    let Some(token) = &logout.id_token_hint else { return Ok(None) };
    let hint = id_token::hint(token, &provider.issuer()?, &provider.keys().await?.public).ok();
    let client = match &hint {
        Some(hint) => provider.client(&hint.aud).await?,
        None => None,
    };
    Ok(logout.destination(hint.as_ref(), client.as_ref().map(|found| &found.client)))
}

async fn ask(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    provider.issuer()?;
    let logout = Logout::parse(&Params::new(cx.query.0.clone()));
    let to = destination(&provider, &logout).await?;
    if cx.session.is_none() {
        return match to {
            Some(to) => Ok(Reply::redirect_away(&to)),
            None => done(&cx),
        };
    }
    let f = cx.frame("identity-openid-sign-out");
    let t = f.t.clone();
    let mut form = Form::post("/openid/logout/confirm", t.get("identity-openid-sign-out-yes"));
    for name in FIELDS {
        if let Some(value) = cx.query.some(name) {
            form = form.hidden(name, value);
        }
    }
    let sheet = Sheet::new(f)
        .add(Block::Lead(t.get("identity-openid-sign-out-lead").into_owned()))
        .add(Block::Form(form));
    let reply = Reply::page(&sheet)?;
    let origin = to.as_deref().and_then(redirect::parse).map(|uri| uri.origin());
    Ok(match origin {
        Some(origin) => reply.forms_lead_to(&origin),
        None => reply,
    })
}

async fn confirm(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    provider.issuer()?;
    if let Some(token) = cx.session_token() {
        cx.site.office.sign_out(token).await?;
    }
    let logout = Logout::parse(&Params::new(cx.form.0.clone()));
    let reply = match destination(&provider, &logout).await? {
        Some(to) => Reply::redirect_away(&to),
        None => Reply::redirect("/"),
    };
    Ok(reply.cookie(SESSION_COOKIE, "", Some(0), cx.site.secure))
}

fn done(cx: &Cx) -> Result<Reply, Problem> {
    let f = cx.frame("identity-openid-signed-out");
    let text = f.t.get("identity-openid-signed-out-text").into_owned();
    Reply::page(&Sheet::new(f).add(Block::Lead(text)))
}
