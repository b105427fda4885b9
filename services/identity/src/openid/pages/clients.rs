//! Where an official registers services, and withdraws them.

use crate::openid::Provider;
use crate::openid::client::{Made, NewClient};
use crate::permission::CLIENT;
use crate::verify::Verifier;
use crate::verify::summary;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_office::roster::Label;
use daftar_ui::parts::{Choice, Link, SummaryRow};
use daftar_ui::{Ask, Block, Fault, Field, Form, Html, Sheet, Tone};
use openid::{Method, Scope, Scopes};

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/services", Access::Official(CLIENT), list);
    routes.page("GET", "/desk/services/new", Access::StepUp(CLIENT), |cx| async move { form(&cx, None) });
    routes.page("POST", "/desk/services/new", Access::StepUp(CLIENT), register);
    routes
        .page("POST", "/desk/services/{client}/withdraw", Access::StepUp(CLIENT), withdraw)
        .example("client", "none");
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    let clients = provider.clients().await?;
    let partners = cx.service::<Verifier>()?.partners().await?;
    let f = cx.frame("identity-clients");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back("/desk").add(Block::Lead(t.get("identity-clients-lead").into_owned()));
    if provider.issuer().is_err() {
        let words = t.problem(&crate::problems::openid_off());
        sheet = sheet.add(Block::Note(Tone::Warning, words.what, Html::text(words.next)));
    }
    sheet = sheet.add(Block::Button(Link::new("/desk/services/new", t.get("identity-clients-new")), ""));
    for one in &clients {
        let mut rows = vec![
            SummaryRow::new(t.get("identity-openid-organisation"), Html::isolated(&one.organisation)),
            SummaryRow::new(t.get("identity-clients-id"), Html::code(&one.client.id)),
            SummaryRow::new(t.get("identity-clients-redirect"), Html::lines(&one.client.redirect_uris)),
            SummaryRow::new(t.get("identity-clients-scopes"), Html::code(one.client.scopes.to_string())),
            SummaryRow::new(t.get("identity-registered-on"), t.day(one.registered_at)),
        ];
        let asks = partners.iter().find(|used| used.partner.client == one.client.id);
        rows.extend(asks.into_iter().flat_map(|used| summary(&cx, &t, used)));
        let action = format!("/desk/services/{}/withdraw", one.client.id);
        sheet = sheet.add(Block::Heading(one.name.clone())).add(Block::Summary(rows));
        if one.client.method != Method::Public {
            let path = format!("/desk/services/{}/partner", one.client.id);
            sheet = sheet.add(Block::Links(vec![Link::new(path, t.get("identity-partner-open"))]));
        }
        sheet = sheet.add(Block::Act(
            action,
            t.one("identity-clients-withdraw", "name", one.name.as_str()),
            "danger",
        ));
    }
    Reply::page(&sheet)
}

