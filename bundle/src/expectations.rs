//! What training saw of each feature in a reading's operating condition: what to put in the place of a missing
//! value, and how far off a value is.

use crate::golden::Golden;
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
    /// `[conditions][features]`: the lowest and the highest value in golden windows.
    ranges: Vec<Vec<(f32, f32)>>,
    /// Features that stand still in some golden window in which others move.
    steady: Vec<bool>,
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
    ///
    /// `golden` shows what values the sensors say; its windows have the scaler's features.
    pub fn of(scaler: &Scaler, golden: &Golden) -> Option<Self> {
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
        let conditions = conditions.map_or_else(Vec::new, |conditions| conditions.list.clone());
        let width = scaler.features.len();
        let mut expected = Self {
            features: features.collect(),
            columns: columns.filter_map(|column| Some((place(&column.name)?, column.scale))).collect(),
            ranges: vec![vec![(f32::INFINITY, f32::NEG_INFINITY); width]; conditions.len().max(1)],
            steady: vec![false; width],
            conditions,
        };
        expected.learn(golden);
        Some(expected)
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

    /// Whether a value lies further than `most` standard deviations from the feature's mean in a condition, and beyond
    /// all of the condition's golden vectors. A sensor that says one of two values nearly always, as `sensor_6` of
    /// C-MAPSS does, has such a small deviation that its other value is far off; the golden vectors know it.
    pub fn is_wild(&self, condition: usize, feature: usize, value: f32, most: f64) -> bool {
        let (low, high) = self.ranges[condition][feature];
        self.deviation(condition, feature, value).abs() > most && !(low..=high).contains(&value)
    }

    /// Whether the feature moves all the time: it took more than one value in training, and never stands still in a
    /// golden window in which others move.
    pub fn always_moves(&self, feature: usize) -> bool {
        // 1 is written, not computed, for a constant column.
        #[allow(clippy::float_cmp, reason = "the very number that stands for a constant column")]
        let constant = |scale: f64| scale == 1.0;
        let varies = match self.conditions.as_slice() {
            [] => !constant(self.features[feature].scale),
            list => list.iter().any(|condition| !constant(condition.scale[feature])),
        };
        varies && !self.steady[feature]
    }

    /// Takes the ranges and the steady features from golden windows.
    fn learn(&mut self, golden: &Golden) {
        let width = self.features.len();
        for window in golden.windows.chunks_exact(golden.sequence_length * golden.features) {
            let mut moves = vec![false; width];
            let first = &window[..width];
            for reading in window.chunks_exact(width) {
                let condition = self.condition(reading);
                for (feature, value) in reading.iter().enumerate() {
                    let (low, high) = &mut self.ranges[condition][feature];
                    (*low, *high) = (low.min(*value), high.max(*value));
                    moves[feature] |= value.to_bits() != first[feature].to_bits();
                }
            }
            if moves.contains(&true) {
                self.steady.iter_mut().zip(moves).for_each(|(steady, moves)| *steady |= !moves);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaler::{ConditionColumn, Conditions, FeatureScale};

    fn feature(name: &str, mean: f64, scale: f64) -> FeatureScale {
        FeatureScale { name: name.to_owned(), mean, scale, distribution: None, ignored: false }
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

    fn golden(windows: &[[f32; 4]]) -> Golden {
        let windows = windows.concat();
        Golden { sequence_length: 2, features: 2, windows, expected: vec![], tolerance: 1e-3 }
    }

    fn of(scaler: &Scaler) -> Option<Expectations> {
        Expectations::of(scaler, &golden(&[]))
    }

    #[test]
    fn a_reading_belongs_to_the_condition_whose_centre_is_nearest() {
        let expected = of(&two_conditions()).unwrap();
        assert_eq!((expected.condition(&[1.0, 0.0]), expected.condition(&[35.0, 0.0])), (0, 1));
        assert_eq!((expected.mean(0, 1), expected.mean(1, 1)), (642.0, 549.0));
        assert!((expected.deviation(0, 1, 645.0) - 6.0).abs() < 1e-9);
        assert!((expected.deviation(1, 1, 545.0) + 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_missing_setting_counts_as_its_mean_over_all_readings() {
        // 26 is nearer to 42 than to 0.
        let expected = of(&two_conditions()).unwrap();
        assert_eq!(expected.condition(&[f32::NAN, 642.0]), 1);
        assert_eq!(expected.condition(&[]), 1);
    }

    #[test]
    fn without_conditions_the_means_are_those_of_all_readings() {
        let expected = of(&Scaler { conditions: None, ..two_conditions() }).unwrap();
        let condition = expected.condition(&[0.0, 0.0]);
        assert_eq!((condition, expected.mean(condition, 1)), (0, 560.0));
        assert!((expected.deviation(condition, 1, 520.0) + 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_scaler_that_was_never_fitted_expects_nothing() {
        let scaler =
            Scaler { features: vec![feature("a", 0.0, 1.0), feature("b", 0.0, 1.0)], conditions: None };
        assert_eq!(of(&scaler), None);
    }

    #[test]
    fn a_value_far_off_is_wild_unless_the_golden_vectors_of_its_condition_have_it() {
        let windows = [[0.0, 642.0, 0.0, 638.0], [42.0, 549.0, 42.0, 700.0]];
        let expected = Expectations::of(&two_conditions(), &golden(&windows)).unwrap();
        let wild = |condition, value| expected.is_wild(condition, 1, value, 6.0);
        assert_eq!([645.0, 645.1, 638.0, 637.9].map(|value| wild(0, value)), [false, true, false, true]);
        assert!(of(&two_conditions()).unwrap().is_wild(0, 1, 638.0, 6.0));
        // The other condition's range is its own.
        assert_eq!((wild(0, 690.0), wild(1, 690.0)), (true, false));
    }

    #[test]
    fn a_feature_that_stands_still_while_others_move_or_in_training_need_not_move() {
        let moving = |windows: &[[f32; 4]]| {
            let mut scaler = Scaler { conditions: None, ..two_conditions() };
            scaler.features[0].scale = 14.0;
            let expected = Expectations::of(&scaler, &golden(windows)).unwrap();
            [expected.always_moves(0), expected.always_moves(1)]
        };
        assert_eq!(moving(&[[0.0, 642.0, 1.0, 643.0]]), [true, true]);
        assert_eq!(moving(&[[0.0, 642.0, 1.0, 643.0], [0.0, 642.0, 1.0, 642.0]]), [true, false]);
        // A window of one reading repeated says nothing.
        assert_eq!(moving(&[[0.0, 642.0, 0.0, 642.0]]), [true, true]);
        // In each condition, the altitude took one value.
        let expected = of(&two_conditions()).unwrap();
        assert_eq!([expected.always_moves(0), expected.always_moves(1)], [false, true]);
    }

    #[test]
    fn an_ignored_feature_is_told() {
        let mut scaler = two_conditions();
        scaler.features[1].ignored = true;
        let expected = of(&scaler).unwrap();
        assert_eq!((expected.is_used(0), expected.is_used(1)), (true, false));
    }
}
