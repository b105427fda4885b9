//! The authorization endpoint and the page on which a person reads and consents (OpenID Connect Core §3.1.2).

use crate::openid::authorization::Underway;
use crate::openid::client::Registered;
use crate::openid::decide::{self, Known, Next};
use crate::openid::grant::Consent;
use crate::openid::items::Items;
use crate::openid::{PATHS, Provider};
use crate::pages::browser;
use daftar_http::pipeline::LANG_COOKIE;
use daftar_http::{Access, Cx, Reply, Routes, decode};
use daftar_kernel::{Problem, Timestamp};
use daftar_office::session::Way;
use daftar_ui::parts::Link;
use daftar_ui::{Block, Form, Html, Sheet, Texts, Tone};
use openid::authorize::{Request, state, target};
use openid::{Params, Refusal, answer, id_token, redirect};

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", PATHS.authorize, Access::Public, ask);
    // A client may send a form from its own pages (§3.1.2.1): no cookie comes with it, and none is needed.
    routes.file("POST", PATHS.authorize, ask_by_form);
    routes
        .page("GET", "/openid/authorization/{authorization}", Access::Public, go_on)
        .example("authorization", "$authorization");
    routes
        .page("POST", "/openid/authorization/{authorization}", Access::Public, allow)
        .example("authorization", "$authorization");
    routes
        .page("POST", "/openid/authorization/{authorization}/decline", Access::Public, decline)
        .example("authorization", "$authorization");
}

/// A request whose client and redirect URI are certain.
struct Asked {
    client: Registered,
    redirect_uri: String,
    params: Params,
    sent: Vec<(String, String)>,
}

/// Finds whom a request comes from; what cannot be trusted is said to the person and leads nowhere.
async fn asked(provider: &Provider, sent: Vec<(String, String)>) -> Result<Result<Asked, Refusal>, Problem> {
    let params = Params::new(sent.clone());
    let client = match params.get("client_id") {
        Some(id) => provider.client(id).await?,
        None => None,
    };
    Ok(match (target(&params, client.as_ref().map(|found| &found.client)), client) {
        (Ok(redirect_uri), Some(client)) => Ok(Asked { client, redirect_uri, params, sent }),
        (Err(refusal), _) => Err(refusal),
        (Ok(_), None) => Err(Refusal::request("no such client")),
    })
}

/// The page for a request that cannot be trusted.
fn stop(cx: &Cx, refusal: &Refusal) -> Result<Reply, Problem> {
    let f = cx.frame("identity-openid-stop");
    let t = f.t.clone();
    let told = Html::code(format!("{}: {}", refusal.code.name(), refusal.description));
    let sheet = Sheet::new(f)
        .add(Block::Lead(t.get("identity-openid-stop-lead").into_owned()))
        .text(t.get("identity-openid-stop-next").into_owned())
        .add(Block::Details(t.get("identity-openid-stop-details").into_owned(), told));
    Ok(Reply::page(&sheet)?.status(400))
}

async fn ask(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    let issuer = provider.issuer()?;
    let asked = match asked(&provider, cx.query.0.clone()).await? {
        Ok(asked) => asked,
        Err(refusal) => return stop(&cx, &refusal),
    };
    let back = |refusal: &Refusal| {
        let state = state(&asked.params);
        Ok(Reply::redirect_away(&answer::error(&asked.redirect_uri, refusal, state.as_deref(), &issuer)))
    };
    let request = match Request::parse(&asked.params, &asked.client.client, asked.redirect_uri.clone()) {
        Ok(request) => request,
        Err(refusal) => return back(&refusal),
    };
    let known = known(&cx, &provider, &asked.client).await?;
    match next(&provider, &request, known.as_ref(), cx.now()).await? {
        Next::Refuse(refusal) => back(&refusal),
        Next::Answer => match &known {
            Some(known) => answered(&cx, &provider, &asked.client, &request, known, Consent::Before).await,
            None => Err(Problem::sign_in()),
        },
        Next::SignIn | Next::Otherwise(_) | Next::Consent | Next::Locked => {
            begin(&cx, &provider, &asked).await
        }
    }
}

async fn ask_by_form(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    let issuer = provider.issuer()?;
    let sent = decode::urlencoded(&cx.body)?.0;
    let asked = match asked(&provider, sent).await? {
        Ok(asked) => asked,
        Err(refusal) => return stop(&cx, &refusal),
    };
    if let Err(refusal) = Request::parse(&asked.params, &asked.client.client, asked.redirect_uri.clone()) {
        let state = state(&asked.params);
        return Ok(Reply::redirect_away(&answer::error(
            &asked.redirect_uri,
            &refusal,
            state.as_deref(),
            &issuer,
        )));
    }
    begin(&cx, &provider, &asked).await
}

