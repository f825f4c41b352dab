//! Mean and scale of each column, in each operating condition, and how its values are spread, fitted on the training
//! units only, and which columns say nothing of RUL.

use overhaul_bundle::Distribution;
use overhaul_bundle::scaler::{Condition, ConditionColumn, Conditions, FeatureScale, Scaler};

use super::conditions::{self, Centres};
use super::{Schema, Unit};

/// `sharpness` times the smallest squared distance of two centres: a reading in a centre has the others' weights at
/// `exp(-200)`, which is 0 in single precision, and only near the middle between two is it neither's.
const SHARPNESS: f64 = 200.0;

/// The scaler of some units' readings: mean and population standard deviation of each column in
/// double precision; a column that never changes gets its value as mean and scale 1, so that it
/// becomes 0. Where readings come from several operating conditions, each has its own besides.
pub fn fit(units: &[Unit], schema: &Schema) -> Scaler {
    let rows: Vec<&[f32]> = units.iter().flat_map(Unit::rows).collect();
    let features = schema
        .features
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let (mean, scale) = column(&rows, index);
            let mut values: Vec<f32> = rows.iter().map(|row| row[index]).collect();
            let distribution = Distribution::fit(&mut values);
            FeatureScale { name: name.clone(), mean, scale, distribution, ignored: false }
        })
        .collect();
    let conditions = conditions::find(units, schema).map(|centres| each(&rows, schema, &centres));
    Scaler { features, conditions }
}

/// Marks the columns to ignore: those whose normalised values correlate with capped RUL by less than `least`, in
/// absolute value, over the training units. Noise is all that a model could learn from them.
pub fn ignore_irrelevant(scaler: &mut Scaler, units: &[Unit], rul_cap: f64, least: f64) {
    let labels: Vec<f64> =
        units.iter().flat_map(Unit::remaining).map(|left| f64::from(left).min(rul_cap)).collect();
    let rows: Vec<&[f32]> = units.iter().flat_map(Unit::rows).collect();
    let places: Vec<usize> = scaler.conditions.as_ref().map_or_else(Vec::new, |conditions| {
        let centres = Centres::of(conditions, &scaler.features);
        rows.iter().map(|row| centres.nearest(row)).collect()
    });
    for index in 0..scaler.features.len() {
        let feature = &scaler.features[index];
        let normalised = rows.iter().enumerate().map(|(row, reading)| {
            let (mean, scale) = match &scaler.conditions {
                Some(conditions) => {
                    let own = &conditions.list[places[row]];
                    (own.mean[index], own.scale[index])
                }
                None => (feature.mean, feature.scale),
            };
            (f64::from(reading[index]) - mean) / scale
        });
        scaler.features[index].ignored = correlation(normalised.zip(labels.iter().copied())).abs() < least;
    }
}

/// Pearson's correlation of pairs; 0 where one of the two never changes.
fn correlation(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let count = pairs.clone().count() as f64;
    let (a, b) = pairs.clone().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / count, b + y / count));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        both += (x - a) * (y - b);
        first += (x - a).powi(2);
        second += (y - b).powi(2);
    }
    let spread = (first * second).sqrt();
    if spread > 1e-12 { both / spread } else { 0.0 }
}

/// Means and scales in each condition.
fn each(rows: &[&[f32]], schema: &Schema, centres: &Centres) -> Conditions {
    let mut parts: Vec<Vec<&[f32]>> = vec![Vec::new(); centres.centres.len()];
    for row in rows {
        parts[centres.nearest(row)].push(row);
    }
    let list = centres.centres.iter().zip(&parts).map(|(centre, rows)| {
        let (mean, scale) = (0..schema.features.len()).map(|index| column(rows, index)).unzip();
        Condition { centre: centre.clone(), mean, scale }
    });
    let columns = centres.columns.iter().zip(&centres.ranges);
    let columns =
        columns.map(|(&column, &scale)| ConditionColumn { name: schema.features[column].clone(), scale });
    Conditions {
        columns: columns.collect(),
        sharpness: SHARPNESS / centres.smallest_gap(),
        list: list.collect(),
    }
}

