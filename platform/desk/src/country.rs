//! The country pack's versions: in force, waiting, past; what each changes, in the words of its files; and publishing what
//! two officials have approved. Proposing is a command of whoever runs the machine, because a pack is a folder.

use daftar_http::{Access, Cx, Executor, Reply, Routes, with_tx};
use daftar_kernel::{Id, Problem, Timestamp, hex};
use daftar_office::approval::{Approval, State};
use daftar_packs::diff::{Change, diff};
use daftar_packs::versions::{self, PROPOSE, Version};
use daftar_packs::{Country, Source};
use daftar_store::Tx;
use daftar_ui::parts::{Column, Link, SummaryRow, Table};
use daftar_ui::{Block, Html, Sheet, Texts, Tone};
use std::sync::Arc;

/// Changes that one page lists; whoever must read more compares the folders with the command the page names.
const CHANGES_MAX: usize = 500;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/country", Access::Official(PROPOSE), list);
    routes
        .page("GET", "/desk/country/{version}", Access::Official(PROPOSE), show)
        .example("version", "$version");
}

/// What carries out an approved publication.
pub fn executor() -> Executor {
    Arc::new(|cx, approval| Box::pin(publish(cx, approval)))
}

/// Where a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// People live by it now.
    InForce,
    /// Published; its day is still to come.
    Waiting,
    /// It was in force, or another took its place before its day.
    Past,
    /// Two officials have not approved it yet.
    Proposed,
    /// It was turned down, or nobody approved it in time.
    NotTaken,
    /// Somebody changed the request in the database.
    Altered,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 6] =
        [Self::InForce, Self::Waiting, Self::Past, Self::Proposed, Self::NotTaken, Self::Altered];
    /// The word at the end of its message key.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::Waiting => "waiting",
            Self::Past => "past",
            Self::Proposed => "proposed",
            Self::NotTaken => "not-taken",
            Self::Altered => "altered",
        }
    }
    const fn tone(self) -> &'static str {
        match self {
            Self::InForce => "good",
            Self::Waiting => "info",
            Self::Proposed => "wait",
            Self::Altered => "bad",
            Self::Past | Self::NotTaken => "",
        }
    }
    fn of(version: &Version, in_force: Option<Id>, now: Timestamp) -> Option<Self> {
        match version.published {
            Some(_) if Some(version.id) == in_force => Some(Self::InForce),
            Some(_) if version.effective > now => Some(Self::Waiting),
            Some(_) => Some(Self::Past),
            None => None,
        }
    }
    fn of_request(approval: &Approval, now: Timestamp) -> Self {
        if approval.state == State::Open && now < approval.expires { Self::Proposed } else { Self::NotTaken }
    }
}

async fn standing(cx: &Cx, tx: &mut Tx, version: &Version) -> Result<Standing, Problem> {
    let now = cx.now();
    let in_force = versions::in_force(tx, now).await?.map(|found| found.id);
    if let Some(standing) = Standing::of(version, in_force, now) {
        return Ok(standing);
    }
    let Some(approval) = version.approval else { return Ok(Standing::NotTaken) };
    match cx.site.office.approval(tx, &cx.actor, approval).await {
        Ok(approval) => Ok(Standing::of_request(&approval, now)),
        Err(problem) if problem.code == "office-approval-altered" => Ok(Standing::Altered),
        Err(problem) => Err(problem),
    }
}

fn tag(t: &Texts, standing: Standing) -> Html {
    let label = Html::text(t.get(&format!("desk-version-{}", standing.word())));
    Html::trusted(format!("<strong class=\"tag {}\">{label}</strong>", standing.tone()))
}

fn how_to_propose(t: &Texts) -> Block {
    let words = Html::text(t.get("desk-country-how-text"));
    let command = Html::code("daftar country propose DIR --from 2027-01-01");
    Block::Details(
        t.get("desk-country-how").into_owned(),
        Html::trusted(format!("<p>{words}</p><p>{command}</p>")),
    )
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let (store, here) = (cx.site.store.clone(), cx.clone());
    let list = with_tx!(store.read, tx, [here] {
        let mut list = Vec::new();
        for version in versions::list(tx).await? {
            let standing = standing(&here, tx, &version).await?;
            list.push((version, standing));
        }
        Ok::<_, Problem>(list)
    })?;
    let f = cx.frame("desk-country");
    let t = f.t.clone();
    let rows = list.iter().map(|(version, standing)| {
        let receipt = version.receipt.map_or_else(|| Html::text("–"), |id| Html::code(id.to_string()));
        vec![
            Html::link(&format!("/desk/country/{}", version.id), &version.label),
            tag(&t, *standing),
            Html::text(t.moment(version.effective)),
            Html::code(short(&version.digest)),
            receipt,
        ]
    });
    let keys = ["desk-version", "desk-state", "desk-version-from", "desk-digest", "desk-version-receipt"];
    let table = Table {
        caption: t.get("desk-country").into_owned(),
        columns: keys.map(|key| Column::text(t.get(key))).to_vec(),
        rows: rows.collect(),
    };
    let sheet = Sheet::new(f)
        .back("/desk")
        .wide()
        .add(Block::Lead(t.get("desk-country-lead").into_owned()))
        .add(Block::Table(table))
        .add(how_to_propose(&t));
    Reply::page(&sheet)
}

