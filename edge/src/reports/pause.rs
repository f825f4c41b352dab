//! How long to wait before the next try to deliver: longer each time, and never for many gateways the same.

use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause.
pub(super) const LONGEST: Duration = Duration::from_mins(5);

/// How long to wait before the next try.
#[derive(Debug)]
pub(super) struct Pause(Duration);

impl Pause {
    /// Nothing has failed.
    pub(super) fn new() -> Self {
        Self(FIRST)
    }

    /// The pause after a try that failed.
    pub(super) fn after_failure(&mut self, random: u128) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST);
        jittered(pause, random)
    }

    /// A try succeeded.
    pub(super) fn forget(&mut self) {
        self.0 = FIRST;
    }
}

/// Half of a pause and a random part of the other half, so that gateways that lost their registry together do not
/// all come back to it together.
pub(super) fn jittered(pause: Duration, random: u128) -> Duration {
    pause.div_f64(2.0).mul_f64(1.0 + f64::from(random as u32) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_minutes_and_start_again_after_a_success() {
        let mut pause = Pause::new();
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
