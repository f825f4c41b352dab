//! What training saw of each feature in a reading's operating condition: what to put in the place of a missing
//! value, and how far off a value is.

use crate::scaler::{Condition, Scaler};

/// Means and scales of a fitted [`Scaler`], ready to be asked for one reading after the other.
///
/// Features are counted in the model's order. A condition is a place in `scaler.json`'s list, and 0 where readings
/// come from one operating condition only.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectations {
    features: Vec<Feature>,
    /// The places of the features that tell the condition, and what their differences are divided by.
    columns: Vec<(usize, f64)>,
    /// Empty where there is one condition only.
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq)]
struct Feature {
    mean: f64,
    scale: f64,
    ignored: bool,
}

impl Expectations {
    /// What a scaler says of its training data; `None` for one that was never fitted (mean 0 and scale 1
    /// throughout), as the models have that were trained and logged elsewhere.
    pub fn of(scaler: &Scaler) -> Option<Self> {
        // Both are written as they are, never computed.
        #[allow(clippy::float_cmp, reason = "the very numbers that stand for `not fitted`")]
        let untouched = |mean: f64, scale: f64| mean == 0.0 && scale == 1.0;
        if scaler.features.iter().all(|feature| untouched(feature.mean, feature.scale)) {
            return None;
        }
        let features = scaler.features.iter().map(|feature| Feature {
            mean: feature.mean,
            scale: feature.scale,
            ignored: feature.ignored,
        });
        let place = |name: &str| scaler.features.iter().position(|feature| feature.name == name);
        let conditions = scaler.conditions.as_ref();
        let columns = conditions.iter().flat_map(|conditions| &conditions.columns);
        Some(Self {
            features: features.collect(),
            columns: columns.filter_map(|column| Some((place(&column.name)?, column.scale))).collect(),
            conditions: conditions.map_or_else(Vec::new, |conditions| conditions.list.clone()),
        })
    }

    /// The operating condition of a reading: that of the nearest centre, as the graph takes it (see
    /// [`Conditions`](crate::scaler::Conditions)). A value that is missing (NaN) counts as the mean over all readings.
    pub fn condition(&self, reading: &[f32]) -> usize {
        let distance = |condition: &Condition| -> f64 {
            let differences = self.columns.iter().zip(&condition.centre).map(|(&(place, scale), centre)| {
                let value = reading.get(place).copied().filter(|value| !value.is_nan());
                (value.map_or(self.features[place].mean, f64::from) - centre) / scale
            });
            differences.map(|difference| difference * difference).sum()
        };
        let distances = self.conditions.iter().map(distance).enumerate();
        distances.min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(place, _)| place)
    }

    /// The mean of a feature over the training readings of a condition, in the feature's own unit.
    pub fn mean(&self, condition: usize, feature: usize) -> f64 {
        self.conditions.get(condition).map_or(self.features[feature].mean, |found| found.mean[feature])
    }

    /// How many standard deviations a value lies above the feature's mean in a condition, or below if negative. Where
    /// training saw one value only, the feature's own unit takes the place of the deviation.
    pub fn deviation(&self, condition: usize, feature: usize, value: f32) -> f64 {
        let scale =
            self.conditions.get(condition).map_or(self.features[feature].scale, |found| found.scale[feature]);
        (f64::from(value) - self.mean(condition, feature)) / scale
    }

    /// Whether the model looks at the feature.
    pub fn is_used(&self, feature: usize) -> bool {
        !self.features[feature].ignored
    }

    /// Whether the feature took more than one value in training.
    pub fn varies(&self, feature: usize) -> bool {
        // 1 is written, not computed, for a constant column.
        #[allow(clippy::float_cmp, reason = "the very number that stands for a constant column")]
        let constant = |scale: f64| scale == 1.0;
        match self.conditions.as_slice() {
            [] => !constant(self.features[feature].scale),
            list => list.iter().any(|condition| !constant(condition.scale[feature])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaler::{ConditionColumn, Conditions, FeatureScale};

    fn feature(name: &str, mean: f64, scale: f64) -> FeatureScale {
        FeatureScale { name: name.to_owned(), mean, scale, ignored: false, distribution: None }
    }

    /// As C-MAPSS FD002: the altitude tells the condition, the sensor's mean depends on it.
    fn two_conditions() -> Scaler {
        let condition = |altitude: f64, mean: f64, scale: f64| Condition {
            centre: vec![altitude],
            mean: vec![altitude, mean],
            scale: vec![1.0, scale],
        };
        Scaler {
            features: vec![feature("altitude", 26.0, 14.0), feature("sensor", 560.0, 40.0)],
            conditions: Some(Conditions {
                columns: vec![ConditionColumn { name: "altitude".to_owned(), scale: 14.0 }],
                sharpness: 100.0,
                list: vec![condition(0.0, 642.0, 0.5), condition(42.0, 549.0, 2.0)],
            }),
        }
    }

    #[test]
    fn a_reading_belongs_to_the_condition_whose_centre_is_nearest() {
        let expected = Expectations::of(&two_conditions()).unwrap();
        assert_eq!((expected.condition(&[1.0, 0.0]), expected.condition(&[35.0, 0.0])), (0, 1));
        assert_eq!((expected.mean(0, 1), expected.mean(1, 1)), (642.0, 549.0));
        assert!((expected.deviation(0, 1, 645.0) - 6.0).abs() < 1e-9);
        assert!((expected.deviation(1, 1, 545.0) + 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_missing_setting_counts_as_its_mean_over_all_readings() {
        // 26 is nearer to 42 than to 0.
        let expected = Expectations::of(&two_conditions()).unwrap();
        assert_eq!(expected.condition(&[f32::NAN, 642.0]), 1);
        assert_eq!(expected.condition(&[]), 1);
    }

    #[test]
    fn without_conditions_the_means_are_those_of_all_readings() {
        let expected = Expectations::of(&Scaler { conditions: None, ..two_conditions() }).unwrap();
        let condition = expected.condition(&[0.0, 0.0]);
        assert_eq!((condition, expected.mean(condition, 1)), (0, 560.0));
        assert!((expected.deviation(condition, 1, 520.0) + 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_scaler_that_was_never_fitted_expects_nothing() {
        let scaler =
            Scaler { features: vec![feature("a", 0.0, 1.0), feature("b", 0.0, 1.0)], conditions: None };
        assert_eq!(Expectations::of(&scaler), None);
    }

    #[test]
    fn a_constant_feature_and_an_ignored_one_are_told() {
        let mut scaler = two_conditions();
        scaler.features[1].ignored = true;
        let expected = Expectations::of(&scaler).unwrap();
        assert_eq!((expected.is_used(0), expected.is_used(1)), (true, false));
        assert_eq!((expected.varies(0), expected.varies(1)), (false, true));
    }
}