/// The first digits of a fingerprint, for lists.
fn short(digest: &[u8; 32]) -> String {
    hex::encode(&digest[..8])
}

/// What a page says of a version, read in one transaction: every stored byte compared with the fingerprint.
struct Read {
    version: Version,
    standing: Standing,
    source: Source,
    base: Option<(Version, Source)>,
}

async fn read(cx: &Cx, tx: &mut Tx, version: Version) -> Result<Read, Problem> {
    let standing = standing(cx, tx, &version).await?;
    let source = versions::source_of(tx, &version).await?;
    let base = match versions::replaced(tx, &version, cx.now()).await? {
        Some(base) => {
            let files = versions::source_of(tx, &base).await?;
            Some((base, files))
        }
        None => None,
    };
    Ok(Read { version, standing, source, base })
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("version")?;
    let (store, here) = (cx.site.store.clone(), cx.clone());
    let found = with_tx!(store.read, tx, [here] {
        let version = versions::get(tx, id).await?.ok_or_else(Problem::not_found)?;
        read(&here, tx, version).await
    })?;
    let f = cx.frame("desk-country-version");
    let t = f.t.clone();
    let version = &found.version;
    let mut rows = vec![
        SummaryRow::new(t.get("desk-version"), Html::isolated(&version.label)),
        SummaryRow::new(t.get("desk-state"), tag(&t, found.standing)),
        SummaryRow::new(t.get("desk-version-proposed-on"), t.moment(version.proposed)),
        SummaryRow::new(t.get("desk-version-from"), t.moment(version.effective)),
        SummaryRow::new(t.get("desk-digest"), Html::code(hex::encode(&version.digest))),
    ];
    if let (Some(at), Some(receipt)) = (version.published, version.receipt) {
        rows.push(SummaryRow::new(t.get("desk-version-published"), t.moment(at)));
        rows.push(SummaryRow::new(t.get("desk-version-receipt"), Html::code(receipt.to_string())));
    }
    let mut sheet = Sheet::new(f).back("/desk/country").wide().add(Block::Summary(rows));
    if let Some(approval) = version.approval.filter(|_| found.standing == Standing::Proposed) {
        sheet = sheet.add(Block::Button(crate::approvals::link(&t, approval), ""));
    }
    Reply::page(&sheet.extend(explained(&cx, &t, &found)?))
}

/// What a request for publication would change: the blocks that its page shows before anybody agrees.
///
/// # Errors
/// `packs-altered` when the stored files are not those of the request; when the store fails.
pub async fn explain(cx: &Cx, t: &Texts, approval: &Approval) -> Result<Vec<Block>, Problem> {
    let (store, here, id) = (cx.site.store.clone(), cx.clone(), approval.id);
    let found = with_tx!(store.read, tx, [here] {
        let version = versions::of_approval(tx, id).await?.ok_or_else(Problem::not_found)?;
        read(&here, tx, version).await
    })?;
    let asked = |key: &str| approval.payload.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    let mut blocks = Vec::new();
    let mut warn = |code: &'static str| {
        let words = t.problem(&Problem::conflict(code));
        blocks.push(Block::Warning(format!("{} {}", words.what, words.next)));
    };
    if asked("manifest") != hex::encode(&found.version.digest) {
        warn("packs-altered");
    }
    let base = found.base.as_ref().map(|(base, _)| hex::encode(&base.digest));
    if approval.state == State::Open && base.as_deref() != Some(asked("replaces")) {
        warn("packs-superseded");
    }
    let rows = vec![
        SummaryRow::new(t.get("desk-version"), Html::isolated(&found.version.label)),
        SummaryRow::new(t.get("desk-version-from"), t.moment(found.version.effective)),
        SummaryRow::new(t.get("desk-version-digest"), Html::code(hex::encode(&found.version.digest))),
    ];
    blocks.push(Block::Summary(rows));
    blocks.extend(explained(cx, t, &found)?);
    Ok(blocks)
}

