//! Log lines about what others send: the first at once, then one a minute with how many there were.

use std::time::{Duration, Instant};

/// The shortest time between two lines.
const PAUSE: Duration = Duration::from_mins(1);

/// When a line may be logged again.
#[derive(Default)]
pub(super) struct Seldom {
    last: Option<Instant>,
    silent: u64,
}

impl Seldom {
    /// Logs a line, unless there was one a short time ago.
    pub(super) fn warn(&mut self, line: &str) {
        if let Some(silent) = self.may_speak(Instant::now()) {
            if silent > 0 {
                tracing::warn!("{line} (and {silent} more such messages before)");
            } else {
                tracing::warn!("{line}");
            }
        }
    }

    /// How many times nothing was said since it was last; `None` when nothing is said now.
    fn may_speak(&mut self, now: Instant) -> Option<u64> {
        if self.last.is_some_and(|last| now < last + PAUSE) {
            self.silent += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.silent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_bad_messages_is_one_line_a_minute() {
        let (mut seldom, start) = (Seldom::default(), Instant::now());
        assert_eq!(seldom.may_speak(start), Some(0));
        for _ in 0..1000 {
            assert_eq!(seldom.may_speak(start + Duration::from_secs(59)), None);
        }
        assert_eq!(seldom.may_speak(start + PAUSE), Some(1000));
        assert_eq!(seldom.may_speak(start + PAUSE * 2), Some(0));
    }
}
