//! When to try a version again that failed.

use std::time::{Duration, Instant};

use overhaul_bundle::Sha256Digest;

/// A version that is itself to blame is tried again after this long.
const LASTING: Duration = Duration::from_hours(1);
/// The longest pause between tries of a version that something else kept from running.
const LONGEST: Duration = Duration::from_mins(5);

/// When to try a version again that failed.
pub(super) struct Backoff {
    shortest: Duration,
    failed: Option<Failed>,
}

struct Failed {
    digest: Sha256Digest,
    pause: Duration,
    until: Instant,
}

impl Backoff {
    /// Nothing has failed; a first pause is `shortest`.
    pub(super) fn new(shortest: Duration) -> Self {
        Self { shortest, failed: None }
    }

    /// Whether a version may be tried now.
    pub(super) fn allows(&self, digest: &Sha256Digest, now: Instant) -> bool {
        self.failed.as_ref().is_none_or(|failed| failed.digest != *digest || now >= failed.until)
    }

    /// A version failed; `lasting` when it is itself to blame.
    pub(super) fn failed(&mut self, digest: Sha256Digest, lasting: bool, now: Instant) {
        let before = self.failed.take().filter(|failed| failed.digest == digest);
        let pause = match before {
            _ if lasting => LASTING,
            Some(failed) => (failed.pause * 2).min(LONGEST),
            None => self.shortest.min(LONGEST),
        };
        self.failed = Some(Failed { digest, pause, until: now + pause });
    }

    /// A version runs: nothing has failed any more.
    pub(super) fn forget(&mut self) {
        self.failed = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_version_is_left_alone_for_an_hour_but_another_is_tried_at_once() {
        let (bad, other) = (Sha256Digest::of(b"bad"), Sha256Digest::of(b"other"));
        let (start, mut backoff) = (Instant::now(), Backoff::new(Duration::from_secs(10)));
        backoff.failed(bad, true, start);
        let almost = start + LASTING.saturating_sub(Duration::from_secs(1));
        assert!(!backoff.allows(&bad, almost) && backoff.allows(&other, almost));
        assert!(backoff.allows(&bad, start + LASTING));
    }

    #[test]
    fn what_may_pass_is_tried_again_less_and_less_often() {
        let digest = Sha256Digest::of(b"unlucky");
        let (mut now, mut backoff) = (Instant::now(), Backoff::new(Duration::from_secs(10)));
        for pause in [10, 20, 40, 80, 160, 300, 300] {
            backoff.failed(digest, false, now);
            assert!(!backoff.allows(&digest, now + Duration::from_secs(pause - 1)));
            now += Duration::from_secs(pause);
            assert!(backoff.allows(&digest, now));
        }
        backoff.failed(digest, false, now);
        backoff.forget();
        assert!(backoff.allows(&digest, now));
    }
}
