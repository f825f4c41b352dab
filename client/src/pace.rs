//! A limit on how fast a file is downloaded.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

/// Keeps a transfer to a rate. What a pause of the line leaves unused is not made up for.
pub(crate) struct Pace {
    /// Bytes a second.
    rate: NonZeroU64,
    /// When the line is free for more.
    free: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(rate: NonZeroU64) -> Self {
        Self { rate, free: None }
    }

    /// How long to wait after so many bytes that arrived now.
    pub(crate) fn pause(&mut self, bytes: u64, now: Instant) -> Duration {
        let cost = Duration::from_secs_f64(bytes as f64 / self.rate.get() as f64);
        let free = self.free.map_or(now, |free| free.max(now)) + cost;
        self.free = Some(free);
        free - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_take_their_time_and_a_pause_of_the_line_is_not_made_up_for() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut pace = Pace::new(NonZeroU64::new(1000).unwrap());
        assert_eq!(pace.pause(500, start), second / 2);
        // More that arrives at the same time waits for both.
        assert_eq!(pace.pause(1000, start), second * 3 / 2);
        assert_eq!(pace.pause(1000, start + 10 * second), second);
    }
}
