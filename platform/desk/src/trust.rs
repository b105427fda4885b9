//! `/trust`: how the public record stands, what it proves, what it does not, and how to check it.

use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_record::status::{LogStatus, Status};
use daftar_record::succession::Cause;
use daftar_ui::parts::{Column, Link, SummaryRow, Table};
use daftar_ui::{Block, Html, Sheet, Texts, Tone};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/trust", Access::Public, page);
}

async fn page(cx: Cx) -> Result<Reply, Problem> {
    let status = cx.site.record.status().await?;
    let counts = cx.site.record.seal_counts().await?;
    let f = cx.frame("desk-trust");
    let t = f.t.clone();
    let words = |key: &str| t.get(key).into_owned();
    let mut sheet = Sheet::new(f).add(Block::Lead(words("desk-trust-lead")));
    sheet = sheet.extend(alarms(&t, &status));
    sheet = sheet.extend(succeeded(&t, &status));
    for log in &status.logs {
        sheet = sheet
            .add(Block::Heading(words(&format!("desk-log-{}", log.log))))
            .add(Block::Summary(facts(&cx, &t, log)));
    }
    sheet = match witnesses(&cx, &t, &status) {
        Some(table) => sheet.add(Block::Table(table)),
        None => sheet.add(Block::Warning(words("desk-no-witness"))),
    };
    let count = |n: u64| t.number(i64::try_from(n).unwrap_or(i64::MAX));
    sheet = sheet.add(Block::Heading(words("desk-seals-public"))).add(Block::Summary(vec![
        SummaryRow::new(words("desk-seals-ever"), count(counts.ever)),
        SummaryRow::new(words("desk-seals-now"), count(counts.now)),
        SummaryRow::new(words("desk-seals-extended"), count(counts.extensions)),
    ]));
    let policy = vec![
        Link::new("/trust/policy", words("desk-policy-file")),
        Link::new("/trust/certificate-keys.pem", words("desk-certificate-keys")),
        Link::new(checkpoint(&status, "acts"), words("desk-checkpoint-acts")),
        Link::new(checkpoint(&status, "access"), words("desk-checkpoint-access")),
    ];
    let sheet = sheet
        .add(Block::Heading(words("desk-proves")))
        .add(Block::Markup(list(&t, "desk-proves", 4)))
        .add(Block::Heading(words("desk-limits")))
        .add(Block::Markup(list(&t, "desk-limits", 5)))
        .add(Block::Heading(words("desk-check-yourself")))
        .text(words("desk-check-yourself-text"))
        .add(Block::Markup(Html::trusted(
            "<pre><code dir=\"ltr\">receipt-check RECEIPT.json policy\ndaftar log check looks.proof.json --policy policy\ndaftar log verify URL --policy policy</code></pre>".into(),
        )))
        .add(Block::Links(policy));
    Reply::page(&sheet)
}

fn alarms(t: &Texts, status: &Status) -> Vec<Block> {
    let mut blocks = Vec::new();
    for log in &status.logs {
        if log.frozen.is_some() {
            let title = t.get("desk-frozen").into_owned();
            blocks.push(Block::Note(
                Tone::Warning,
                title,
                Html::text(t.one("desk-frozen-text", "log", log.log)),
            ));
        }
    }
    if status.held.is_some() {
        let title = t.get("desk-held").into_owned();
        blocks.push(Block::Note(Tone::Warning, title, Html::text(t.get("desk-held-text"))));
    }
    blocks
}

/// Where the newest checkpoint of a log lies.
fn checkpoint(status: &Status, log: &str) -> String {
    let code = status.logs.iter().find(|known| known.log == log).map_or(log, |known| known.code.as_str());
    format!("/log/{code}/checkpoint")
}

