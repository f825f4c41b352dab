//! Smoothing: remaining life falls by one each cycle, and what the model says else is believed in part.
//!
//! One number a unit is kept. Without it, the model's answers rise from one cycle to the next where a machine's
//! remaining life cannot.

use super::settings::Smoothing;

/// The smoothed RUL after a prediction: what was foretold, `cycles` later, moved by the gain towards what the model
/// says now. The first prediction of a unit is taken as it is.
pub fn smooth(before: Option<f32>, cycles: u64, predicted: f32, settings: Smoothing) -> f32 {
    let Some(before) = before else { return predicted };
    let foretold = (before - cycles as f32).max(0.0);
    (foretold + settings.gain * (predicted - foretold)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SETTINGS: Smoothing = Smoothing { gain: 0.3 };

    fn run(predicted: impl IntoIterator<Item = f32>) -> Vec<f32> {
        let mut state = None;
        let step = |predicted| *state.insert(smooth(state, 1, predicted, SETTINGS));
        predicted.into_iter().map(step).collect()
    }

    #[test]
    fn a_life_that_falls_by_one_each_cycle_is_left_as_it_is() {
        let falling: Vec<f32> = (0..50).map(|n| 100.0 - n as f32).collect();
        let smoothed = run(falling.clone());
        assert!(falling.iter().zip(&smoothed).all(|(a, b)| (a - b).abs() < 1e-3), "{smoothed:?}");
    }

    #[test]
    fn rises_above_two_cycles_become_rarer_and_the_fall_is_followed() {
        // A jitter of 8 cycles around the fall.
        let jitter = |n: u32| [0.0, 5.0, -3.0, 2.0, -4.0][n as usize % 5];
        let raw: Vec<f32> = (0..100).map(|n| 120.0 - n as f32 + jitter(n)).collect();
        let rises = |values: &[f32]| values.windows(2).filter(|pair| pair[1] - pair[0] > 2.0).count();
        let smoothed = run(raw.clone());
        assert!(rises(&raw) > 30 && rises(&smoothed) == 0, "{} {}", rises(&raw), rises(&smoothed));
        assert!((smoothed[99] - raw[99]).abs() < 5.0);
    }

    #[test]
    fn after_a_gap_the_fall_is_as_long_as_the_gap() {
        assert!((smooth(Some(50.0), 20, 30.0, SETTINGS) - 30.0).abs() < 1e-6);
        assert!((smooth(Some(5.0), u64::MAX, 0.0, SETTINGS)).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn it_lies_between_what_was_foretold_and_what_is_said(
            before in 0_f32..200.0, cycles in 1_u64..50, predicted in 0_f32..200.0, gain in 0.01_f32..1.0,
        ) {
            let foretold = (before - cycles as f32).max(0.0);
            let smoothed = smooth(Some(before), cycles, predicted, Smoothing { gain });
            prop_assert!(smoothed >= foretold.min(predicted) - 1e-3 && smoothed <= foretold.max(predicted) + 1e-3);
        }
    }
}