/// The difference to the version before, and the fingerprint of every file.
fn explained(cx: &Cx, t: &Texts, found: &Read) -> Result<Vec<Block>, Problem> {
    let parse = |source: &Source| {
        Country::from_source(source, &cx.site.permissions).map_err(|faults| versions::faulty(&faults))
    };
    let mut blocks = Vec::new();
    if let Some((base, files)) = &found.base {
        let changes = diff(&parse(files)?, &parse(&found.source)?);
        blocks.push(Block::Heading(t.one("desk-country-changes", "version", &base.label)));
        blocks.extend(changed(t, &changes));
    }
    let manifest = Html::text(found.source.manifest().text());
    let how = Html::text(t.get("desk-country-files-text"));
    blocks.push(Block::Details(
        t.get("desk-country-files").into_owned(),
        Html::trusted(format!("<p>{how}</p><pre><code dir=\"ltr\">{manifest}</code></pre>")),
    ));
    Ok(blocks)
}

fn changed(t: &Texts, changes: &[Change]) -> Vec<Block> {
    if changes.is_empty() {
        return vec![Block::Text(Html::text(t.get("desk-country-same")))];
    }
    // The words of a pack's files are the same in every language; they run as they are written.
    let said = |value: &Option<String>, silent: bool| match value {
        Some(text) => Html::isolated(text),
        None if silent => Html::text(t.get("desk-country-silent")),
        None => Html::text("–"),
    };
    let rows = changes.iter().take(CHANGES_MAX).map(|change| {
        vec![
            Html::ltr(&change.file),
            Html::isolated(&change.thing),
            said(&change.before, false),
            said(&change.after, change.is_silent()),
        ]
    });
    let keys = ["desk-country-file", "desk-country-thing", "desk-country-before", "desk-country-after"];
    let caption = t.one("desk-country-count", "count", changes.len());
    let columns = keys.map(|key| Column::text(t.get(key))).to_vec();
    let mut blocks = vec![Block::Table(Table { caption, columns, rows: rows.collect() })];
    if changes.len() > CHANGES_MAX {
        let more = t.one("desk-country-more", "count", changes.len() - CHANGES_MAX);
        blocks.push(Block::Note(Tone::Warning, String::new(), Html::text(more)));
    }
    blocks
}

/// Publishes what two officials have approved.
async fn publish(cx: Cx, approval: Id) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let version = with_tx!(store.write, tx, [office, actor] {
        versions::publish_approved(tx, &office, &actor, approval).await
    })?;
    let f = cx.frame("desk-country-published");
    let t = f.t.clone();
    let receipt = version.receipt.map(|id| id.to_string()).unwrap_or_default();
    let words = Html::trusted(format!(
        "{}<br>{}<br>{}",
        Html::text(t.one("desk-country-published-from", "when", t.moment(version.effective))),
        Html::text(t.get("desk-version-receipt")),
        Html::code(receipt)
    ));
    let link = Link::new(format!("/desk/country/{}", version.id), t.get("desk-country-version"));
    let sheet = Sheet::new(f)
        .add(Block::Panel(t.get("desk-country-published").into_owned(), words))
        .add(Block::Links(vec![link, Link::new("/desk/country", t.get("desk-country"))]));
    Reply::page(&sheet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_ui::Catalog;

    fn changes(count: usize) -> Vec<Change> {
        let change = |n: usize| Change {
            file: "places.toml".into(),
            what: String::new(),
            thing: format!("place '{n}'"),
            before: None,
            after: Some("new".into()),
        };
        (0..count).map(change).collect()
    }

    #[test]
    fn a_page_lists_so_many_changes_and_says_that_there_are_more() {
        let shared = [daftar_ui::BUNDLES, crate::BUNDLES].concat();
        let t = Catalog::new(&shared).unwrap().english();
        let shape = |count: usize| {
            let blocks = changed(&t, &changes(count));
            let rows = match blocks.first() {
                Some(Block::Table(table)) => table.rows.len(),
                _ => 0,
            };
            (rows, blocks.len())
        };
        assert_eq!(shape(0), (0, 1));
        assert_eq!(shape(CHANGES_MAX), (CHANGES_MAX, 1));
        assert_eq!(shape(CHANGES_MAX + 1), (CHANGES_MAX, 2));
    }
}
