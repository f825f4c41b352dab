//! The baseline: ridge regression (Hoerl and Kennard, 1970) on statistics of each column over the window.
//!
//! Every report has it beside the network. A network that does not beat it is not worth running.

use tch::{Kind, Tensor};

use super::rmse;
use crate::data::Windows;
use crate::data::windows::to_vec;

/// Strengths that are tried, as shares of the number of windows; the validation windows choose.
const STRENGTHS: [f64; 6] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];
/// Windows taken at once.
const BATCH: usize = 2048;

/// A fitted ridge regression.
#[derive(Debug)]
pub struct Ridge {
    /// `[statistics + 1, 1]`, the last the intercept.
    coefficients: Tensor,
    rul_cap: f64,
}

impl Ridge {
    /// Fits on windows of normalised readings, with labels capped; the strength is the one that is best on the
    /// validation windows.
    pub fn fit(train: &Windows, validation: &Windows, rul_cap: f64) -> Self {
        let mut products: Option<(Tensor, Tensor)> = None;
        for (windows, labels) in train.batches(BATCH) {
            let rows = statistics(&windows);
            let targets = labels.to_kind(Kind::Double).clamp_max(rul_cap);
            let (square, right) = (rows.tr().matmul(&rows), rows.tr().matmul(&targets));
            products = Some(match products {
                None => (square, right),
                Some((a, b)) => (a + square, b + right),
            });
        }
        let (square, right) = products.unwrap_or_else(|| {
            let empty = Tensor::zeros([1, 1], (Kind::Double, tch::Device::Cpu));
            (empty.copy(), empty)
        });
        let size = square.size()[0];
        // The intercept is not shrunk.
        let diagonal = Tensor::ones([size], (Kind::Double, square.device()));
        let _ = diagonal.get(size - 1).fill_(1e-9);
        let truth = super::capped(&validation.labels(), rul_cap);
        let tried = STRENGTHS.map(|strength| {
            let shrunk = &square + diagonal.diag(0) * (strength * train.count() as f64);
            let ridge = Self { coefficients: Tensor::linalg_solve(&shrunk, &right, true), rul_cap };
            (rmse(&ridge.predict(validation), &truth), ridge)
        });
        let mut tried = Vec::from(tried);
        tried.sort_by(|a, b| a.0.total_cmp(&b.0));
        tried.swap_remove(0).1
    }

    /// Predicted RUL in cycles, 0 to the cap, of windows of normalised readings.
    pub fn predict(&self, windows: &Windows) -> Vec<f32> {
        windows
            .batches(BATCH)
            .flat_map(|(windows, _)| {
                to_vec(&statistics(&windows).matmul(&self.coefficients).clamp(0.0, self.rul_cap))
            })
            .collect()
    }
}

/// `[batch, length, features]` to `[batch, 6 * features + 1]` in double precision: of each column its mean, its last
/// value, its slope over the window, its standard deviation, its least and its greatest value; and 1.
fn statistics(windows: &Tensor) -> Tensor {
    let windows = windows.to_kind(Kind::Double);
    let size = windows.size();
    let mean = windows.mean_dim(Some([1].as_slice()), true, Kind::Double);
    let last = windows.select(1, -1);
    // Least squares over steps from -1 to 1.
    let steps = Tensor::linspace(-1.0, 1.0, size[1], (Kind::Double, windows.device())).view([1, -1, 1]);
    let spread = steps.square().sum(Kind::Double).clamp_min(1e-12);
    let slope = (&windows * &steps).sum_dim_intlist(Some([1].as_slice()), false, Kind::Double) / spread;
    let deviation = (&windows - &mean).square().mean_dim(Some([1].as_slice()), false, Kind::Double).sqrt();
    let (lowest, highest) = (windows.amin([1].as_slice(), false), windows.amax([1].as_slice(), false));
    let one = Tensor::ones([size[0], 1], (Kind::Double, windows.device()));
    Tensor::cat(&[mean.squeeze_dim(1), last, slope, deviation, lowest, highest, one], 1)
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::data::Unit;

    #[test]
    fn what_is_linear_in_the_last_reading_is_found() {
        let unit = |id: u32, cycles: usize| Unit {
            id,
            name: id.to_string(),
            features: 2,
            readings: (0..cycles).flat_map(|n| [(cycles - n) as f32 / 50.0 - 1.0, 7.0]).collect(),
        };
        let windows = |units: &[Unit]| Windows::every_cycle(units, 5, Device::Cpu);
        let (train, validation) = (windows(&[unit(1, 90), unit(2, 70)]), windows(&[unit(3, 60)]));
        let ridge = Ridge::fit(&train, &validation, 125.0);
        assert!(rmse(&ridge.predict(&validation), &validation.labels()) < 0.5);
    }
}
