//! The operating conditions that readings come from, found in the training units.
//!
//! FD002 and FD004 fly at six settings of altitude, Mach number and throttle, and most of what their sensors show
//! is the setting. Settings that come in tight clusters are conditions; settings that vary freely, or hardly at all
//! as in FD001, are not, and their readings are normalised together.

use overhaul_bundle::scaler::{Conditions, FeatureScale};

use super::{Schema, Unit};

/// Two settings nearer than this are one condition; as a share of each column's range.
const RADIUS: f64 = 0.15;
/// Clusters wider than this, as a share of the range, are no conditions but a spread.
const TIGHT: f64 = 0.02;
/// More clusters than this are no conditions either.
const MOST: usize = 32;
/// Rounds of moving each centre into the middle of its readings.
const ROUNDS: usize = 10;

/// Operating conditions by their centres.
#[derive(Debug, Clone, PartialEq)]
pub struct Centres {
    /// Places of the columns that tell the condition and vary at all.
    pub columns: Vec<usize>,
    /// The range of each such column: what differences are divided by.
    pub ranges: Vec<f64>,
    /// At least two, each with one number a column, in the column's own unit.
    pub centres: Vec<Vec<f64>>,
}

impl Centres {
    /// The centres of a scaler that was fitted before.
    pub fn of(conditions: &Conditions, features: &[FeatureScale]) -> Self {
        let place =
            |name: &String| features.iter().position(|feature| feature.name == *name).unwrap_or_default();
        Self {
            columns: conditions.columns.iter().map(|column| place(&column.name)).collect(),
            ranges: conditions.columns.iter().map(|column| column.scale).collect(),
            centres: conditions.list.iter().map(|condition| condition.centre.clone()).collect(),
        }
    }

    /// The place of the centre that is nearest to a reading.
    pub fn nearest(&self, reading: &[f32]) -> usize {
        self.distances(reading).enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(place, _)| place)
    }

    /// The smallest squared distance between two centres.
    pub fn smallest_gap(&self) -> f64 {
        let pairs = self.centres.iter().enumerate().flat_map(|(place, a)| {
            self.centres[..place]
                .iter()
                .map(move |b| distance(a.iter().zip(b).map(|(a, b)| a - b), &self.ranges))
        });
        pairs.fold(f64::INFINITY, f64::min)
    }

    fn distances<'a>(&'a self, reading: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
        self.centres.iter().map(move |centre| {
            let differences =
                self.columns.iter().zip(centre).map(|(&column, middle)| f64::from(reading[column]) - middle);
            distance(differences, &self.ranges)
        })
    }
}

/// Squared distance of differences, each divided by its column's range.
fn distance(differences: impl Iterator<Item = f64>, ranges: &[f64]) -> f64 {
    differences.zip(ranges).map(|(difference, range)| (difference / range).powi(2)).sum()
}

/// The conditions of some units' readings; `None` if there is only one.
pub fn find(units: &[Unit], schema: &Schema) -> Option<Centres> {
    let rows = || units.iter().flat_map(Unit::rows);
    let (mut columns, mut ranges) = (Vec::new(), Vec::new());
    for &column in &schema.conditions {
        let values = || rows().map(|row| f64::from(row[column]));
        let range = values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min);
        if range > 0.0 {
            columns.push(column);
            ranges.push(range);
        }
    }
    let mut found = Centres { columns, ranges, centres: Vec::new() };
    let place =
        |row: &[f32], columns: &[usize]| columns.iter().map(|&column| f64::from(row[column])).collect();
    for row in rows() {
        if found.distances(row).all(|distance| distance > RADIUS * RADIUS) {
            let centre = place(row, &found.columns);
            found.centres.push(centre);
        }
        if found.centres.len() > MOST {
            return None;
        }
    }
    let mut spread = 0.0;
    for _ in 0..ROUNDS {
        let mut sums = vec![(0.0, vec![0.0; found.columns.len()]); found.centres.len()];
        spread = 0.0;
        for row in rows() {
            let (nearest, away) = found.distances(row).enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
            spread += away;
            sums[nearest].0 += 1.0;
            for (sum, &column) in sums[nearest].1.iter_mut().zip(&found.columns) {
                *sum += f64::from(row[column]);
            }
        }
        let filled = sums.into_iter().filter(|(count, _)| *count > 0.0);
        found.centres = filled.map(|(count, sum)| sum.into_iter().map(|s| s / count).collect()).collect();
    }
    let tight = (spread / rows().count() as f64).sqrt() <= TIGHT;
    (found.centres.len() > 1 && tight).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        Schema { features: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], conditions: vec![0, 1] }
    }

    fn unit(readings: Vec<f32>) -> Vec<Unit> {
        vec![Unit { id: 1, name: "1".to_owned(), features: 3, readings }]
    }

    #[test]
    fn tight_clusters_are_conditions_and_each_reading_finds_its_own() {
        let altitudes = [0.0, 20.0, 42.0];
        let readings: Vec<f32> =
            (0..300).flat_map(|n| [altitudes[n % 3] + (n as f32).sin() * 0.01, 100.0, n as f32]).collect();
        let found = find(&unit(readings), &schema()).unwrap();
        assert_eq!((found.columns.as_slice(), found.centres.len()), (&[0][..], 3));
        assert!((found.centres[1][0] - 20.0).abs() < 0.01);
        assert_eq!(found.nearest(&[19.0, 100.0, 5.0]), 1);
        assert!((found.smallest_gap() - (20.0f64 / 42.0).powi(2)).abs() < 1e-3);
    }

    #[test]
    fn settings_that_spread_or_stand_still_are_one_condition() {
        let spread: Vec<f32> = (0..300).flat_map(|n| [(n as f32 * 0.7).sin() * 0.008, 0.0, 1.0]).collect();
        assert_eq!(find(&unit(spread), &schema()), None);
        assert_eq!(find(&unit(vec![1.0, 2.0, 3.0, 1.0, 2.0, 4.0]), &schema()), None);
        let none = Schema { conditions: vec![], ..schema() };
        assert_eq!(find(&unit(vec![1.0, 2.0, 3.0, 9.0, 2.0, 4.0]), &none), None);
    }
}
