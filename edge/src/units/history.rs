//! The predictions that are kept of one unit, by cycle; their trend, and how right they were in the end.

use serde::Serialize;
use utoipa::ToSchema;

/// What was predicted for one cycle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The cycle.
    pub cycle: u64,
    /// The RUL, in cycles.
    pub rul: f32,
    /// The interval's ends, in cycles; `None` when the version had no interval.
    pub interval: Option<(f32, f32)>,
    /// The number of its version in [`Versions`](super::Versions).
    pub version: u32,
}

/// Predictions in the order of their cycles, each cycle once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History(Vec<Point>);

/// How the predicted RUL changes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Trend {
    /// RUL per cycle, by least squares; -1 for a unit that wears as the model foretold.
    pub slope: f64,
    /// How many predictions it was computed from, at least 2.
    pub predictions: usize,
}

/// How many of a version's intervals held the RUL that came true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Realised {
    /// The number of the version in [`Versions`](super::Versions).
    pub version: u32,
    /// Intervals that held it.
    pub inside: u64,
    /// All intervals.
    pub total: u64,
}

impl History {
    /// The newest prediction.
    pub fn last(&self) -> Option<&Point> {
        self.0.last()
    }

    /// All of them, oldest first.
    pub fn points(&self) -> &[Point] {
        &self.0
    }

    /// Takes a prediction in the place of an earlier one for the same cycle, and leaves the last `count`.
    pub fn put(&mut self, point: Point, count: usize) {
        match self.0.binary_search_by_key(&point.cycle, |known| known.cycle) {
            Ok(place) => self.0[place] = point,
            Err(place) => {
                // Exactly as much memory as is needed: there may be many units.
                self.0.reserve_exact(1);
                self.0.insert(place, point);
            }
        }
        self.0.drain(..self.0.len().saturating_sub(count));
    }

    /// The trend; `None` with fewer than two predictions.
    pub fn trend(&self) -> Option<Trend> {
        let (first, count) = (self.0.first()?.cycle, self.0.len() as f64);
        // Counted from the first cycle, so that large cycle numbers cost no precision.
        let pairs = || self.0.iter().map(|point| ((point.cycle - first) as f64, f64::from(point.rul)));
        let (x, y) = pairs().fold((0.0, 0.0), |(x, y), (cycle, rul)| (x + cycle / count, y + rul / count));
        let (both, spread) = pairs().fold((0.0, 0.0), |(both, spread), (cycle, rul)| {
            (both + (cycle - x) * (rul - y), spread + (cycle - x).powi(2))
        });
        (self.0.len() > 1).then(|| Trend { slope: both / spread, predictions: self.0.len() })
    }

    /// Whether each interval held the RUL that came true, now that the unit's life has ended at cycle `end`. `cap`
    /// gives the ceiling of a version's training labels, which the true RUL is cut at as they were. Predictions for
    /// cycles after the end, and those without an interval, do not count.
    pub fn realised(&self, end: u64, cap: impl Fn(u32) -> Option<f64>) -> Vec<Realised> {
        let mut versions: Vec<Realised> = Vec::new();
        for point in self.0.iter().filter(|point| point.cycle <= end) {
            let Some((lower, upper)) = point.interval else { continue };
            let left = (end - point.cycle) as f64;
            let left = cap(point.version).map_or(left, |cap| left.min(cap));
            let at = versions.iter().position(|one| one.version == point.version).unwrap_or_else(|| {
                versions.push(Realised { version: point.version, inside: 0, total: 0 });
                versions.len() - 1
            });
            versions[at].total += 1;
            versions[at].inside += u64::from((f64::from(lower)..=f64::from(upper)).contains(&left));
        }
        versions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(cycle: u64, rul: f32) -> Point {
        Point { cycle, rul, interval: Some((rul - 10.0, rul + 10.0)), version: 1 }
    }

    fn history(points: impl IntoIterator<Item = Point>) -> History {
        let mut history = History::default();
        points.into_iter().for_each(|point| history.put(point, 64));
        history
    }

    #[test]
    fn a_cycle_has_one_prediction_and_the_oldest_go() {
        let mut history = history([point(3, 90.0), point(1, 92.0), point(3, 80.0)]);
        assert_eq!(history.points(), [point(1, 92.0), point(3, 80.0)]);
        history.put(point(2, 85.0), 2);
        assert_eq!(history.points(), [point(2, 85.0), point(3, 80.0)]);
    }

    #[test]
    fn the_trend_is_the_slope_by_least_squares_over_cycles_also_with_holes() {
        let falling =
            history([point(10_000_000_001, 99.0), point(10_000_000_004, 96.0), point(10_000_000_009, 91.0)]);
        let trend = falling.trend().unwrap();
        assert!((trend.slope + 1.0).abs() < 1e-9 && trend.predictions == 3, "{trend:?}");
        // By hand: cycles 0, 1, 2 with 10, 20, 0 have a slope of -5.
        let slope = history([point(0, 10.0), point(1, 20.0), point(2, 0.0)]).trend().unwrap().slope;
        assert!((slope + 5.0).abs() < 1e-9);
        assert_eq!(history([point(1, 9.0)]).trend(), None);
        assert_eq!(history([]).trend(), None);
    }

    #[test]
    fn realised_coverage_cuts_the_true_life_at_the_version_s_cap() {
        // Predicted 125 throughout; the unit ended at 200, so that cycle 20 had 180 left, which the labels called 125.
        let history = history([point(20, 125.0), point(80, 125.0), point(100, 125.0), point(150, 125.0)]);
        let capped = history.realised(200, |_| Some(125.0));
        assert_eq!(capped, [Realised { version: 1, inside: 2, total: 4 }]);
        let raw = history.realised(200, |_| None);
        assert_eq!(raw, [Realised { version: 1, inside: 1, total: 4 }]);
    }

    #[test]
    fn versions_are_counted_apart_and_what_lies_after_the_end_or_has_no_interval_does_not_count() {
        let points = [
            point(1, 9.0),
            Point { version: 2, ..point(2, 50.0) },
            Point { interval: None, ..point(3, 7.0) },
            point(11, 9.0),
        ];
        let realised = history(points).realised(10, |_| None);
        assert_eq!(
            realised,
            [Realised { version: 1, inside: 1, total: 1 }, Realised { version: 2, inside: 0, total: 1 }]
        );
    }
}
