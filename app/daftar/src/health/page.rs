//! `/status`: what works now, for everybody.

use super::Health;
use crate::archive::Archive;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Problem, Timestamp};
use daftar_record::status::Status;
use daftar_ui::parts::{Column, Table};
use daftar_ui::{Block, Html, Sheet, Tone};

/// After how many seconds an entry that still waits to be signed is late.
const SIGN_SECONDS: i64 = 120;
/// After how many seconds without a witness's signature nobody counts as watching.
const WITNESS_SECONDS: i64 = 600;

/// After how many seconds a commit that is in no copy is too long alone.
const COPY_SECONDS: i64 = 60;

/// Adds the route.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/status", Access::Public, page);
}

/// How one thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    Works,
    Fails,
    /// Nobody has set it up.
    Absent,
}

impl Stand {
    const fn of(works: bool) -> Self {
        if works { Self::Works } else { Self::Fails }
    }
    const fn word(self) -> &'static str {
        match self {
            Self::Works => "app-status-works",
            Self::Fails => "app-status-fails",
            Self::Absent => "app-status-absent",
        }
    }
}

/// One line of the page: the key of its words, how it stands, and when that was last so.
pub(super) type Line = (&'static str, Stand, Option<Timestamp>);

async fn page(cx: Cx) -> Result<Reply, Problem> {
    let lines = lines(&cx).await;
    let f = cx.frame("app-status");
    let t = f.t.clone();
    let word = |key: &str| t.get(key).into_owned();
    let broken = lines.iter().any(|(_, stand, _)| *stand == Stand::Fails);
    let rows = lines.iter().map(|(key, stand, at)| {
        let when = at.map_or_else(|| "–".to_string(), |at| t.ago(at, cx.now()));
        vec![Html::text(word(key)), Html::text(word(stand.word())), Html::text(when)]
    });
    let table = Table {
        caption: word("app-status-now"),
        columns: vec![
            Column::text(word("app-status-what")),
            Column::text(word("app-status-how")),
            Column::text(word("app-status-when")),
        ],
        rows: rows.collect(),
    };
    let (tone, title, text) = if broken {
        (Tone::Warning, "app-status-some", "app-status-some-text")
    } else {
        (Tone::Good, "app-status-all", "app-status-all-text")
    };
    let sheet = Sheet::new(f)
        .add(Block::Lead(word("app-status-lead")))
        .add(Block::Note(tone, word(title), Html::text(word(text))))
        .add(Block::Table(table));
    Ok(Reply::page(&sheet)?.header("cache-control", "no-store"))
}

/// Every line, from what was tried out last and what the record says of itself.
pub(super) async fn lines(cx: &Cx) -> Vec<Line> {
    let seen = cx.site.service::<Health>().map(|health| health.seen()).unwrap_or_default();
    let now = cx.now();
    // Before the first try this page itself is the proof that reading works.
    let reads = seen.tried.is_none() || seen.reads;
    let writes = if seen.tried.is_none() { Stand::Absent } else { Stand::of(seen.writes) };
    let mut lines = vec![
        ("app-status-read", Stand::of(reads), seen.tried.or(Some(now))),
        ("app-status-write", writes, seen.wrote),
    ];
    match cx.site.record.status().await {
        Ok(status) => {
            lines.push(("app-status-record", signs(&status, now), signed_at(&status)));
            lines.push(("app-status-witness", watched(&status), cosigned_at(&status)));
        }
        Err(error) => {
            tracing::warn!(%error, "the record's state cannot be read");
            lines.push(("app-status-record", Stand::Fails, None));
        }
    }
    lines.extend(copies(cx, now));
    lines
}

/// The copy elsewhere, and whether it was tried out.
fn copies(cx: &Cx, now: Timestamp) -> [Line; 2] {
    let Some(archive) = cx.site.service::<Archive>() else {
        return [("app-status-copy", Stand::Absent, None), ("app-status-drill", Stand::Absent, None)];
    };
    let shipped = archive.shipped();
    let fresh = shipped.until.is_some_and(|until| until.plus_seconds(COPY_SECONDS) > now);
    let drill = match archive.drilled() {
        None => Stand::Absent,
        Some(last) => Stand::of(last.good && !archive.drill_is_late(now)),
    };
    [
        ("app-status-copy", Stand::of(fresh && shipped.snapshot.is_some()), shipped.until),
        ("app-status-drill", drill, archive.drilled().map(|last| last.at)),
    ]
}

/// Whether acts get their receipts.
fn signs(status: &Status, now: Timestamp) -> Stand {
    let late = |log: &daftar_record::status::LogStatus| {
        log.waiting > 0 && log.signed_at.is_some_and(|at| at.plus_seconds(SIGN_SECONDS) < now)
    };
    Stand::of(status.held.is_none() && !status.logs.iter().any(|log| log.frozen.is_some() || late(log)))
}

fn signed_at(status: &Status) -> Option<Timestamp> {
    status.logs.iter().filter_map(|log| log.signed_at).min()
}

fn cosigned_at(status: &Status) -> Option<Timestamp> {
    status.logs.iter().filter_map(|log| log.cosigned_at).min()
}

/// Whether somebody outside has seen the newest state.
fn watched(status: &Status) -> Stand {
    if status.logs.iter().all(|log| log.witnesses.is_empty()) {
        return Stand::Absent;
    }
    let fresh = |seconds: Option<i64>| seconds.is_some_and(|seconds| seconds <= WITNESS_SECONDS);
    Stand::of(status.logs.iter().all(|log| fresh(log.stale_seconds)))
}
