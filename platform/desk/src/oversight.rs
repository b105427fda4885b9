//! Watching the watchers: looks drawn for review by a second office, and alarms about unusual readers.

use daftar_http::{Access, Cx, Reply, Routes, again, with_tx};
use daftar_kernel::{Id, Problem};
use daftar_office::oversight::Finding;
use daftar_office::permission::{ALARM_SEE, LOOK_REVIEW};
use daftar_ui::parts::{Choice, SummaryRow, Tile};
use daftar_ui::{Ask, Block, Field, Form, Sheet};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/reviews", Access::Official(LOOK_REVIEW), |cx| async move {
        reviews(&cx, "", None).await
    });
    routes
        .page("POST", "/desk/reviews/{review}", Access::Official(LOOK_REVIEW), decide)
        .example("review", "$review");
    routes.page("GET", "/desk/alarms", Access::Official(ALARM_SEE), alarms);
    routes
        .page("POST", "/desk/alarms/{alarm}", Access::Official(ALARM_SEE), close)
        .example("alarm", "$alarm");
}

/// The looks drawn; `field` is the question that was left open.
async fn reviews(cx: &Cx, field: &str, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let (list, counts) = with_tx!(store.read, tx, [office, actor] {
        Ok::<_, Problem>((office.reviews(tx, &actor).await?, office.review_counts(tx).await?))
    })?;
    let f = cx.frame("desk-reviews").with_faults(again(cx, field, problem));
    let t = f.t.clone();
    let tile = |key: &str, n: i64| Tile {
        label: t.get(key).into_owned(),
        value: t.number(n),
        note: String::new(),
        href: None,
    };
    let roster = cx.site.roster();
    let mut sheet = Sheet::new(f)
        .back("/desk")
        .add(Block::Lead(t.get("desk-reviews-lead").into_owned()))
        .add(Block::Tiles(vec![
            tile("desk-review-open", counts.open),
            tile("desk-review-justified", counts.justified),
            tile("desk-review-unjustified", counts.unjustified),
        ]));
    for review in &list {
        let purpose =
            roster.purpose(&review.purpose).map_or(review.purpose.as_str(), |p| p.label.get(&cx.lang));
        let rows = vec![
            SummaryRow::new(t.get("desk-reader"), review.official.name.clone()),
            SummaryRow::new(
                t.get("desk-office"),
                roster.office(&review.official.office).map_or("", |o| o.label.get(&cx.lang)),
            ),
            SummaryRow::new(t.get("desk-reason"), purpose),
            SummaryRow::new(t.get("desk-case"), review.case.clone().unwrap_or_else(|| "–".into())),
            SummaryRow::new(t.get("desk-when"), t.moment(review.drawn)),
        ];
        let choices = [Finding::Justified, Finding::Unjustified]
            .map(|finding| {
                Choice::new(finding.word(), t.get(&format!("desk-review-{}", finding.word())), false)
            })
            .to_vec();
        let name = format!("finding-{}", review.id);
        let form = Form::post(format!("/desk/reviews/{}", review.id), t.get("desk-decide"))
            .field(Field::new(&name, t.get("desk-review-question"), Ask::Radios(choices)))
            .field(note_field(cx, review.id, t.get("desk-note").into_owned()));
        sheet = sheet
            .add(Block::Heading(t.moment(review.drawn)))
            .add(Block::Summary(rows))
            .add(Block::Form(form));
    }
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

/// What the reviewer or watcher writes about one entry of the page.
fn note_field(cx: &Cx, id: Id, label: String) -> Field {
    let name = format!("note-{id}");
    let typed = cx.form.get(&name).to_string();
    Field::new(name, label, Ask::Lines).value(typed)
}

async fn decide(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("review")?;
    let question = format!("finding-{id}");
    let finding = match cx.form.get(&question) {
        "justified" => Finding::Justified,
        "unjustified" => Finding::Unjustified,
        _ => return reviews(&cx, &question, Some(&Problem::refused("desk-choose-one"))).await,
    };
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let note = cx.form.get(&format!("note-{id}")).to_string();
    with_tx!(store.write, tx, [office, actor, note] { office.decide_review(tx, &actor, id, finding, &note).await })?;
    cx.go("/desk/reviews")
}

async fn alarms(cx: Cx) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let list = with_tx!(store.read, tx, [office, actor] { office.alarms(tx, &actor).await })?;
    let f = cx.frame("desk-alarms");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back("/desk").add(Block::Lead(t.get("desk-alarms-lead").into_owned()));
    for alarm in &list {
        let rows = vec![
            SummaryRow::new(t.get("desk-reader"), alarm.official.name.clone()),
            SummaryRow::new(t.get("desk-looks-hour"), t.number(alarm.looks)),
            SummaryRow::new(t.get("desk-looks-usual"), t.number(alarm.usual)),
        ];
        let form = Form::post(format!("/desk/alarms/{}", alarm.id), t.get("desk-close")).field(note_field(
            &cx,
            alarm.id,
            t.get("desk-note").into_owned(),
        ));
        sheet = sheet
            .add(Block::Heading(t.moment(alarm.raised)))
            .add(Block::Summary(rows))
            .add(Block::Form(form));
    }
    if list.is_empty() {
        sheet = sheet.text(t.get("desk-alarms-none").into_owned());
    }
    Reply::page(&sheet)
}

async fn close(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("alarm")?;
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let note = cx.form.get(&format!("note-{id}")).to_string();
    with_tx!(store.write, tx, [office, actor, note] { office.close_alarm(tx, &actor, id, &note).await })?;
    cx.go("/desk/alarms")
}
