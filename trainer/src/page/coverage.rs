//! The interval on the test units: how often it holds the truth, and how wide it is.

use super::axis::Axis;
use super::chart::{self, Chart, Side};
use super::html::Html;
use super::measured::{Interval, Prediction, TestUnit};
use super::number::{count, cycles, edge, percent};
use super::palette::{INK, LATE, MODEL, PAPER, REFERENCE};
use super::report::Report;
use super::table;

/// Two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.96;

/// How to read the figure and the table.
const CAPTION: &str = "<figcaption>The bar is the share of test units in a bin of predicted RUL whose capped RUL \
    the interval held, the thin line where chance may put it (95 % Wilson interval), the dashed line the level \
    that was promised. In the table, “unclear” is short of the level by no more than chance explains among so \
    few units; “below” is more than that, and its bar has another colour.</figcaption>\n";

/// How often intervals held the truth.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Coverage {
    /// Units with an interval, at least 1.
    pub units: usize,
    /// Those whose interval held the truth.
    pub held: usize,
    /// The intervals' mean width, in cycles.
    pub mean_width: f64,
}

impl Coverage {
    /// The coverage of the units that have an interval; `None` if none has.
    pub(super) fn of<'a>(
        units: impl IntoIterator<Item = &'a TestUnit>,
        truth: impl Fn(&Prediction) -> f64,
    ) -> Option<Self> {
        let (mut count, mut held, mut width) = (0, 0, 0.0);
        for last in units.into_iter().map(|unit| &unit.last) {
            if let (Some((low, high)), Some(holds)) = (last.ends, last.holds(truth(last))) {
                count += 1;
                held += usize::from(holds);
                width += high - low;
            }
        }
        (count > 0).then(|| Self { units: count, held, mean_width: width / count as f64 })
    }

    /// The share of units whose interval held the truth.
    pub(super) fn share(&self) -> f64 {
        self.held as f64 / self.units as f64
    }

    /// Where the share of all such units lies, with 95 % confidence (Wilson, 1927).
    pub(super) fn confidence(&self) -> (f64, f64) {
        let (count, share) = (self.units as f64, self.share());
        let scale = 1.0 + Z * Z / count;
        let middle = (share + Z * Z / (2.0 * count)) / scale;
        let half = Z / scale * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
        ((middle - half).max(0.0), (middle + half).min(1.0))
    }

    /// True if chance does not explain how far the share is below the level.
    pub(super) fn is_below(&self, level: f64) -> bool {
        self.confidence().1 < level
    }
}

/// A group of units: its name, and its coverage if it has units.
type Group = (String, Option<Coverage>);

/// The figure and the table.
pub(super) fn section(report: &Report) -> anyhow::Result<Html> {
    let mut html = Html::default();
    let capped = |last: &Prediction| last.truth.min(report.rul_cap);
    let (Some(interval), Some(all)) = (&report.interval, Coverage::of(&report.test, capped)) else {
        html.raw("<p>The model was not calibrated: its predictions come without an interval.</p>\n");
        return Ok(html);
    };
    let bins = bins(interval, report);
    html.raw("<div class=\"split\">\n<figure>\n").put(&figure(interval, &bins)?);
    html.raw(CAPTION).raw("</figure>\n<div>\n");
    let near = format!("True RUL at most {}", edge(report.near_failure));
    let level = Some(interval.level);
    let raw = Coverage::of(&report.test, |last| last.truth);
    let mut rows = vec![
        row("All, capped RUL", Some(&all), level),
        // Calibration knows capped labels only: nothing was promised of the others.
        row("All, raw RUL", raw.as_ref(), None),
        row(&near, Coverage::of(report.near_failure_units(), capped).as_ref(), level),
    ];
    rows.extend(bins.iter().map(|(name, held)| row(&format!("Predicted {name}"), held.as_ref(), level)));
    let caption = format!("Coverage of the {} interval, widths in cycles", percent(interval.level));
    html.put(&table::table(&caption, &["Group", "Units", "Held", "Mean width", "Level"], rows));
    html.raw("</div>\n</div>\n");
    Ok(html)
}

