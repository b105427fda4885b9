//! Things of the cloud in words.

use crate::measure::Measure;
use crate::quota::Quota;
use crate::resource::{Observed, Resource, Wanted};
use daftar_ui::parts::{Column, Link, Table};
use daftar_ui::{Block, Html, Texts};

/// An amount of a measure in words: `8 GiB` for memory and disk, else a number.
pub(super) fn amount(t: &Texts, measure: Measure, amount: i64) -> String {
    match measure {
        Measure::MemoryMib | Measure::DiskMib => mib(t, amount),
        _ => t.number(amount),
    }
}

/// MiB in words: whole GiB as GiB.
pub(super) fn mib(t: &Texts, amount: i64) -> String {
    if amount != 0 && amount % 1024 == 0 {
        t.one("cloud-gib", "amount", amount / 1024)
    } else {
        t.one("cloud-mib", "amount", amount)
    }
}

/// The name of a measure.
pub(super) fn measure(t: &Texts, measure: Measure) -> String {
    t.get(&format!("cloud-measure-{}", measure.word().replace('_', "-"))).into_owned()
}

/// How a resource is, in words with a tone of their own.
pub(super) fn state(t: &Texts, resource: &Resource) -> Html {
    let (key, tone) = match resource {
        _ if resource.wanted == Wanted::Gone => ("cloud-state-going", "wait"),
        _ if resource.is_under_way() && resource.tries > 0 => ("cloud-state-waits", "bad"),
        _ if resource.is_under_way() => ("cloud-state-under-way", "wait"),
        _ => match resource.observed {
            Observed::Running => ("cloud-state-running", "good"),
            Observed::Present => ("cloud-state-present", "good"),
            Observed::Stopped => ("cloud-state-stopped", "info"),
            Observed::Unknown => ("cloud-state-under-way", "wait"),
            Observed::Broken => ("cloud-state-broken", "bad"),
            Observed::Missing => ("cloud-state-missing", "bad"),
            Observed::Refused => ("cloud-state-refused", "bad"),
        },
    };
    Html::trusted(format!("<strong class=\"tag {tone}\">{}</strong>", Html::text(t.get(key))))
}

/// A way to look again, while the engine is at it.
pub(super) fn look_again(t: &Texts, resource: &Resource) -> Option<Block> {
    let Resource { project, id, .. } = resource;
    let path = format!("/cloud/projects/{project}/{}s/{id}", resource.kind().word());
    resource.is_under_way().then(|| Block::Links(vec![Link::new(path, t.get("cloud-look-again"))]))
}

/// A table with what is taken of each quota, each with a bar.
pub(super) fn quotas(t: &Texts, quotas: &[Quota]) -> Block {
    let rows = quotas.iter().map(|quota| {
        let name = measure(t, quota.measure);
        let (taken, most) = (quota.reserved.max(0), quota.quota.max(0));
        let words = t.two(
            "cloud-quota-taken",
            "taken",
            amount(t, quota.measure, taken),
            "most",
            amount(t, quota.measure, most),
        );
        // A bar of nothing at all is empty, not undefined.
        let bar = format!(
            "<meter min=\"0\" max=\"{}\" value=\"{taken}\" aria-label=\"{}\"></meter>",
            most.max(1),
            Html::text(&name)
        );
        vec![Html::text(&name), Html::text(words), Html::trusted(bar)]
    });
    Block::Table(Table {
        caption: t.get("cloud-quota").into_owned(),
        columns: ["cloud-measure", "cloud-taken", "cloud-bar"].map(|key| Column::text(t.get(key))).to_vec(),
        rows: rows.collect(),
    })
}
