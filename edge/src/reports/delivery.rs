//! The task that sends reports to the registry, one batch after the other, in order.
//!
//! A report is forgotten when the registry has acknowledged it, and not before. A batch that the registry refuses as
//! such is halved until one report is left, which is thrown away; what is refused for another reason waits.

use std::time::Duration;

use jiff::Timestamp;
use overhaul_bundle::GatewayId;
use overhaul_client::api::{ReportBatch, ReportsAccepted};
use overhaul_client::{ClientError, Registry};
use tokio::sync::oneshot;

use super::Reports;
use super::keeper::Request;
use super::queue::Batch;
use crate::pause::{Pause, jittered};
use crate::random;

/// The most bytes of a batch's events: what stands before the registry often takes no body of more than 1 MiB.
const BYTES: usize = 512 << 10;
/// How long reports are gathered, so that few requests are made.
const GATHER: Duration = Duration::from_secs(2);
/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_mins(5);
/// How long a registry is left alone that takes no reports: it is of a release that knows none.
const NO_ENDPOINT: Duration = Duration::from_hours(1);

/// Sends what is recorded to a registry.
pub struct Delivery {
    /// What is sent.
    pub reports: Reports,
    /// Where to.
    pub registry: Registry,
    /// As which gateway.
    pub gateway: GatewayId,
}

/// What to do about a batch that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// Try again soon, and then less and less often.
    Again,
    /// Try again after a long while.
    Later(Duration),
    /// Send fewer at once; a single one is at fault itself.
    Fewer,
}

fn remedy(error: &ClientError) -> Remedy {
    match error {
        ClientError::Refused { status: 413, .. } => Remedy::Fewer,
        // In the registry's own words: a proxy that says so says nothing about the reports.
        ClientError::Refused { status: 400 | 422, error_code, .. } if error_code != "UNKNOWN" => {
            Remedy::Fewer
        }
        ClientError::Refused { status: 404 | 405, .. } => Remedy::Later(NO_ENDPOINT),
        ClientError::Refused { status: 401 | 403, .. } => Remedy::Later(LONGEST),
        _ => Remedy::Again,
    }
}

impl Delivery {
    /// Sends for ever; ends at once when nothing is kept, or the queue is closed.
    pub async fn run(self) {
        let Some(shared) = self.reports.0.clone() else { return };
        shared.update(|status| status.gateway = Some(self.gateway.clone()));
        let mut pause = Pause::up_to(LONGEST);
        let mut most = ReportBatch::MAX_REPORTS;
        loop {
            let (answer, batch) = oneshot::channel();
            shared.inbox.ask(Request::Next { reports: most, bytes: BYTES, answer });
            let Ok(batch) = batch.await else { return };
            let Some(batch) = batch else {
                shared.ready.notified().await;
                tokio::time::sleep(GATHER).await;
                continue;
            };
            match self.registry.send_reports(&self.gateway, &batch).await {
                Ok(accepted) if takes(&accepted, &batch) => {
                    shared.inbox.ask(Request::Acknowledge(batch.queue, accepted.through));
                    shared.update(|status| {
                        if status.error.take().is_some() {
                            tracing::info!("the registry takes reports again");
                        }
                        status.last_delivery = Some(Timestamp::now());
                    });
                    pause.forget();
                    most = (most * 2).min(ReportBatch::MAX_REPORTS);
                }
                outcome => {
                    shared.inbox.ask(Request::Release);
                    let wait = self.failed(outcome, &batch, &mut most, &mut pause);
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = shared.link.notified() => {}
                    }
                }
            }
        }
    }

    /// Notes why a batch was not taken; answers how long to wait before the next one.
    fn failed(
        &self,
        outcome: Result<ReportsAccepted, ClientError>,
        batch: &Batch,
        most: &mut usize,
        pause: &mut Pause,
    ) -> Duration {
        let (line, remedy) = match outcome {
            Ok(accepted) => {
                (format!("the registry has reports up to {} only", accepted.through), Remedy::Again)
            }
            Err(error) => (error.to_string(), remedy(&error)),
        };
        let Some(shared) = &self.reports.0 else { return LONGEST };
        shared.update(|status| {
            if status.error.is_none() {
                tracing::warn!("reports are kept until later: {line}");
            }
            status.error = Some(line.clone());
        });
        // Without randomness, all pauses are half as long.
        let random = random::bits().unwrap_or(0);
        match (remedy, batch.reports.as_slice()) {
            (Remedy::Again, _) => pause.after_failure(random),
            (Remedy::Later(wait), _) => jittered(wait, random),
            (Remedy::Fewer, [only]) => {
                tracing::error!("report {} is thrown away: {line}", only.sequence);
                shared.inbox.ask(Request::Refuse(batch.queue.clone(), only.sequence));
                Duration::ZERO
            }
            (Remedy::Fewer, several) => {
                *most = several.len() / 2;
                Duration::ZERO
            }
        }
    }
}

/// Whether the registry has all of a batch.
fn takes(accepted: &ReportsAccepted, batch: &Batch) -> bool {
    batch.reports.last().is_some_and(|last| accepted.through >= last.sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, error_code: &str) -> Remedy {
        remedy(&ClientError::Refused {
            method: "POST".to_owned(),
            url: "http://registry.test/".to_owned(),
            status,
            error_code: error_code.to_owned(),
            message: "no".to_owned(),
        })
    }

    #[test]
    fn only_what_the_registry_itself_says_of_reports_is_held_against_them() {
        assert_eq!(refused(400, "INVALID_PARAMETER_VALUE"), Remedy::Fewer);
        assert_eq!(refused(400, "UNKNOWN"), Remedy::Again);
        assert_eq!(refused(413, "UNKNOWN"), Remedy::Fewer);
        assert_eq!(refused(403, "PERMISSION_DENIED"), Remedy::Later(LONGEST));
        assert_eq!(refused(404, "ENDPOINT_NOT_FOUND"), Remedy::Later(NO_ENDPOINT));
        for status in [302, 408, 429, 500, 502, 503, 507] {
            assert_eq!(refused(status, "UNKNOWN"), Remedy::Again, "{status}");
        }
    }
}