/// The test units by predicted RUL.
fn bins(interval: &Interval, report: &Report) -> Vec<Group> {
    let mut edges = vec![f64::NEG_INFINITY];
    edges.extend(&interval.edges);
    edges.push(f64::INFINITY);
    let bin = |from: f64, to: f64| {
        let units = report.test.iter().filter(|unit| (from..to).contains(&unit.last.predicted));
        let name = match (from.is_finite(), to.is_finite()) {
            (false, false) => "any".to_owned(),
            (false, true) => format!("< {}", edge(to)),
            (true, false) => format!("≥ {}", edge(from)),
            (true, true) => format!("{}–{}", edge(from), edge(to)),
        };
        (name, Coverage::of(units, |last| last.truth.min(report.rul_cap)))
    };
    edges.windows(2).map(|pair| bin(pair[0], pair[1])).collect()
}

fn row(name: &str, coverage: Option<&Coverage>, level: Option<f64>) -> Vec<String> {
    let Some(coverage) = coverage else {
        return [name, "0", "–", "–", "–"].map(str::to_owned).to_vec();
    };
    vec![
        name.to_owned(),
        coverage.units.to_string(),
        percent(coverage.share()),
        cycles(coverage.mean_width),
        match level.map(|level| coverage.is_below(level)) {
            Some(true) => "below",
            Some(false) if Some(coverage.share()) < level => "unclear",
            Some(false) => "held",
            None => "–",
        }
        .to_owned(),
    ]
}

fn figure(interval: &Interval, bins: &[Group]) -> anyhow::Result<Html> {
    let x = Axis::bins("Predicted RUL (cycles)", &interval.edges);
    let ticks = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| (share, percent(share)));
    let y = Axis { name: "Truth held".to_owned(), range: 0.0..1.04, ticks: ticks.to_vec() };
    let drawing = chart::draw((480, 320), &x, &y, |chart| {
        for ((_, coverage), at) in bins.iter().zip(0u32..) {
            if let Some(coverage) = coverage {
                bar(chart, f64::from(at), coverage, interval.level)?;
            }
        }
        chart.level(interval.level, REFERENCE)
    })?;
    let below = bins.iter().flat_map(|(_, coverage)| coverage).filter(|c| c.is_below(interval.level)).count();
    let description = format!(
        "Share of test units whose true RUL the interval held, in {} of predicted RUL, against the level {}; \
         {below} below it beyond chance.",
        count(bins.len(), "bin"),
        percent(interval.level)
    );
    Ok(drawing.image("coverage", "Coverage of the interval", &description))
}

fn bar(chart: &mut Chart, left: f64, coverage: &Coverage, level: f64) -> anyhow::Result<()> {
    let colour = if coverage.is_below(level) { LATE } else { MODEL };
    let middle = left + 0.5;
    chart.bar((left + 0.12, 0.0), (left + 0.88, coverage.share()), colour)?;
    let (low, high) = coverage.confidence();
    chart.line([(middle, low), (middle, high)], INK, 1.5)?;
    let label = percent(coverage.share());
    // A short bar has no room for its own label.
    let (at, colour) = if coverage.share() < 0.12 { (high + 0.05, INK) } else { (0.06, PAPER) };
    chart.text(label, (middle, at), Side::Middle, colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coverage(held: usize, units: usize) -> Coverage {
        Coverage { units, held, mean_width: 1.0 }
    }

    #[test]
    fn few_units_below_the_level_may_be_chance_and_many_are_not() {
        assert!(!coverage(4, 5).is_below(0.9));
        assert!(coverage(80, 100).is_below(0.9));
        assert!(!coverage(100, 100).is_below(0.9));
    }

    #[test]
    fn the_confidence_interval_is_wilson_s() {
        let (low, high) = coverage(9, 10).confidence();
        assert!((low - 0.5958).abs() < 1e-3 && (high - 0.9821).abs() < 1e-3, "{low} {high}");
    }
}
