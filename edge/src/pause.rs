//! How long to wait before the next try: longer each time, and never for many gateways the same.

use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_secs(1);
/// How long to wait before the next try.
#[derive(Debug)]
pub(crate) struct Pause {
    next: Duration,
    longest: Duration,
}

impl Pause {
    /// Nothing has failed; pauses grow up to the longest.
    pub(crate) fn up_to(longest: Duration) -> Self {
        Self { next: FIRST, longest }
    }

    /// The pause after a try that failed.
    pub(crate) fn after_failure(&mut self, random: u128) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        jittered(pause, random)
    }

    /// A try succeeded.
    pub(crate) fn forget(&mut self) {
        self.next = FIRST;
    }
}

/// Half of a pause and a random part of the other half, so that gateways that lost a peer together do not all
/// come back to it together.
pub(crate) fn jittered(pause: Duration, random: u128) -> Duration {
    pause.div_f64(2.0).mul_f64(1.0 + f64::from(random as u32) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_minutes_and_start_again_after_a_success() {
        let mut pause = Pause::up_to(Duration::from_mins(5));
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            assert_eq!(pause.after_failure(u128::MAX), Duration::from_secs(seconds));
        }
        pause.forget();
        assert_eq!(pause.after_failure(u128::MAX), Duration::from_secs(1));
    }

    #[test]
    fn a_pause_is_between_half_of_it_and_the_whole() {
        let whole = Duration::from_secs(10);
        assert_eq!(jittered(whole, 0), whole / 2);
        for random in [1, 0x8000_0000, 0xffff_ffff, u128::MAX] {
            let pause = jittered(whole, random);
            assert!((whole / 2..=whole).contains(&pause), "{pause:?}");
        }
    }
}
