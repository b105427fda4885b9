//! The strip above every page of the demo: who one is, the tour, what it costs, and what the demo's witness is not.

use super::cast::Cast;
use daftar_http::{Cx, Site};
use daftar_kernel::Actor;
use daftar_ui::{Html, Texts};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Size of a page of memory on Linux, in KiB.
const PAGE_KIB: u64 = 4;
/// Seconds over which acts are counted.
const WINDOW_SECONDS: usize = 10;

/// How many acts a second the country does, in tenths.
#[derive(Default)]
pub struct Pulse(AtomicU64);

impl Pulse {
    /// Counts for as long as it is awaited.
    pub async fn keep(self: Arc<Self>, site: Arc<Site>) {
        let mut counts: VecDeque<u64> = VecDeque::new();
        loop {
            if let Ok(status) = site.record.status().await {
                let acts = status.logs.iter().find(|log| log.log == "acts");
                counts.push_back(acts.map_or(0, |log| log.size + log.waiting));
                let (first, last) = (counts.front().copied(), counts.back().copied());
                let more = last.unwrap_or(0).saturating_sub(first.unwrap_or(0));
                let seconds = (counts.len() as u64).saturating_sub(1).max(1);
                self.0.store(more * 10 / seconds, Ordering::Relaxed);
                if counts.len() > WINDOW_SECONDS {
                    counts.pop_front();
                }
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    fn words(&self) -> String {
        let tenths = self.0.load(Ordering::Relaxed);
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// How many days passed here that nobody waited for.
pub struct Days(pub u32);

/// What the plans in the documentation say of a district's box and of others' machines: the one source of these figures.
const HEADLINE: &str = include_str!("../../../../docs/plans/headline.json");

/// The line about cost, as a link to the planner; none when the figures cannot be read, which a test holds.
fn plan(t: &Texts) -> Option<Html> {
    let figures: serde_json::Value = serde_json::from_str(HEADLINE).ok()?;
    let figure = |key: &str| figures.get(key)?.as_i64();
    let values = [
        ("dollars", figure("dollars")?.into()),
        ("years", figure("years")?.into()),
        ("machines", figure("machines")?.into()),
        ("theirs", figure("machines_dollars")?.into()),
    ];
    Some(Html::link("/plan", t.with("app-demo-strip-plan", &values)))
}

/// The strip of a page.
#[must_use]
pub fn strip(cx: &Cx) -> Html {
    let t = cx.texts();
    let who = match &cx.actor {
        Actor::Official(official) => official.name.clone(),
        Actor::Citizen(_) => cx.site.service::<Cast>().map_or_else(String::new, |cast| cast.name.clone()),
        Actor::Public | Actor::System(_) => t.get("app-demo-nobody").into_owned(),
    };
    let rate = cx.site.service::<Arc<Pulse>>().map_or_else(String::new, |pulse| pulse.words());
    let figures = t.two("app-demo-strip-figures", "memory", memory_mib(), "rate", rate);
    let mut parts = vec![
        Html::text(t.one("app-demo-strip-who", "who", who)),
        Html::link("/demo", t.get("app-demo-strip-start")),
        Html::link("/demo/tour", t.get("app-demo-tour")),
        Html::text(figures),
        Html::text(t.get("app-demo-strip-witness")),
    ];
    parts.extend(plan(&t));
    let days = cx.site.service::<Days>().map_or(0, |days| days.0);
    if days > 0 {
        parts.push(Html::text(t.one("app-demo-strip-later", "days", days)));
    }
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    Html::trusted(parts.join(" · "))
}

/// Resident memory of this process, in MiB; 0 where the system does not say.
fn memory_mib() -> i64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let resident = pages.and_then(|text| text.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()));
    i64::try_from(resident.unwrap_or(0) * PAGE_KIB / 1024).unwrap_or(0)
}
