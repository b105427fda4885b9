//! Opening an account with a one-time link: name and password, authenticator app, recovery codes. The same three steps for
//! the first administrator, an invited official and a citizen with an activation code.

use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::Problem;
use daftar_office::Source;
use daftar_office::enrol::{Choice, Offer};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Tone};
use pdf_writing::Qr;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/claim", Access::Public, |cx| async move { claim_page(&cx, None) });
    routes.page("POST", "/claim", Access::Public, claim);
    routes
        .page("GET", "/enrol/{link}", Access::Public, |cx| async move { show(&cx, None).await })
        .example("link", "$link");
    routes.page("POST", "/enrol/{link}", Access::Public, choose).example("link", "$link");
    routes.page("POST", "/enrol/{link}/code", Access::Public, confirm).example("link", "$link");
}

fn claim_page(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let f = cx.frame("desk-claim").with_faults(again(cx, "activation", problem));
    let t = f.t.clone();
    let form = Form::post("/claim", t.get("ui-continue")).field(
        Field::new("activation", t.get("desk-activation"), Ask::Line)
            .hint(t.get("desk-activation-hint"))
            .value(cx.form.get("activation")),
    );
    let sheet = Sheet::new(f).add(Block::Lead(t.get("desk-claim-lead").into_owned())).add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn claim(cx: Cx) -> Result<Reply, Problem> {
    match cx.site.office.claim_activation(cx.form.get("activation"), Source::of(cx.address)).await {
        Ok(link) => Ok(Reply::redirect(&format!("/enrol/{link}"))),
        Err(problem) if is_theirs(&problem) => claim_page(&cx, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

async fn show(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let enrolment = cx.site.office.enrolment(cx.param("link")).await?;
    let f = cx.frame("desk-enrol").with_faults(again(cx, "password", problem));
    let t = f.t.clone();
    let mut form = Form::post(format!("/enrol/{}", cx.param("link")), t.get("ui-continue"));
    if enrolment.asks_name {
        form = form.field(Field::new("name", t.get("desk-own-name"), Ask::Name).value(cx.form.get("name")));
    }
    if enrolment.asks_login {
        form = form.field(
            Field::new("login", t.get("desk-login"), Ask::Line)
                .hint(t.get("desk-login-choose"))
                .value(cx.form.get("login")),
        );
    }
    form = form.field(
        Field::new("password", t.get("desk-new-password"), Ask::NewPassword)
            .hint(t.get("desk-new-password-hint")),
    );
    let mut sheet = Sheet::new(f).caption(t.two("desk-step", "step", 1, "steps", 2));
    if let Some(login) = &enrolment.login {
        sheet = sheet.text(t.one("desk-enrol-login", "login", login));
    }
    Ok(Reply::page(&sheet.add(Block::Form(form)))?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn choose(cx: Cx) -> Result<Reply, Problem> {
    let choice = Choice {
        login: cx.form.get("login").into(),
        name: cx.form.get("name").into(),
        password: cx.form.get("password").into(),
    };
    match cx.site.office.enrol_password(cx.param("link"), &choice).await {
        Ok(offer) => app_page(&cx, &offer, None),
        Err(problem) if is_theirs(&problem) || problem.code == "office-login-taken" => {
            show(&cx, Some(&problem)).await
        }
        Err(problem) => Err(problem),
    }
}

/// The secret for the authenticator app, as a QR code and as text for those who cannot scan.
fn app_page(cx: &Cx, offer: &Offer, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let f = cx.frame("desk-app").with_faults(again(cx, "code", problem));
    let t = f.t.clone();
    let groups: Vec<String> =
        offer.secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    let form = Form::post(format!("/enrol/{}/code", cx.param("link")), t.get("desk-confirm"))
        .field(Field::new("code", t.get("desk-code-label"), Ask::Code).hint(t.get("desk-app-code-hint")));
    let sheet = Sheet::new(f)
        .caption(t.two("desk-step", "step", 2, "steps", 2))
        .add(Block::Lead(t.get("desk-app-lead").into_owned()))
        .add(Block::Markup(qr_svg(&offer.uri, &t.get("desk-app-qr"))?))
        .text(t.get("desk-app-secret").into_owned())
        .add(Block::Inset(Html::code(groups.join(" "))))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

/// A QR code as a drawing.
fn qr_svg(text: &str, label: &str) -> Result<Html, Problem> {
    let qr = Qr::new(text).map_err(Problem::internal)?;
    let side = qr.side() + 8;
    let mut bars = String::new();
    for bar in qr.bars() {
        let width = bar.end - bar.first;
        bars.push_str(&format!("M{} {}h{width}v1h-{width}z", bar.first + 4, bar.row + 4));
    }
    Ok(Html::trusted(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {side} {side}\" width=\"240\" height=\"240\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{bars}\"/></svg>",
        Html::text(label)
    )))
}

async fn confirm(cx: Cx) -> Result<Reply, Problem> {
    let link = cx.param("link").to_string();
    match cx.site.office.enrol_confirm(&link, cx.form.get("code")).await {
        Ok((_, recovery)) => recovery_page(&cx, &recovery),
        Err(problem) if is_theirs(&problem) => {
            let enrolment = cx.site.office.enrolment(&link).await?;
            let offer = enrolment.offer.ok_or(problem.clone())?;
            app_page(&cx, &offer, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

fn recovery_page(cx: &Cx, recovery: &[String]) -> Result<Reply, Problem> {
    let f = cx.frame("desk-ready");
    let t = f.t.clone();
    let codes: String = recovery
        .iter()
        .map(|code| format!("<li><code dir=\"ltr\">{}</code></li>", Html::text(code)))
        .collect();
    let sheet = Sheet::new(f)
        .add(Block::Panel(t.get("desk-ready").into_owned(), Html::text(t.get("desk-ready-text"))))
        .add(Block::Note(
            Tone::Warning,
            t.get("desk-recovery").into_owned(),
            Html::text(t.get("desk-recovery-text")),
        ))
        .add(Block::Markup(Html::trusted(format!("<ul>{codes}</ul>"))))
        .add(Block::Button(daftar_ui::parts::Link::new("/sign-in", t.get("desk-sign-in")), ""));
    Reply::page(&sheet)
}
