//! All that is kept of one unit, and how an answer changes it.

use jiff::Timestamp;

use super::alert::Alert;
use super::history::{History, Point};
use super::marks::Marks;
use super::settings::UnitSettings;
use super::smooth::smooth;
use super::window::Kept;

/// All that is kept of one unit. It is replaced as a whole, after it is on disk.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unit {
    /// Its readings.
    pub kept: Kept,
    /// Its predictions.
    pub history: History,
    /// Its last answer; `None` before the first.
    pub last: Option<Last>,
}

/// What is kept of a unit's last answer beside the prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Last {
    /// How many answers that were kept the unit had, with this one.
    pub turn: u64,
    /// The newest cycle.
    pub cycle: u64,
    /// When it was answered, for people; nothing is ordered by it. To the millisecond.
    pub at: Timestamp,
    /// The smoothed RUL, in cycles, if that is on.
    pub smoothed: Option<f32>,
    /// The alert.
    pub alert: Alert,
    /// What was to be said of it.
    pub marks: Marks,
    /// The oldest cycle of the readings that were kept then.
    pub kept_from: u64,
}

impl Unit {
    /// Takes the prediction for the newest cycle. The filter and the alert go on with each newer cycle, once; a new
    /// prediction for the same cycle, after a late reading, takes the place of the one before in the history only.
    pub fn answered(&mut self, point: Point, marks: Marks, at: Timestamp, settings: &UnitSettings) {
        let before = self.last;
        let (mut smoothed, mut alert) =
            before.map_or((None, Alert::default()), |last| (last.smoothed, last.alert));
        if before.is_none_or(|last| point.cycle > last.cycle) {
            let cycles = before.map_or(0, |last| point.cycle - last.cycle);
            smoothed = settings.smoothing.map(|settings| smooth(smoothed, cycles, point.rul, settings));
            let lower = point.interval.map_or(point.rul, |(lower, _)| lower);
            alert = alert.after(point.cycle, lower, &settings.alert);
        }
        self.history.put(point, settings.kept);
        self.last = Some(Last {
            turn: before.map_or(0, |last| last.turn) + 1,
            cycle: point.cycle,
            at,
            smoothed,
            alert,
            marks,
            kept_from: self.kept.oldest().unwrap_or(point.cycle),
        });
    }

    /// How many rows of the log hold what is kept.
    pub(super) fn rows(&self) -> u64 {
        let oldest = self.kept.oldest().unwrap_or(u64::MAX);
        let older = self.history.points().partition_point(|point| point.cycle < oldest);
        (self.kept.len() + older) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::settings::Smoothing;
    use crate::units::window::Reading;

    fn point(cycle: u64, rul: f32, interval: Option<(f32, f32)>) -> Point {
        Point { cycle, rul, interval, version: 1 }
    }

    fn answer(unit: &mut Unit, point: Point, settings: &UnitSettings) -> Last {
        unit.answered(point, Marks::default(), Timestamp::UNIX_EPOCH, settings);
        unit.last.unwrap()
    }

    #[test]
    fn the_alert_goes_by_the_lower_end_and_by_the_rul_where_there_is_no_interval() {
        let settings = UnitSettings::default();
        for (interval, active) in [(Some((29.0, 80.0)), true), (Some((31.0, 80.0)), false), (None, false)] {
            let mut unit = Unit::default();
            answer(&mut unit, point(1, 50.0, interval), &settings);
            assert_eq!(answer(&mut unit, point(2, 50.0, interval), &settings).alert.active, active);
        }
        let mut unit = Unit::default();
        answer(&mut unit, point(1, 20.0, None), &settings);
        assert!(answer(&mut unit, point(2, 20.0, None), &settings).alert.active);
    }

    #[test]
    fn the_same_cycle_predicted_again_counts_once() {
        let settings = UnitSettings { smoothing: Some(Smoothing::default()), ..UnitSettings::default() };
        let mut unit = Unit::default();
        let first = answer(&mut unit, point(1, 20.0, None), &settings);
        let again = answer(&mut unit, point(1, 10.0, None), &settings);
        assert_eq!((again.alert, again.smoothed), (first.alert, first.smoothed));
        assert_eq!((again.turn, unit.history.points()), (2, &[point(1, 10.0, None)][..]));
        assert!(answer(&mut unit, point(2, 20.0, None), &settings).alert.active);
    }

    #[test]
    fn rows_are_counted_once_where_a_reading_and_a_prediction_share_a_cycle() {
        let mut unit = Unit::default();
        for cycle in 1..=4 {
            unit.kept.insert(Reading { cycle, layout: 1, values: &[1.0] });
            answer(&mut unit, point(cycle, 9.0, None), &UnitSettings::default());
        }
        assert_eq!(unit.rows(), 4);
        unit.kept.truncate(1);
        assert_eq!(unit.rows(), 4);
    }
}