fn form(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let t = cx.texts();
    let faults = problem.map_or_else(Vec::new, |problem| {
        let listed = problem.fields.iter();
        listed
            .map(|fault| Fault {
                field: named(cx, &fault.field),
                message: t.get(&fault.message).into_owned(),
            })
            .collect()
    });
    let f = cx.frame("identity-clients-new").with_faults(faults);
    let asked = |name: &str| cx.form.get(name).to_string();
    let line = |name: &str, key: &str| Field::new(name, t.get(key), Ask::Line).value(asked(name));
    let lines = |name: &str, key: &str| Field::new(name, t.get(key), Ask::Lines).value(asked(name));
    let box_of =
        |name: &str, key: &str| Field::new(name, t.get(key), Ask::Checkbox).value(asked(name)).optional();
    let methods = Method::ALL
        .map(|method| {
            let key = format!("identity-clients-method-{}", method.word());
            Choice::new(method.word(), t.get(&key), asked("method") == method.word())
        })
        .to_vec();
    let none = Choice::new("", t.get("identity-clients-agency-none"), false);
    let roster = cx.site.roster();
    let agencies = roster
        .agencies()
        .map(|agency| Choice::new(&agency.code, agency.label.get(&cx.lang), asked("agency") == agency.code));
    let agencies: Vec<Choice> = std::iter::once(none).chain(agencies).collect();
    let mut form = Form::post("/desk/services/new", t.get("identity-clients-register"))
        .field(line("name", "identity-clients-name").hint(t.get("identity-clients-name-hint")))
        .field(line("organisation", "identity-openid-organisation"))
        .field(Field::new("agency", t.get("identity-clients-agency"), Ask::Select(agencies)).optional());
    for (lang, name) in &cx.site.live().pages.languages {
        let field = format!("why-{}", lang.tag());
        let label = t.one("identity-clients-why", "language", name.as_str());
        form = form.field(Field::new(&field, label, Ask::Lines).value(asked(&field)).optional());
    }
    form = form
        .field(
            lines("redirect_uris", "identity-clients-redirect").hint(t.get("identity-clients-redirect-hint")),
        )
        .field(lines("logout_uris", "identity-clients-logout").optional())
        .field(Field::new("method", t.get("identity-clients-method"), Ask::Radios(methods)))
        .field(lines("keys", "identity-clients-keys").hint(t.get("identity-clients-keys-hint")).optional());
    for scope in ASKABLE {
        form = form.field(box_of(scope.word(), &format!("identity-clients-scope-{}", scope.word())));
    }
    form = form
        .field(box_of("refresh", "identity-clients-refresh"))
        .field(box_of("own", "identity-clients-own"))
        .field(box_of("native", "identity-clients-native"));
    let sheet = Sheet::new(f)
        .back("/desk/services")
        .add(Block::Lead(t.get("identity-clients-new-lead").into_owned()))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

/// What a service can be allowed to ask for, beside who somebody is.
const ASKABLE: [Scope; 4] = [Scope::Profile, Scope::Email, Scope::Phone, Scope::Address];

/// The form's field of a fault: the reason is asked once a language.
fn named(cx: &Cx, field: &str) -> String {
    match field {
        "why" => format!("why-{}", cx.lang.tag()),
        field => field.to_string(),
    }
}

fn read(cx: &Cx) -> NewClient {
    let text = |name: &str| cx.form.get(name).trim().to_string();
    let lines = |name: &str| -> Vec<String> {
        let lines = cx.form.get(name).lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_string).collect()
    };
    let ticked = |name: &str| !cx.form.get(name).is_empty();
    let pages = cx.site.live().pages;
    let why = pages.languages.iter().map(|(lang, _)| (lang.clone(), text(&format!("why-{}", lang.tag()))));
    let scopes = ASKABLE.into_iter().filter(|scope| ticked(scope.word()));
    let away = ticked("refresh").then_some(Scope::OfflineAccess);
    NewClient {
        name: text("name"),
        organisation: text("organisation"),
        agency: text("agency"),
        why: Label(why.filter(|(_, text)| !text.is_empty()).collect()),
        // Nothing chosen is the way most services go.
        method: Method::from_word(cx.form.get("method")).unwrap_or(Method::Secret),
        native: ticked("native"),
        refresh: ticked("refresh"),
        own_tokens: ticked("own"),
        scopes: Scopes::new(scopes.chain(away).chain([Scope::OpenId])),
        redirect_uris: lines("redirect_uris"),
        logout_uris: lines("logout_uris"),
        keys: text("keys"),
    }
}

async fn register(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    match provider.register_client(&cx.proven()?, &read(&cx)).await {
        Ok(made) => shown_once(&cx, &made),
        Err(problem) if !problem.fields.is_empty() => form(&cx, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

/// The one page that ever shows the secret.
fn shown_once(cx: &Cx, made: &Made) -> Result<Reply, Problem> {
    let f = cx.frame("identity-clients-done");
    let t = f.t.clone();
    let mut rows = vec![SummaryRow::new(t.get("identity-clients-id"), Html::code(&made.id))];
    if let Some(secret) = &made.secret {
        rows.push(SummaryRow::new(t.get("identity-clients-secret"), Html::code(secret)));
    }
    let mut sheet = Sheet::new(f).back("/desk/services").add(Block::Summary(rows));
    if made.secret.is_some() {
        sheet = sheet.add(Block::Warning(t.get("identity-clients-secret-once").into_owned()));
    }
    let receipt = Link::new(crate::pages::shown::receipt_path(made.receipt), t.get("identity-receipt-open"));
    Reply::page(&sheet.add(Block::Links(vec![receipt])))
}

async fn withdraw(cx: Cx) -> Result<Reply, Problem> {
    cx.service::<Provider>()?.withdraw_client(&cx.proven()?, cx.param("client")).await?;
    cx.go("/desk/services")
}
