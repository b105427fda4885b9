//! "Letters to print": what waits at the own agency, as PDF one by one or all in one file, and marking it as posted.

use crate::letters::{self, Letter, PAGE};
use crate::post::{Post, plain};
use crate::{PRINT, PURPOSE};
use daftar_http::{Access, Cx, Reply, Routes, with_tx};
use daftar_kernel::{Id, Problem};
use daftar_office::permit::Ask as Permission;
use daftar_ports::fonts;
use daftar_ports::notify::Message;
use daftar_ports::notify::letter::{Letterhead, Window, render_all};
use daftar_ui::parts::{Column, Table};
use daftar_ui::{Block, Form, Html, Sheet, Texts};

/// Adds the routes.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::new();
    routes.page("GET", "/desk/letters", Access::Official(PRINT), list);
    routes.page("POST", "/desk/letters/print", Access::Official(PRINT), print);
    routes.page("POST", "/desk/letters/posted", Access::Official(PRINT), posted);
    routes
}

/// The name of the form's field with the letters' identifiers.
const LETTERS: &str = "letters";

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let agency = cx.official()?.agency.clone();
    let store = cx.site.store.clone();
    let (letters, count) = with_tx!(store.read, tx, [agency] { letters::waiting(tx, &agency).await })?;
    let f = cx.frame("post-letters");
    let t = f.t.clone();
    let csrf = f.csrf.clone();
    let mut sheet =
        Sheet::new(f).back("/desk").wide().add(Block::Lead(t.get("post-letters-lead").into_owned()));
    if letters.is_empty() {
        return Reply::page(&sheet.text(t.get("post-letters-none").into_owned()));
    }
    sheet = sheet.text(t.one("post-letters-count", "count", count));
    let rows = letters.iter().map(|letter| row(&cx, &t, &csrf, letter)).collect();
    let keys = ["post-what", "post-office", "post-written", "post-printed", "post-next"];
    let columns = keys.map(|key| Column::text(t.get(key))).to_vec();
    let caption = t.get("post-letters").into_owned();
    sheet = sheet.add(Block::Table(Table { caption, columns, rows }));
    let form = |action: &str, label: &str, letters: &[&Letter]| {
        let ids: Vec<String> = letters.iter().map(|letter| letter.id.to_string()).collect();
        Form::post(action, t.get(label)).hidden(LETTERS, ids.join(" "))
    };
    let all: Vec<&Letter> = letters.iter().collect();
    let printed: Vec<&Letter> = letters.iter().filter(|letter| letter.printed.is_some()).collect();
    sheet = sheet.add(Block::Form(form("/desk/letters/print", "post-print-all", &all)));
    if !printed.is_empty() {
        sheet =
            sheet.add(Block::Form(form("/desk/letters/posted", "post-posted-all", &printed).kind("second")));
    }
    Reply::page(&sheet)
}

fn row(cx: &Cx, t: &Texts, csrf: &str, letter: &Letter) -> Vec<Html> {
    let key = format!("post-notice-{}", letter.notice);
    let what = if t.has(&key) { t.get(&key).into_owned() } else { letter.notice.clone() };
    let roster = cx.site.roster();
    let office = roster.office(&letter.office).map_or("", |office| office.label.get(&cx.lang));
    let button = |action: &str, label: &str, kind: &str| {
        format!(
            "<form method=\"post\" action=\"/desk/letters/{action}\"><input type=\"hidden\" name=\"csrf\" value=\"{}\">\
             <input type=\"hidden\" name=\"{LETTERS}\" value=\"{}\"><button class=\"{kind}\">{} \
             <span class=\"vh\">{}</span></button></form>",
            Html::text(csrf),
            letter.id,
            Html::text(t.get(label)),
            Html::text(format!("{what}, {}", t.moment(letter.made))),
        )
    };
    let mut next = button("print", "post-print", "second");
    if letter.printed.is_some() {
        next.push_str(&button("posted", "post-posted", "link"));
    }
    let printed = letter.printed.map_or_else(|| t.get("post-not-yet").into_owned(), |at| t.moment(at));
    vec![
        Html::text(&what),
        Html::text(office),
        Html::text(t.moment(letter.made)),
        Html::text(printed),
        Html::trusted(next),
    ]
}

