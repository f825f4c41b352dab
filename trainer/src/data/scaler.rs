//! Mean and scale of each column, in each operating condition, fitted on the training units only.

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
            FeatureScale { name: name.clone(), mean, scale }
        })
        .collect();
    let conditions = conditions::find(units, schema).map(|centres| each(&rows, schema, &centres));
    Scaler { features, conditions }
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
    fn a_constant_column_becomes_zero() {
        let constant = &fit(&[unit(&[[1.0, 1.0, 518.67], [2.0, 3.0, 518.67]])], &schema()).features[2];
        assert_eq!((constant.mean as f32, constant.scale), (518.67, 1.0));
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