/// A column's mean and scale over some readings, of which there is at least one.
fn column(rows: &[&[f32]], index: usize) -> (f64, f64) {
    let values = || rows.iter().map(|row| f64::from(row[index]));
    let first = values().next().unwrap_or_default();
    if values().all(|value| value.to_bits() == first.to_bits()) {
        return (first, 1.0);
    }
    let count = rows.len() as f64;
    let mean = values().sum::<f64>() / count;
    let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let features = ["altitude", "heat", "still"].map(str::to_owned).to_vec();
        Schema { features, conditions: vec![0] }
    }

    fn unit(rows: &[[f32; 3]]) -> Unit {
        Unit { id: 1, name: "1".to_owned(), features: 3, readings: rows.concat() }
    }

    #[test]
    fn mean_and_population_deviation_are_over_all_cycles_of_all_units() {
        let units = [unit(&[[1.0, 1.0, 7.0], [1.0, 3.0, 7.0]]), unit(&[[1.0, 5.0, 7.0]])];
        let heat = &fit(&units, &schema()).features[1];
        assert!((heat.mean - 3.0).abs() < 1e-12 && (heat.scale - (8.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(heat.name, "heat");
    }

    #[test]
    fn the_training_readings_themselves_do_not_drift() {
        let rows: Vec<[f32; 3]> = (0..100).map(|n| [1.0, (n as f32 * 0.7).sin(), 7.0]).collect();
        for (index, feature) in fit(&[unit(&rows)], &schema()).features.iter().enumerate() {
            let distribution = feature.distribution.as_ref().unwrap();
            let mut counts = vec![0; distribution.bins()];
            for row in &rows {
                counts[distribution.bin(row[index])] += 1;
            }
            assert!(distribution.stability(&counts).unwrap().abs() < 1e-12, "{}", feature.name);
        }
    }

    #[test]
    fn a_constant_column_becomes_zero() {
        let constant = &fit(&[unit(&[[1.0, 1.0, 518.67], [2.0, 3.0, 518.67]])], &schema()).features[2];
        assert_eq!((constant.mean as f32, constant.scale), (518.67, 1.0));
    }

    #[test]
    fn columns_that_say_nothing_of_rul_are_ignored() {
        let rows: Vec<[f32; 3]> = (0..40).map(|n| [(n as f32 * 2.4).sin(), n as f32, 7.0]).collect();
        let mut scaler = fit(&[unit(&rows)], &schema());
        ignore_irrelevant(&mut scaler, &[unit(&rows)], 125.0, 0.1);
        let ignored: Vec<bool> = scaler.features.iter().map(|feature| feature.ignored).collect();
        assert_eq!(ignored, [true, false, true]);
        ignore_irrelevant(&mut scaler, &[unit(&rows)], 125.0, 0.0);
        assert!(scaler.features.iter().all(|feature| !feature.ignored));
    }

    #[test]
    fn each_condition_has_a_mean_and_a_scale_of_its_own() {
        let rows: Vec<[f32; 3]> = (0..40)
            .map(|n| {
                let (high, step) = (n % 2 == 1, (n / 2) as f32);
                [if high { 42.0 } else { 0.0 }, if high { 100.0 + 2.0 * step } else { step }, 7.0]
            })
            .collect();
        let conditions = fit(&[unit(&rows)], &schema()).conditions.unwrap();
        assert_eq!((conditions.columns[0].name.as_str(), conditions.list.len()), ("altitude", 2));
        let [low, high] = [&conditions.list[0], &conditions.list[1]];
        assert!((low.mean[1] - 9.5).abs() < 1e-9 && (high.mean[1] - 119.0).abs() < 1e-9);
        assert!((high.scale[1] - 2.0 * low.scale[1]).abs() < 1e-9);
        assert_eq!((low.mean[2], low.scale[2]), (7.0, 1.0));
    }
}
