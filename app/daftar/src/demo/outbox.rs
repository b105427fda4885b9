//! The demo's outbox: what a real country would mail or post. It is kept in memory and goes nowhere; letters also wait at the
//! desk of the office that prints them, as they would.

use super::cast::Cast;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_identity::People;
use daftar_kernel::Problem;
use daftar_ports::notify::MemoryOutbox;
use daftar_ui::parts::Link;
use daftar_ui::{Block, Form, Html, Sheet};
use std::time::Duration;

/// Letters shown.
const SHOWN: usize = 20;
/// How long the page waits for the worker, and how often it looks: some seconds in all.
const WAIT: Duration = Duration::from_millis(50);
const WAITS: usize = 60;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/demo/outbox", Access::Public, page);
    routes.page("POST", "/demo/outbox", Access::Public, issue);
}

async fn page(cx: Cx) -> Result<Reply, Problem> {
    let letters = cx.service::<MemoryOutbox>()?.newest(SHOWN);
    let f = cx.frame("app-demo-outbox");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f)
        .back("/demo")
        .add(Block::Lead(t.get("app-demo-outbox-lead").into_owned()))
        .add(Block::Form(Form::post("/demo/outbox", t.get("app-demo-outbox-issue"))));
    if letters.is_empty() {
        sheet = sheet.text(t.get("app-demo-outbox-empty").into_owned());
    }
    for letter in letters {
        let body = letter.body.trim().lines().map(str::to_string).collect::<Vec<_>>();
        let (lang, dir) = (letter.lang.tag(), letter.lang.dir());
        sheet = sheet.add(Block::Heading(letter.subject.clone())).text(t.moment(letter.at)).add(
            Block::Inset(Html::trusted(format!(
                "<div lang=\"{lang}\" dir=\"{dir}\">{}<br>{}<br><br>{}</div>",
                Html::text(&letter.to.name),
                Html::lines(&letter.to.address),
                Html::lines(body),
            ))),
        );
    }
    let claim = Link::new("/claim", t.get("app-claim"));
    Reply::page(&sheet.add(Block::Links(vec![claim])))
}

/// A new letter for the citizen, from the registrar: the code of an earlier one dies. The worker writes it in a moment.
async fn issue(cx: Cx) -> Result<Reply, Problem> {
    let (cast, people) = (cx.service::<Cast>()?, cx.service::<People>()?);
    let outbox = cx.service::<MemoryOutbox>()?;
    // Other news may come first: a country that has just opened tells its people of its first day.
    let newest = |outbox: &MemoryOutbox| {
        outbox.newest(SHOWN).into_iter().find(|letter| holds_code(&letter.body)).map(|letter| letter.id)
    };
    let before = newest(&outbox);
    let registrar = cast.actor("registrar", &cx.site.roster())?;
    people.post_activation(&registrar, cast.citizen).await?;
    for _ in 0..WAITS {
        if newest(&outbox) != before {
            break;
        }
        tokio::time::sleep(WAIT).await;
    }
    cx.go("/demo/outbox")
}

/// Whether a code stands in a letter, as codes are printed: `ABCDE-FGHJK-M`.
fn holds_code(body: &str) -> bool {
    let words = body.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.into_iter().any(|word| word.split('-').map(str::len).eq([5, 5, 1]))
}

#[cfg(test)]
mod tests {
    use super::holds_code;

    #[test]
    fn a_letter_with_a_code_is_told_from_others() {
        assert!(holds_code("Your code: \u{2068}AVUNZ-4JKDJ-6\u{2069}."));
        for other in ["", "01a222cc-8062-7d3d-8fc5-cdda568c09dd", "AVUNZ-4JKDJ", "AVUNZ-4JKDJ-66", "C-2026-1"]
        {
            assert!(!holds_code(other), "{other}");
        }
    }
}