/// Each succession in words: when and why it was, what is missing, who did it, and how older receipts verify.
fn succeeded(t: &Texts, status: &Status) -> Vec<Block> {
    let mut blocks = Vec::new();
    for one in &status.successions {
        let title = t.one("desk-succeeded", "date", t.moment(one.at));
        let (Some(acts), Some(access)) = (&one.acts, &one.access) else {
            blocks.push(Block::Note(Tone::Warning, title, Html::text(t.get("desk-succeeded-altered"))));
            continue;
        };
        let cause = match acts.cause {
            Cause::Frozen => "desk-succeeded-frozen",
            Cause::Ended => "desk-succeeded-ended",
        };
        let mut text = t.one(cause, "before", one.before.as_str());
        text.push(' ');
        if acts.missing + access.missing == 0 {
            text.push_str(&t.get("desk-succeeded-whole"));
        } else {
            let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            let (acts, access) = (count(acts.missing), count(access.missing));
            text.push_str(&t.two("desk-succeeded-missing", "acts", acts, "access", access));
        }
        if acts.forked || access.forked {
            text.push(' ');
            text.push_str(&t.get("desk-succeeded-forked"));
        }
        let tone = if acts.cause == Cause::Frozen { Tone::Warning } else { Tone::Info };
        let kept = one.kept_until.map_or_else(|| t.get("desk-never").into_owned(), |at| t.moment(at));
        let number = one.number - 1;
        blocks.push(Block::Note(tone, title, Html::text(text)));
        blocks.push(Block::Summary(vec![
            SummaryRow::new(t.get("desk-succeeded-kept"), kept),
            SummaryRow::new(t.get("desk-succeeded-by"), one.by.clone()),
            SummaryRow::new(t.get("desk-succeeded-reason"), one.reason.clone()),
        ]));
        blocks.push(Block::Links(vec![Link::new(
            format!("/trust/policy/{number}"),
            t.get("desk-succeeded-policy"),
        )]));
    }
    blocks
}

fn facts(cx: &Cx, t: &Texts, log: &LogStatus) -> Vec<SummaryRow> {
    let when = |at: Option<daftar_kernel::Timestamp>| {
        at.map_or_else(
            || t.get("desk-never").into_owned(),
            |at| format!("{} ({})", t.moment(at), t.ago(at, cx.now())),
        )
    };
    let count = |n: u64| t.number(i64::try_from(n).unwrap_or(i64::MAX));
    vec![
        SummaryRow::new(t.get("desk-log-name"), Html::code(&log.origin)),
        SummaryRow::new(t.get("desk-log-size"), Html::text(count(log.size))),
        SummaryRow::new(t.get("desk-log-root"), Html::code(&log.root)),
        SummaryRow::new(t.get("desk-log-signed"), Html::text(when(log.signed_at))),
        SummaryRow::new(t.get("desk-log-cosigned"), Html::text(when(log.cosigned_at))),
        SummaryRow::new(t.get("desk-log-waiting"), Html::text(count(log.waiting))),
    ]
}

fn witnesses(cx: &Cx, t: &Texts, status: &Status) -> Option<Table> {
    let mut rows = Vec::new();
    for log in &status.logs {
        for witness in &log.witnesses {
            let seen = witness
                .cosigned_at
                .map_or_else(|| t.get("desk-never").into_owned(), |at| t.ago(at, cx.now()));
            let size =
                witness.size.map_or_else(|| "–".into(), |n| t.number(i64::try_from(n).unwrap_or(i64::MAX)));
            rows.push(vec![
                Html::text(&witness.name),
                Html::text(t.get(&format!("desk-log-{}", log.log))),
                Html::text(size),
                Html::text(seen),
            ]);
        }
    }
    (!rows.is_empty()).then(|| Table {
        caption: t.get("desk-witnesses").into_owned(),
        columns: vec![
            Column::text(t.get("desk-witness")),
            Column::text(t.get("desk-log")),
            Column::number(t.get("desk-log-size")),
            Column::text(t.get("desk-log-cosigned")),
        ],
        rows,
    })
}

/// The texts `key-1` to `key-n` as a list.
fn list(t: &Texts, key: &str, n: usize) -> Html {
    let items: String =
        (1..=n).map(|i| format!("<li>{}</li>", Html::text(t.get(&format!("{key}-{i}"))))).collect();
    Html::trusted(format!("<ul>{items}</ul>"))
}