/// Keeps the request and leads to its page, in the language the client believes the person reads.
async fn begin(cx: &Cx, provider: &Provider, asked: &Asked) -> Result<Reply, Problem> {
    let name = browser::name_or_fresh(cx);
    let id = provider.begin(&asked.client.client.id, &asked.sent, &name).await?;
    let wished = asked.params.get("ui_locales").unwrap_or_default();
    let pages = cx.site.live().pages;
    let offered = |tag: &str| pages.languages.iter().any(|(lang, _)| lang.tag() == tag);
    let lang = wished.split(' ').find(|tag| offered(tag)).filter(|_| cx.cookie(LANG_COOKIE).is_none());
    let lang = lang.map_or_else(String::new, |tag| format!("?lang={tag}"));
    Ok(browser::carry(Reply::redirect(&format!("/openid/authorization/{id}{lang}")), cx, &name))
}

/// The citizen at the browser; `None` when nobody is signed in, or somebody who is no citizen.
async fn known(cx: &Cx, provider: &Provider, client: &Registered) -> Result<Option<Known>, Problem> {
    match (cx.actor.citizen(), &cx.session) {
        (Some(citizen), Some(session)) => {
            provider.known(citizen, client, (session.created, session.way)).await.map(Some)
        }
        _ => Ok(None),
    }
}

async fn next(
    provider: &Provider,
    request: &Request,
    known: Option<&Known>,
    began: Timestamp,
) -> Result<Next, Problem> {
    let hint = match &request.id_token_hint {
        None => None,
        Some(token) => match id_token::hint(token, &provider.issuer()?, &provider.keys().await?.public) {
            Ok(hint) => Some(hint),
            Err(_) => return Ok(Next::Refuse(Refusal::request("id_token_hint is no ID token of ours"))),
        },
    };
    Ok(decide::next(request, known, hint.as_ref(), began))
}

/// The code, on its way to the client.
async fn answered(
    cx: &Cx,
    provider: &Provider,
    client: &Registered,
    request: &Request,
    known: &Known,
    consent: Consent,
) -> Result<Reply, Problem> {
    let signed_in = (known.signed_in_at, known.way);
    let code = provider.issue(client, request, cx.citizen()?, signed_in, consent).await?;
    let issuer = provider.issuer()?;
    let to = answer::code(&request.redirect_uri, &code, request.state.as_deref(), &issuer);
    Ok(Reply::redirect_away(&to))
}

/// The sign-in of this address, in this browser.
async fn underway(cx: &Cx, provider: &Provider) -> Result<Underway, Problem> {
    let name = browser::name(cx).ok_or_else(crate::problems::openid_over)?;
    provider.underway(cx.param_id("authorization")?, &name).await
}

async fn refuse(provider: &Provider, under: &Underway, refusal: &Refusal) -> Result<Reply, Problem> {
    provider.forget(under.id).await?;
    let (uri, state) = (&under.request.redirect_uri, under.request.state.as_deref());
    Ok(Reply::redirect_away(&answer::error(uri, refusal, state, &provider.issuer()?)))
}

/// How the sign-in of this address stands: what was asked, what comes next, and for whom.
async fn standing(cx: &Cx, provider: &Provider) -> Result<(Underway, Next, Option<Known>), Problem> {
    let under = underway(cx, provider).await?;
    let known = known(cx, provider, &under.client).await?;
    let next = next(provider, &under.request, known.as_ref(), under.created).await?;
    Ok((under, next, known))
}

async fn go_on(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    let (under, next, known) = standing(&cx, &provider).await?;
    match (next, known) {
        (Next::Refuse(refusal), _) => refuse(&provider, &under, &refusal).await,
        (Next::SignIn, _) | (_, None) => cx.go(&format!("/sign-in?next={}", cx.path)),
        (Next::Otherwise(way), _) => otherwise_page(&cx, &under, way),
        (Next::Locked, _) => locked_page(&cx, &under),
        (Next::Answer, Some(known)) if under.request.prompt.none => {
            provider.forget(under.id).await?;
            answered(&cx, &provider, &under.client, &under.request, &known, Consent::Before).await
        }
        // Even when nothing is left to consent: a browser stops a form's redirect to another site, and the form that led here was
        // the sign-in's. One page, with one button, says where it goes.
        (Next::Answer, Some(_)) => consent_page(&cx, &under, true),
        (Next::Consent, Some(_)) => consent_page(&cx, &under, false),
    }
}

