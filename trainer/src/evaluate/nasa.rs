//! The NASA score, which punishes late predictions more than early ones.

/// The score of Saxena et al., "Damage Propagation Modeling for Aircraft Engine Run-to-Failure
/// Simulation" (PHM08): with `d` = predicted - true, the sum of `exp(-d/13) - 1` where `d < 0` and
/// `exp(d/10) - 1` elsewhere. Lower is better; it grows with the number of units.
pub fn nasa_score(predicted: &[f32], truth: &[f32]) -> f64 {
    let of = |d: f64| if d < 0.0 { (-d / 13.0).exp_m1() } else { (d / 10.0).exp_m1() };
    predicted.iter().zip(truth).map(|(&p, &t)| of(f64::from(p) - f64::from(t))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_late_cost_as_much_as_thirteen_early_and_perfect_costs_nothing() {
        let e = std::f64::consts::E;
        assert!((nasa_score(&[30.0], &[20.0]) - (e - 1.0)).abs() < 1e-12);
        assert!((nasa_score(&[20.0], &[33.0]) - (e - 1.0)).abs() < 1e-12);
        assert!((nasa_score(&[30.0, 20.0], &[20.0, 33.0]) - 2.0 * (e - 1.0)).abs() < 1e-12);
        assert_eq!(nasa_score(&[7.0, 125.0], &[7.0, 125.0]).to_bits(), 0.0f64.to_bits());
    }
}
