//! Counts and durations of requests, for the operator's metrics. Labels are few and fixed: kinds of routes and classes of answers,
//! never an address or a person.

use crate::RouteKind;
use daftar_kernel::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

/// Upper ends of the durations told apart, in seconds: from a page out of memory to a request nobody waits for.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    kind: &'static str,
    class: &'static str,
}

/// Counts the requests of one site. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub struct Meter {
    requests: Family<Answer, Counter>,
    seconds: Histogram,
}

impl Default for Meter {
    fn default() -> Self {
        Self { requests: Family::default(), seconds: Histogram::new(SECONDS) }
    }
}

impl Meter {
    /// Makes the counts part of what an operator can read.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_requests",
            "Requests answered, by kind of route and class of answer",
            self.requests.clone(),
        );
        registry.register(
            "http_request_seconds",
            "How long answering took, in seconds",
            self.seconds.clone(),
        );
    }

    /// A request of this kind was answered.
    pub(crate) fn answered(&self, kind: RouteKind, status: u16, began: Timestamp, now: Timestamp) {
        let kind = match kind {
            RouteKind::Page => "page",
            RouteKind::Api => "api",
            RouteKind::File => "file",
        };
        let class = match status {
            ..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500.. => "5xx",
        };
        self.requests.get_or_create(&Answer { kind, class }).inc();
        // A clock set back makes no negative duration.
        let micros = u64::try_from(now.0.saturating_sub(began.0)).unwrap_or(0);
        self.seconds.observe(Duration::from_micros(micros).as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::encoding::prometheus_text;

    #[test]
    fn requests_are_counted_by_kind_and_class() {
        let (meter, mut registry) = (Meter::default(), Registry::default());
        meter.register(&mut registry);
        let (began, now) = (Timestamp(0), Timestamp(2_000));
        meter.answered(RouteKind::Page, 200, began, now);
        meter.answered(RouteKind::Page, 204, began, now);
        meter.answered(RouteKind::Api, 503, now, began);
        let mut text = String::new();
        prometheus_text::encode(&mut text, &registry).unwrap();
        assert!(text.contains("http_requests_total{kind=\"page\",class=\"2xx\"} 2"), "{text}");
        assert!(text.contains("http_requests_total{kind=\"api\",class=\"5xx\"} 1"), "{text}");
        assert!(text.contains("http_request_seconds_count 3"), "{text}");
        assert!(text.contains("http_request_seconds_bucket{le=\"0.0025\"} 3"), "{text}");
    }
}
