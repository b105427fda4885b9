//! Cases of the own agency: a look for an investigation names one.

use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs, with_tx};
use daftar_kernel::Problem;
use daftar_office::permission::CASE_MANAGE;
use daftar_ui::parts::{Column, Table};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/cases", Access::Official(CASE_MANAGE), |cx| async move {
        list(&cx, "number", None).await
    });
    routes.page("POST", "/desk/cases", Access::Official(CASE_MANAGE), open);
    routes.page("POST", "/desk/cases/close", Access::Official(CASE_MANAGE), close);
}

/// The cases; `field` is the one that what went wrong was typed into.
async fn list(cx: &Cx, field: &str, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let cases = with_tx!(store.read, tx, [office, actor] { office.cases(tx, &actor, None).await })?;
    let f = cx.frame("desk-cases").with_faults(again(cx, field, problem));
    let t = f.t.clone();
    let rows: Vec<Vec<Html>> = cases
        .iter()
        .map(|case| {
            let state = case.closed.map_or_else(|| t.get("desk-case-open").into_owned(), |at| t.day(at));
            vec![
                Html::text(&case.number),
                Html::text(&case.opened_name),
                Html::text(t.day(case.opened)),
                Html::text(state),
            ]
        })
        .collect();
    let number = |name: &str| Field::new(name, t.get("desk-case"), Ask::Line).value(cx.form.get(name));
    let mut sheet = Sheet::new(f).back("/desk");
    if !rows.is_empty() {
        let keys = ["desk-case", "desk-opened-by", "desk-opened", "desk-closed"];
        let columns = keys.map(|key| Column::text(t.get(key))).to_vec();
        sheet = sheet.add(Block::Table(Table { caption: t.get("desk-cases").into_owned(), columns, rows }));
    }
    let sheet = sheet
        .add(Block::Form(Form::post("/desk/cases", t.get("desk-open-case")).field(number("number"))))
        .add(Block::Form(
            Form::post("/desk/cases/close", t.get("desk-close-case")).kind("second").field(number("close")),
        ));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn open(cx: Cx) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let number = cx.form.get("number").to_string();
    let opened =
        with_tx!(store.write, tx, [office, actor, number] { office.open_case(tx, &actor, &number).await });
    match opened {
        Ok(_) => cx.go("/desk/cases"),
        Err(problem) if is_theirs(&problem) || problem.kind.status() == 409 => {
            list(&cx, "number", Some(&problem)).await
        }
        Err(problem) => Err(problem),
    }
}

async fn close(cx: Cx) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let number = cx.form.get("close").to_string();
    let closed =
        with_tx!(store.write, tx, [office, actor, number] { office.close_case(tx, &actor, &number).await });
    match closed {
        Ok(()) => cx.go("/desk/cases"),
        // A number that is none of the agency's, or of a case that is closed already.
        Err(problem) if matches!(problem.kind.status(), 404 | 409 | 422) => {
            list(&cx, "close", Some(&problem)).await
        }
        Err(problem) => Err(problem),
    }
}
