//! Axes: where they start and end, and which values are written beside them.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::number;

/// About how many steps an axis has.
const STEPS: f64 = 5.0;
/// What a logarithmic axis shows for 0 and less.
const SMALLEST: f64 = 1e-12;

/// An axis of a chart.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// What it measures, with the unit.
    pub name: String,
    /// Its ends, in the chart's coordinates; never empty.
    pub range: Range<f64>,
    /// Where a value is written, and the text.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis that holds all values, with round ends.
    pub(super) fn over(name: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = widened(values);
        let step = round_step((high - low) / STEPS);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let ticks = (0..=(last - first) as u32)
            .map(|position| (first + f64::from(position)) * step)
            .map(|value| (value, label(value, step)));
        Self { name: name.into(), range: first * step..last * step, ticks: ticks.collect() }
    }

    /// An axis of whole numbers from `first` to `last`, whose ends need not be round.
    pub(super) fn counting(name: impl Into<String>, first: u32, last: u32) -> Self {
        let (low, high) = (f64::from(first), f64::from(last));
        let step = round_step((high - low) / STEPS).max(1.0);
        let first_tick = (low / step).ceil();
        let ticks = (0..=(high / step - first_tick).max(0.0) as u32)
            .map(|position| (first_tick + f64::from(position)) * step);
        let mut ticks: Vec<f64> = ticks.filter(|value| (low..=high).contains(value)).collect();
        // Counting starts at 1, which is no round number of any larger step.
        if ticks.first().is_none_or(|&tick| tick - low > 0.5 * step) {
            ticks.insert(0, low);
        }
        let range = if first < last { low..high } else { low - 0.5..low + 0.5 };
        Self { name: name.into(), range, ticks: ticks.into_iter().map(|v| (v, label(v, step))).collect() }
    }

    /// A logarithmic axis that holds all values; a value's coordinate on it is [`log`] of it.
    pub(super) fn logarithmic(name: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = widened(values.into_iter().map(log));
        let (first, last) = (low.floor() as i32, high.ceil() as i32);
        let within_decade: &[f64] = if high - low <= 2.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let stride = ((last - first) / 6).max(1);
        let ticks: Vec<(f64, String)> = (first..=last)
            .step_by(stride as usize)
            .flat_map(|decade| within_decade.iter().map(move |digit| digit * 10f64.powi(decade)))
            .map(|value| (value.log10(), short(value)))
            .collect();
        let below = ticks.iter().rev().map(|(at, _)| *at).find(|at| *at <= low).unwrap_or(low);
        let above = ticks.iter().map(|(at, _)| *at).find(|at| *at >= high).unwrap_or(high);
        let ticks = ticks.into_iter().filter(|(at, _)| (below..=above).contains(at)).collect();
        Self { name: name.into(), range: below..above, ticks }
    }

    /// An axis of bins: the one at position `k` reaches from `k` to `k + 1`, and edges stand between them.
    pub(super) fn bins(name: impl Into<String>, edges: &[f64]) -> Self {
        let ticks = (1u32..).map(f64::from).zip(edges.iter().map(|&edge| number::edge(edge)));
        Self { name: name.into(), range: 0.0..edges.len() as f64 + 1.0, ticks: ticks.collect() }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        from + (share * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // There are no lesser lines between those that have a text.
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|(at, _)| *at).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, at: &f64) -> String {
        // The chart asks about the very values that it was given above.
        let tick = self.ticks.iter().find(|(tick, _)| tick.total_cmp(at).is_eq());
        tick.map(|(_, text)| text.clone()).unwrap_or_default()
    }
}

/// A value's coordinate on a logarithmic axis.
pub(super) fn log(value: f64) -> f64 {
    value.max(SMALLEST).log10()
}

/// The smallest and the largest value, apart even if there is only one, or none.
fn widened(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let ends = values.into_iter().fold(None, |ends: Option<(f64, f64)>, value| {
        Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    });
    let (low, high) = ends.unwrap_or((0.0, 1.0));
    let size = low.abs().max(high.abs());
    if high - low > 1e-9 * size {
        return (low, high);
    }
    let half = if size > 0.0 { 0.5 * size } else { 1.0 };
    (low - half, high + half)
}

/// The 1, 2 or 5 times a power of ten that is at least as large.
fn round_step(step: f64) -> f64 {
    let decade = 10f64.powf(step.max(f64::MIN_POSITIVE).log10().floor());
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * decade >= step * (1.0 - 1e-9));
    digit.unwrap_or(10.0) * decade
}

/// A value with the digits that its step needs.
fn label(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).max(0.0);
    if decimals > 6.0 || value.abs() >= 1e7 {
        return short(value);
    }
    number::fixed(value, decimals as usize)
}

/// A value in as few characters as possible.
fn short(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    if (-4.0..6.0).contains(&digits) {
        return number::fixed(value, (-digits).max(0.0) as usize);
    }
    // Two digits are enough beside a figure.
    let text = format!("{value:.1e}");
    text.replace(".0e", "e").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_round_and_hold_all_values() {
        let axis = Axis::over("", [3.2, 118.0]);
        assert_eq!(axis.range, 0.0..150.0);
        assert_eq!(axis.ticks.iter().map(|t| t.1.as_str()).collect::<Vec<_>>(), ["0", "50", "100", "150"]);
    }

    #[test]
    fn an_axis_is_never_empty_nor_crowded() {
        for value in [0.0, -7.0, 1e-9, 1e15, 0.1] {
            for axis in
                [Axis::over("", [value]), Axis::over("", [value, value]), Axis::logarithmic("", [value])]
            {
                assert!(axis.range.start < axis.range.end, "{axis:?}");
                assert!((2..12).contains(&axis.ticks.len()), "{axis:?}");
            }
        }
        for axis in [Axis::over("", []), Axis::counting("", 1, 1), Axis::bins("", &[])] {
            assert!(axis.range.start < axis.range.end, "{axis:?}");
        }
    }

    #[test]
    fn counting_starts_at_the_first_and_skips_evenly() {
        let axis = Axis::counting("", 1, 15);
        assert_eq!(axis.ticks.iter().map(|t| t.1.as_str()).collect::<Vec<_>>(), ["1", "5", "10", "15"]);
        assert_eq!(Axis::counting("", 3, 3).ticks, [(3.0, "3".to_owned())]);
    }

    #[test]
    fn a_logarithmic_axis_shows_decades_and_within_few_of_them_1_2_5() {
        let texts = |axis: Axis| axis.ticks.into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(
            texts(Axis::logarithmic("", [0.006, 0.15])),
            ["0.005", "0.01", "0.02", "0.05", "0.1", "0.2"]
        );
        assert_eq!(texts(Axis::logarithmic("", [3e-7, 20.0])).first().unwrap(), "1e−7");
    }
}