/// What forms of a page may lead to: the client's origin. An IPv6 address cannot be written in a policy, so its scheme stands
/// for it.
fn origin(redirect_uri: &str) -> String {
    match redirect::parse(redirect_uri) {
        Some(uri) if uri.host.starts_with('[') => format!("{}:", uri.scheme),
        Some(uri) => uri.origin(),
        None => String::new(),
    }
}

fn consent_page(cx: &Cx, under: &Underway, before: bool) -> Result<Reply, Problem> {
    let t = cx.texts();
    let client = &under.client;
    let title = if before { "identity-openid-continue" } else { "identity-openid-consent" };
    let f = cx.frame("identity-openid-sign-in").titled(t.one(title, "name", client.name.as_str()));
    let items = Items::of(&under.request);
    let who = t.two(
        "identity-openid-who",
        "name",
        client.name.as_str(),
        "organisation",
        client.organisation.as_str(),
    );
    let mut sheet =
        Sheet::new(f).add(Block::Lead(who)).add(Block::Inset(Html::isolated(client.why.get(&cx.lang))));
    sheet = sheet.add(Block::Heading(t.get("identity-openid-learns").into_owned())).add(list(&t, &items));
    let action = cx.path.clone();
    let yes = if before { "identity-openid-go" } else { "identity-openid-allow" };
    let sheet = sheet
        .add(Block::Form(Form::post(action.clone(), t.get(yes))))
        .add(Block::Act(format!("{action}/decline"), t.get("identity-openid-decline").into_owned(), "second"))
        .text(t.one("identity-openid-where", "address", origin(&under.request.redirect_uri).as_str()))
        .text(t.get("identity-openid-back-out").into_owned());
    Ok(Reply::page(&sheet)?.forms_lead_to(&origin(&under.request.redirect_uri)))
}

/// The items in words.
pub(super) fn list(t: &Texts, items: &Items) -> Block {
    let mut lines = vec![t.get("identity-item-sub").into_owned()];
    lines.extend(items.words().iter().map(|word| t.get(&format!("identity-item-{word}")).into_owned()));
    let lines: String = lines.iter().map(|line| format!("<li>{}</li>", Html::text(line))).collect();
    Block::Markup(Html::trusted(format!("<ul>{lines}</ul>")))
}

fn locked_page(cx: &Cx, under: &Underway) -> Result<Reply, Problem> {
    let f = cx.frame("identity-openid-locked");
    let t = f.t.clone();
    let text = Html::text(t.get("identity-openid-locked-text"));
    let sheet = Sheet::new(f)
        .add(Block::Note(Tone::Warning, String::new(), text))
        .add(Block::Links(vec![Link::new("/me/services", t.get("identity-my-services"))]))
        .add(Block::Act(
            format!("{}/decline", cx.path),
            t.one("identity-openid-return", "name", under.client.name.as_str()),
            "second",
        ));
    Ok(Reply::page(&sheet)?.forms_lead_to(&origin(&under.request.redirect_uri)))
}

/// The service takes another way of signing in than the person's. They sign in again, or return.
fn otherwise_page(cx: &Cx, under: &Underway, way: Way) -> Result<Reply, Problem> {
    let key = match way {
        Way::Passkey => "identity-openid-passkey",
        Way::Code => "identity-openid-code",
    };
    let f = cx.frame(key);
    let t = f.t.clone();
    let again = Link::new(format!("/sign-in?next={}", cx.path), t.get("identity-openid-sign-in-again"));
    let mut sheet = Sheet::new(f)
        .add(Block::Lead(t.one("identity-openid-otherwise", "name", under.client.name.as_str())))
        .add(Block::Button(again, ""));
    if way == Way::Passkey {
        let link = Link::new("/passkeys", t.get("identity-openid-passkey-add"));
        sheet = sheet.add(Block::Links(vec![link]));
    }
    let back = t.one("identity-openid-return", "name", under.client.name.as_str());
    let sheet = sheet.add(Block::Act(format!("{}/decline", cx.path), back, "second"));
    Ok(Reply::page(&sheet)?.forms_lead_to(&origin(&under.request.redirect_uri)))
}

async fn allow(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    let (under, next, known) = standing(&cx, &provider).await?;
    match (next, known) {
        (Next::Refuse(refusal), _) => refuse(&provider, &under, &refusal).await,
        (Next::Answer | Next::Consent, Some(known)) => {
            provider.forget(under.id).await?;
            answered(&cx, &provider, &under.client, &under.request, &known, Consent::Given).await
        }
        // Signed out, too long ago, or locked meanwhile: the page says what is next.
        _ => cx.go(&cx.path.clone()),
    }
}

async fn decline(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    let under = underway(&cx, &provider).await?;
    refuse(&provider, &under, &answer::declined()).await
}
