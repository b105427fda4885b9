//! What the country offers, tokens for programs, and the engine with what nobody wants.

use super::{faults, instances, key, open, sent_key, sheet, shown};
use crate::catalogue::written;
use crate::cloud::Health;
use crate::measure::Measure;
use crate::permission::{OPERATE, READ, USE};
use crate::token::Made;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_ui::parts::{Column, SummaryRow, Table};
use daftar_ui::{Ask, Block, Field, Form, Html, Texts};

/// Seconds in an hour.
const HOUR: i64 = 3_600;

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/cloud/catalogue", Access::Official(READ), catalogue);
    routes.page(
        "GET",
        "/cloud/tokens",
        Access::Official(READ),
        |cx| async move { tokens(&cx, None, None).await },
    );
    routes.page("POST", "/cloud/tokens", Access::Official(READ), make_token);
    routes
        .page("POST", "/cloud/tokens/{token}/revoke", Access::Official(READ), revoke)
        .example("token", "$cloud_token");
    routes.page("GET", "/cloud/engine", Access::Official(OPERATE), engine);
    routes
        .page("POST", "/cloud/engine/{room}/{orphan}/remove", Access::StepUp(OPERATE), remove_orphan)
        .example("room", "$cloud_room")
        .example("orphan", "$cloud_orphan");
}

async fn catalogue(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, _) = open(&cx)?;
    let catalogue = cloud.catalogue()?;
    let f = cx.frame("cloud-catalogue");
    let t = f.t.clone();
    let columns = |keys: &[&str]| keys.iter().map(|key| Column::text(t.get(key))).collect::<Vec<_>>();
    let sizes = catalogue.sizes.iter().map(|size| {
        let approval = if size.approval { "cloud-size-approval" } else { "cloud-at-once" };
        vec![
            Html::isolated(size.label.get(&cx.lang)),
            Html::text(instances::size_words(&t, size.vcpus, size.memory_mib, size.disk_mib)),
            Html::text(t.get(approval)),
        ]
    });
    let sizes = Table {
        caption: t.get("cloud-sizes").into_owned(),
        columns: columns(&["cloud-size", "cloud-measure", "cloud-when"]),
        rows: sizes.collect(),
    };
    let images = catalogue.images.iter().map(|image| {
        vec![
            Html::isolated(image.label.get(&cx.lang)),
            Html::text(image.about.get(&cx.lang)),
            Html::ltr(&image.made),
            Html::code(&image.fingerprint),
        ]
    });
    let images = Table {
        caption: t.get("cloud-images").into_owned(),
        columns: columns(&["cloud-image", "cloud-measure", "cloud-made", "cloud-fingerprint"]),
        rows: images.collect(),
    };
    let quotas = Measure::ALL.map(|one| {
        let amount = |amounts: &crate::measure::Amounts| Html::text(shown::amount(&t, one, amounts.get(one)));
        vec![Html::text(shown::measure(&t, one)), amount(&catalogue.quota), amount(&catalogue.quota_most)]
    });
    let quotas = Table {
        caption: t.get("cloud-quota").into_owned(),
        columns: columns(&["cloud-measure", "cloud-quota-first", "cloud-quota-most"]),
        rows: quotas.to_vec(),
    };
    let prices = catalogue.prices_on(&cloud.today()).cloned().unwrap_or_default();
    let prices = [
        ("cloud-price-vcpu", prices.vcpu_hour),
        ("cloud-price-memory", prices.memory_gib_hour),
        ("cloud-price-disk", prices.disk_gib_hour),
        ("cloud-price-sent", prices.sent_gib),
    ];
    let currency = cx.site.country().currency.code.clone();
    let rows = prices.map(|(key, micros)| {
        SummaryRow::new(t.get(key), Html::ltr(format!("{} {currency}", written(micros))))
    });
    let page =
        sheet(&cx, f, "/cloud").await?.wide().add(Block::Lead(t.get("cloud-catalogue-lead").into_owned()));
    let page = page.add(Block::Table(sizes)).add(Block::Table(images)).add(Block::Table(quotas));
    Reply::page(
        &page.add(Block::Heading(t.get("cloud-prices").into_owned())).add(Block::Summary(rows.to_vec())),
    )
}

