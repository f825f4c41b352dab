//! Mean and scale of each column, fitted on the training units only.

use overhaul_bundle::scaler::{FeatureScale, Scaler};

use super::{COLUMNS, FEATURES, Unit};

/// The scaler of some units' readings: mean and population standard deviation of each column in
/// double precision; a column that never changes gets its value as mean and scale 1, so that it
/// becomes 0.
pub fn fit(units: &[Unit]) -> Scaler {
    let column = |index: usize| {
        units
            .iter()
            .flat_map(move |unit| unit.readings[index..].iter().step_by(FEATURES).copied().map(f64::from))
    };
    let feature = |(index, name): (usize, &&str)| {
        let name = (*name).to_owned();
        let first = column(index).next().unwrap_or_default();
        if column(index).all(|value| value.to_bits() == first.to_bits()) {
            return FeatureScale { name, mean: first, scale: 1.0 };
        }
        let count = column(index).count() as f64;
        let mean = column(index).sum::<f64>() / count;
        let variance = column(index).map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        FeatureScale { name, mean, scale: variance.sqrt() }
    };
    Scaler { features: COLUMNS.iter().enumerate().map(feature).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(values: &[f32]) -> Unit {
        let readings =
            values.iter().flat_map(|&value| [&[value][..], &[518.67; FEATURES - 1]].concat()).collect();
        Unit { id: 1, readings }
    }

    #[test]
    fn mean_and_population_deviation_are_over_all_cycles_of_all_units() {
        let scaler = fit(&[unit(&[1.0, 3.0]), unit(&[5.0])]);
        let setting = &scaler.features[0];
        assert!((setting.mean - 3.0).abs() < 1e-12 && (setting.scale - (8.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(setting.name, "setting_1");
    }

    #[test]
    fn a_constant_column_becomes_zero() {
        let constant = &fit(&[unit(&[1.0, 3.0])]).features[3];
        assert_eq!((constant.mean as f32, constant.scale), (518.67, 1.0));
    }
}
