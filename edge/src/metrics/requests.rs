//! Requests by route, method and status, counted and timed.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::agent::Agent;

/// Bounds of the durations, in seconds.
const SECONDS: [f64; 12] = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0];

pub(super) struct Requests {
    answered: Family<Answered, Counter>,
    duration: Family<Asked, Histogram, fn() -> Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: Arc<str>,
    status: u16,
}

impl Requests {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let requests = Self {
            answered: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(SECONDS)),
        };
        registry.register("requests", "Requests answered", requests.answered.clone());
        registry.register_with_unit(
            "request_duration",
            "From a request's head to its answer's",
            Unit::Seconds,
            requests.duration.clone(),
        );
        requests
    }
}

/// Counts and times each request that has a route; the others count as `other`.
pub(crate) async fn measure(State(agent): State<Arc<Agent>>, request: Request, next: Next) -> Response {
    let method = match *request.method() {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        _ => "other",
    };
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str);
    let route: Arc<str> = route.into();
    let start = Instant::now();
    let answer = next.run(request).await;
    let requests = &agent.metrics().0.requests;
    let asked = Asked { method, route: Arc::clone(&route) };
    requests.duration.get_or_create(&asked).observe(start.elapsed().as_secs_f64());
    let status = answer.status().as_u16();
    requests.answered.get_or_create(&Answered { method, route, status }).inc();
    answer
}
