//! Root of the mean squared error and mean absolute error, over all windows at once.

/// Root of the mean squared error, in cycles: over everything at once, never a mean over batches.
pub fn rmse(predicted: &[f32], truth: &[f32]) -> f64 {
    mean(predicted, truth, |error| error * error).sqrt()
}

/// Mean absolute error, in cycles.
pub fn mae(predicted: &[f32], truth: &[f32]) -> f64 {
    mean(predicted, truth, f64::abs)
}

fn mean(predicted: &[f32], truth: &[f32], of: impl Fn(f64) -> f64) -> f64 {
    let sum: f64 = predicted.iter().zip(truth).map(|(&p, &t)| of(f64::from(p) - f64::from(t))).sum();
    sum / truth.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_over_all_windows_and_not_a_mean_of_batch_errors() {
        // Two batches of one window: the mean of their RMSEs would be 2.
        let (predicted, truth) = ([11.0, 17.0], [10.0, 20.0]);
        assert!((rmse(&predicted, &truth) - 5.0f64.sqrt()).abs() < 1e-12);
        assert!((mae(&predicted, &truth) - 2.0).abs() < 1e-12);
    }
}