async fn tokens(cx: &Cx, made: Option<&Made>, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (cloud, who) = open(cx)?;
    let held = cloud.tokens(&who).await?;
    let t = cx.texts();
    let place = |field: &str| if field == "seconds" { "hours" } else { "label" }.to_string();
    let f = cx.frame("cloud-tokens").with_faults(faults(&t, problem, place));
    let mut page = sheet(cx, f, "/cloud").await?;
    if let Some(made) = made {
        let secret = Html::trusted(format!("<p>{}</p>", Html::code(&made.secret)));
        page = page.add(Block::Panel(t.get("cloud-token-made").into_owned(), secret));
        page = page.text(t.get("cloud-token-once").into_owned());
    }
    page = page.add(Block::Lead(t.get("cloud-tokens-lead").into_owned()));
    for token in &held {
        let rights = if token.may_change { "cloud-token-changes" } else { "cloud-token-reads" };
        let rows = vec![
            SummaryRow::new(t.get("cloud-token-may"), t.get(rights)),
            SummaryRow::new(t.get("cloud-token-ends"), t.moment(token.ends_at)),
        ];
        let label = t.one("cloud-token-revoke", "name", token.label.as_str());
        let form = Form::post(format!("/cloud/tokens/{}/revoke", token.id), label).hidden("key", key(cx));
        page = page.add(Block::Heading(token.label.clone())).add(Block::Summary(rows));
        page = page.add(Block::Form(form.kind("danger")));
    }
    page =
        page.add(Block::Heading(t.get("cloud-token-new").into_owned())).add(Block::Form(token_form(cx, &t)));
    Ok(Reply::page(&page)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn token_form(cx: &Cx, t: &Texts) -> Form {
    let asked = |name: &str| cx.form.get(name).to_string();
    let label =
        Field::new("label", t.get("cloud-token-label"), Ask::Line).hint(t.get("cloud-token-label-hint"));
    let hours =
        Field::new("hours", t.get("cloud-token-hours"), Ask::Line).hint(t.get("cloud-token-hours-hint"));
    let mut form = Form::post("/cloud/tokens", t.get("cloud-token-make"))
        .hidden("key", key(cx))
        .field(label.value(asked("label")))
        .field(hours.value(if asked("hours").is_empty() { "1".into() } else { asked("hours") }));
    if cx.may(USE) {
        let may = Field::new("may_change", t.get("cloud-token-changes"), Ask::Checkbox);
        form = form.field(may.value(asked("may_change")).optional());
    }
    form
}

async fn make_token(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let hours = cx.form.get("hours").trim().parse::<i64>().ok().and_then(|hours| hours.checked_mul(HOUR));
    let wish = (cx.form.get("label"), !cx.form.get("may_change").is_empty());
    match cloud.make_token(&who, wish, hours.unwrap_or(0), sent_key(&cx)).await {
        // Not a page to come back to: the secret is shown in this answer and never again.
        Ok(made) => tokens(&cx, Some(&made), None).await,
        Err(problem) if !problem.fields.is_empty() => tokens(&cx, None, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn revoke(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    cloud.revoke_token(&who, cx.param_id("token")?, sent_key(&cx)).await?;
    cx.go("/cloud/tokens")
}

async fn engine(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let (health, orphans) = (cloud.look_at_engine().await?, cloud.orphans(&who).await?);
    let f = cx.frame("cloud-engine");
    let t = f.t.clone();
    let mut page = sheet(&cx, f, "/desk").await?.wide();
    if let Health::Here(about) = &health {
        let mut rows = vec![
            SummaryRow::new(t.get("cloud-engine-name"), Html::ltr(&about.name)),
            SummaryRow::new(t.get("cloud-engine-version"), Html::ltr(&about.version)),
        ];
        if !about.lacks.is_empty() {
            rows.push(SummaryRow::new(t.get("cloud-engine-lacks"), Html::lines(&about.lacks)));
        }
        page = page.add(Block::Summary(rows));
    }
    page = page
        .add(Block::Heading(t.get("cloud-orphans").into_owned()))
        .text(t.get("cloud-orphans-lead").into_owned());
    if orphans.is_empty() {
        page = page.text(t.get("cloud-orphans-none").into_owned());
    }
    for orphan in &orphans {
        let rows = vec![
            SummaryRow::new(t.get("cloud-measure"), t.get(&format!("cloud-orphan-{}", orphan.kind))),
            SummaryRow::new(t.get("cloud-agency"), Html::isolated(&orphan.agency)),
            SummaryRow::new(t.get("cloud-id"), Html::code(orphan.id)),
            SummaryRow::new(t.get("cloud-seen"), t.moment(orphan.seen_at)),
        ];
        let action = format!("/cloud/engine/{}/{}/remove", orphan.room, orphan.id);
        let form = Form::post(action, t.get("cloud-remove")).hidden("key", key(&cx)).kind("danger");
        page = page.add(Block::Summary(rows)).add(Block::Form(form));
    }
    Reply::page(&page)
}

async fn remove_orphan(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let place = (cx.param_id("room")?, cx.param_id("orphan")?);
    cloud.remove_orphan(&who, place, sent_key(&cx)).await?;
    cx.go("/cloud/engine")
}
