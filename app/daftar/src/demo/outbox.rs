//! The demo's outbox: letters that a real country would print and post. They are kept in memory and go nowhere.

use super::cast::Cast;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_identity::People;
use daftar_kernel::Problem;
use daftar_ports::notify::{MemoryOutbox, Notice, Notifier, Recipient};
use daftar_ui::parts::Link;
use daftar_ui::{Block, Form, Html, Sheet};

/// Letters shown.
const SHOWN: usize = 20;
/// The letter with the code that opens a citizen's account.
const ACTIVATION: Notice =
    Notice { id: "identity-activation", required: &["name", "code"], optional: &["office", "until"] };

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

/// A new letter for the citizen, from the registrar: the code of an earlier one dies.
async fn issue(cx: Cx) -> Result<Reply, Problem> {
    let (cast, people) = (cx.service::<Cast>()?, cx.service::<People>()?);
    let registrar = cast.actor("registrar", &cx.site.roster())?;
    let letter = people.issue_activation(&registrar, cast.citizen).await?;
    let country = cx.site.country();
    let template = country
        .notice(ACTIVATION)
        .map_err(|faults| Problem::internal(format!("{faults:?}")))?
        .ok_or_else(|| Problem::internal("the pack has no letter for activation codes"))?;
    let lang = letter.language.clone().unwrap_or_else(|| cx.lang.clone());
    let until = cx.now().plus_seconds(daftar_office::activation::CODE_SECONDS);
    let until = cx.site.texts(&lang).day(until);
    let to = Recipient { name: letter.name.clone(), email: None, address: letter.address.clone() };
    let values = [("name", letter.name.as_str()), ("code", letter.code.as_str()), ("until", until.as_str())];
    let message = template
        .fill((letter.receipt, cx.now()), to, &lang, &values)
        .map_err(|missing| Problem::internal(format!("the letter lacks {missing}")))?;
    cx.service::<MemoryOutbox>()?.deliver(&message).await.map_err(Problem::internal)?;
    cx.go("/demo/outbox")
}
