//! One feature's values, summed up.

use datasketches::tdigest::TDigestMut;
use overhaul_bundle::Distribution;
use overhaul_client::api::{FeatureQuantiles, FeatureStatistics};

/// Fewer values than this say nothing about a distribution of ten bins.
const FEWEST: u64 = 100;
/// The quantiles that are told.
const RANKS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// One feature's values, summed up.
#[derive(Default)]
pub(super) struct Feature {
    count: u64,
    mean: f64,
    /// The sum of squared differences from the mean (Welford, Technometrics 4(3), 1962).
    squares: f64,
    quantiles: TDigestMut,
    /// Values in each bin of the training's distribution.
    bins: Vec<u64>,
    missing: u64,
    wild: u64,
}

impl Feature {
    /// One more value; NaN is one that is missing.
    pub(super) fn observe(&mut self, value: f32, wild: bool, training: Option<&Distribution>) {
        if !value.is_finite() {
            self.missing += 1;
            return;
        }
        self.wild += u64::from(wild);
        self.count += 1;
        let number = f64::from(value);
        let difference = number - self.mean;
        self.mean += difference / self.count as f64;
        self.squares += difference * (number - self.mean);
        self.quantiles.update(number);
        if let Some(training) = training {
            self.bins.resize(training.bins(), 0);
            self.bins[training.bin(value)] += 1;
        }
    }

    /// What there is to be told, of so many readings.
    pub(super) fn statistics(
        &mut self,
        name: &str,
        readings: u64,
        training: Option<&Distribution>,
    ) -> FeatureStatistics {
        // Ranks between 0 and 1 are no error.
        let quantiles = self.quantiles.quantiles(&RANKS).ok().flatten();
        let quantiles = quantiles.and_then(|values| match values[..] {
            [p05, p25, p50, p75, p95] => Some(FeatureQuantiles { p05, p25, p50, p75, p95 }),
            _ => None,
        });
        let share = |count: u64| count as f64 / readings.max(1) as f64;
        let enough = training.filter(|_| self.count >= FEWEST);
        FeatureStatistics {
            name: name.to_owned(),
            count: self.count,
            mean: (self.count > 0).then_some(self.mean),
            variance: (self.count > 1).then(|| self.squares / (self.count - 1) as f64),
            quantiles,
            psi: enough.and_then(|training| training.stability(&self.bins)),
            imputed: share(self.missing),
            wild: share(self.wild),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feature(values: &[f32], training: Option<&Distribution>) -> FeatureStatistics {
        let mut feature = Feature::default();
        for &value in values {
            feature.observe(value, value > 1e6, training);
        }
        feature.statistics("sensor_1", values.len() as u64, training)
    }

    #[test]
    fn mean_variance_and_quantiles_are_those_of_the_textbook() {
        let values: Vec<f32> = (0..=1000_u16).map(f32::from).collect();
        let said = feature(&values, None);
        assert_eq!((said.count, said.psi), (1001, None));
        assert!((said.mean.unwrap() - 500.0).abs() < 1e-9);
        // n (n + 1) / 12 for 0 to n - 1.
        assert!((said.variance.unwrap() - 1001.0 * 1002.0 / 12.0).abs() < 1e-6);
        let quantiles = said.quantiles.unwrap();
        for (found, expected) in [(quantiles.p05, 50.0), (quantiles.p50, 500.0), (quantiles.p95, 950.0)] {
            assert!((found - expected).abs() < 5.0, "{found} instead of {expected}");
        }
    }

    #[test]
    fn missing_and_wild_values_are_counted_and_missing_ones_are_in_no_mean() {
        let said = feature(&[1.0, f32::NAN, 3.0, 1e7], None);
        assert_eq!((said.count, said.imputed, said.wild), (3, 0.25, 0.25));
        let said = feature(&[1.0, f32::NAN, 3.0], None);
        assert!((said.mean.unwrap() - 2.0).abs() < 1e-12);
        let said = feature(&[f32::NAN], None);
        assert_eq!((said.mean, said.variance, said.quantiles), (None, None, None));
    }

    #[test]
    fn a_shift_shows_in_the_stability_index_once_there_are_enough_values() {
        let mut training: Vec<f32> = (0..1000_u16).map(f32::from).collect();
        let training = Distribution::fit(&mut training).unwrap();
        let values = |count: u16, shift: f32| -> Vec<f32> {
            (0..count).map(|n| f32::from(n) * 1000.0 / f32::from(count) + shift).collect()
        };
        assert!(feature(&values(500, 0.0), Some(&training)).psi.unwrap() < 0.01);
        assert!(feature(&values(500, 300.0), Some(&training)).psi.unwrap() > 0.25);
        assert_eq!(feature(&values(99, 0.0), Some(&training)).psi, None);
    }
}
