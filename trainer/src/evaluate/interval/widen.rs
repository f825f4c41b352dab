//! By how much a first band is widened: the level that units hold when each is left out in turn.

use std::collections::BTreeMap;

/// Halvings of the range in which the quantile is looked for: finer than a window's weight.
const HALVINGS: u32 = 24;

/// How far one window's residual lies outside the first band, below 0 if inside, and whose window it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outside {
    pub(super) by: f64,
    pub(super) unit: u32,
}

/// The quantile of `windows` that makes a band hold `level` of a new unit's windows, as far as these units tell: the
/// smallest share that, taken from all units but one, holds `level` of that one's windows, on average over which one
/// it is. With one unit, or a level that is never reached, the widest; without any, 0.
pub(super) fn widen(mut windows: Vec<Outside>, level: f64) -> f64 {
    windows.sort_by(|a, b| a.by.total_cmp(&b.by));
    let mut units: BTreeMap<u32, usize> = BTreeMap::new();
    for window in &windows {
        *units.entry(window.unit).or_default() += 1;
    }
    let Some(widest) = windows.last().map(|window| window.by) else { return 0.0 };
    let all = Weighted { windows: &windows, units: &units };
    if units.len() < 2 || all.held(1.0) < level {
        return widest;
    }
    // What is held rises with the share.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if all.held(middle) < level { low = middle } else { high = middle }
    }
    all.quantile(high, None)
}

/// Windows in rising order; each unit counts as one, however many windows it has.
struct Weighted<'a> {
    windows: &'a [Outside],
    units: &'a BTreeMap<u32, usize>,
}

impl Weighted<'_> {
    /// The smallest value that `share` of the units' weight lies at or below, without one of them.
    fn quantile(&self, share: f64, without: Option<u32>) -> f64 {
        let count = self.units.len() - usize::from(without.is_some());
        let wanted = share * count as f64 - 1e-9;
        let mut weight = 0.0;
        let mut others = self.windows.iter().filter(|window| Some(window.unit) != without);
        let reached = others.find(|window| {
            weight += 1.0 / self.units[&window.unit] as f64;
            weight >= wanted
        });
        let widest = self.windows.iter().rev().find(|window| Some(window.unit) != without);
        reached.or(widest).map_or(0.0, |window| window.by)
    }

    /// The share of a left-out unit's windows that the others' quantile holds, on average over the units.
    fn held(&self, share: f64) -> f64 {
        let of = |(&unit, &count): (&u32, &usize)| {
            let limit = self.quantile(share, Some(unit));
            let own = self.windows.iter().filter(|window| window.unit == unit && window.by <= limit);
            own.count() as f64 / count as f64
        };
        self.units.iter().map(of).sum::<f64>() / self.units.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_units_hold_the_level_by_the_level_s_own_quantile() {
        let windows = (0..20).flat_map(|unit| (1..=100).map(move |n| Outside { by: f64::from(n), unit }));
        assert!((widen(windows.collect(), 0.9) - 90.0).abs() <= 1.0);
    }

    #[test]
    fn a_unit_counts_once_however_many_windows_it_has() {
        let mut windows: Vec<Outside> = (0..19).map(|unit| Outside { by: 1.0, unit }).collect();
        windows.extend((0..1000).map(|_| Outside { by: 50.0, unit: 19 }));
        assert!((widen(windows, 0.9) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn without_units_enough_it_is_the_widest() {
        let of = |values: &[(f64, u32)]| {
            widen(values.iter().map(|&(by, unit)| Outside { by, unit }).collect(), 0.9).to_bits()
        };
        assert_eq!(of(&[]), 0.0f64.to_bits());
        assert_eq!(of(&[(3.0, 1), (5.0, 1)]), 5.0f64.to_bits());
        assert_eq!(of(&[(3.0, 1), (5.0, 2)]), 5.0f64.to_bits());
    }
}
