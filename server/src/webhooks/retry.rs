//! When a delivery is tried again: soon at first, then ever later, never in step with others.

use jiff::SignedDuration;
use uuid::Uuid;

/// How often a delivery is tried.
const ATTEMPTS: u32 = 10;
/// The pause after the first attempt, tripled after each further one.
const FIRST: SignedDuration = SignedDuration::from_secs(5);
/// The longest pause.
const LONGEST: SignedDuration = SignedDuration::from_hours(3);

/// The pause after so many attempts have failed; `None` after the last one, about eight hours after the first.
pub(super) fn pause(attempts: u32) -> Option<SignedDuration> {
    (attempts < ATTEMPTS).then(|| spread(nominal(attempts), jitter()))
}

fn nominal(attempts: u32) -> SignedDuration {
    let factor = 3_i32.saturating_pow(attempts.saturating_sub(1));
    FIRST.saturating_mul(factor).min(LONGEST)
}

/// 80 to 120 per cent of a pause: deliveries that failed together, because a receiver was away, do not all
/// come back together.
fn spread(pause: SignedDuration, jitter: u8) -> SignedDuration {
    pause / 5 * 4 + pause / 5 * 2 / 255 * i32::from(jitter)
}

fn jitter() -> u8 {
    // Of the eight bytes of randomness that a UUID begins with.
    Uuid::new_v4().as_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_stretch_over_hours_and_no_pause_is_longer_than_three() {
        let pauses: Vec<i64> = (1..=9).map(|n| nominal(n).as_secs()).collect();
        assert_eq!(pauses, [5, 15, 45, 135, 405, 1215, 3645, 10_800, 10_800]);
        assert!(pause(9).is_some());
        assert_eq!(pause(10), None);
    }

    #[test]
    fn a_pause_is_spread_by_a_fifth_either_way() {
        let pause = SignedDuration::from_secs(255 * 5);
        assert_eq!(spread(pause, 0), SignedDuration::from_secs(255 * 4));
        assert_eq!(spread(pause, 255), SignedDuration::from_secs(255 * 6));
    }
}