/// The identifiers a form names: at least one, at most a page of them.
fn named(text: &str) -> Result<Vec<Id>, Problem> {
    let ids: Result<Vec<Id>, _> = text.split_ascii_whitespace().take(PAGE + 1).map(str::parse).collect();
    ids.ok().filter(|ids| (1..=PAGE).contains(&ids.len())).ok_or_else(|| Problem::malformed("bad-form"))
}

/// The named letters of the own agency, each with the token under which the record knows the person.
async fn asked(cx: &Cx) -> Result<Vec<(Letter, Option<Id>)>, Problem> {
    let ids = named(cx.form.get(LETTERS))?;
    let (store, agency) = (cx.site.store.clone(), cx.official()?.agency.clone());
    let found = with_tx!(store.read, tx, [agency, ids] {
        let mut found = Vec::new();
        for id in ids {
            found.extend(letters::find(tx, &agency, id).await?);
        }
        Ok::<_, Problem>(found)
    })?;
    if found.is_empty() {
        return Err(Problem::not_found());
    }
    let post = cx.service::<Post>()?;
    let mut letters = Vec::with_capacity(found.len());
    for letter in found {
        let subject = post.persons().record_token(letter.person).await?;
        letters.push((letter, subject));
    }
    Ok(letters)
}

async fn print(cx: Cx) -> Result<Reply, Problem> {
    let letters = asked(&cx).await?;
    let (store, office, official) = (cx.site.store.clone(), cx.site.office.clone(), cx.official()?.clone());
    let messages = with_tx!(store.write, tx, [office, official, letters] {
        let ask = Permission { purpose: PURPOSE.into(), ..Permission::default() };
        let permit = office.permit(tx, &official, &ask).await?;
        let mut messages = Vec::new();
        for (letter, subject) in letters {
            let message = letters::open(tx, &office, &permit, &letter, subject).await?;
            messages.extend(message.map(|message| (message, letter.office)));
        }
        Ok::<_, Problem>(messages)
    })?;
    if messages.is_empty() {
        return Err(Problem::not_found());
    }
    let heads: Vec<Letterhead> =
        messages.iter().map(|(message, office)| head(&cx, message, office)).collect();
    let made = tokio::task::spawn_blocking(move || {
        let letters: Vec<(&Message, &Letterhead)> =
            messages.iter().map(|(message, _)| message).zip(&heads).collect();
        render_all(&letters, fonts::of_system()).map_err(Problem::internal)
    });
    Ok(Reply::file("application/pdf", "letters.pdf", made.await.map_err(Problem::internal)??))
}

fn head(cx: &Cx, message: &Message, office: &str) -> Letterhead {
    let country = cx.site.country();
    let t = cx.site.texts(&message.lang);
    let name = country.names.get(&message.lang).to_string();
    let roster = cx.site.roster();
    let office =
        roster.office(office).map_or_else(|| name.clone(), |o| o.label.get(&message.lang).to_string());
    Letterhead {
        return_address: format!("{office} · {name}"),
        office,
        footer: plain(&t.two("post-page-of", "page", "{page}", "pages", "{pages}")),
        window: Window::Left,
        zone: country.time_zone.clone(),
    }
}

async fn posted(cx: Cx) -> Result<Reply, Problem> {
    let letters = asked(&cx).await?;
    let (store, office, official) = (cx.site.store.clone(), cx.site.office.clone(), cx.official()?.clone());
    with_tx!(store.write, tx, [office, official, letters] {
        for (letter, subject) in letters {
            letters::post(tx, &office, &official, &letter, subject).await?;
        }
        Ok::<_, Problem>(())
    })?;
    cx.go("/desk/letters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_names_at_least_one_letter_and_at_most_a_page_of_them() {
        let ids = |count: u64| {
            let ids: Vec<String> = (0..count).map(|n| Id::from_parts(n, [1; 10]).to_string()).collect();
            named(&ids.join(" ")).map(|ids| ids.len()).map_err(|problem| problem.code)
        };
        let most = u64::try_from(PAGE).unwrap();
        assert_eq!((ids(0), ids(1), ids(most)), (Err("bad-form"), Ok(1), Ok(PAGE)));
        assert_eq!(ids(most + 1), Err("bad-form"));
        assert!(named("nothing").is_err());
    }
}
