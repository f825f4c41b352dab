//! A unit's alert: raised when its life is short, cleared when it is long again, with hysteresis.
//!
//! It goes by the lower end of the interval, since lateness costs more than earliness (Saxena et al., PHM08), or by
//! the RUL itself where a version has no interval.

use serde::Serialize;
use utoipa::ToSchema;

use super::settings::AlertSettings;

/// Whether a unit's alert is up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alert {
    /// Whether it is up.
    pub active: bool,
    /// The cycle at which it was raised; `None` while it is down.
    pub since_cycle: Option<u64>,
    /// How many predictions in a row have spoken for a change.
    #[serde(skip)]
    pub streak: u8,
}

impl Alert {
    /// The alert after the prediction of a newer cycle whose interval begins at `lower`, in cycles.
    #[must_use]
    pub fn after(self, cycle: u64, lower: f32, settings: &AlertSettings) -> Self {
        let speaks_for_a_change = if self.active {
            lower > settings.threshold + settings.margin
        } else {
            lower < settings.threshold
        };
        if !speaks_for_a_change {
            return Self { streak: 0, ..self };
        }
        let streak = self.streak.saturating_add(1);
        if streak < settings.consecutive {
            return Self { streak, ..self };
        }
        let active = !self.active;
        Self { active, since_cycle: active.then_some(cycle), streak: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `^` where the alert is up after a prediction, `.` where it is down.
    fn run(settings: AlertSettings, lowers: &[f32]) -> (String, Alert) {
        let mut alert = Alert::default();
        let mut line = String::new();
        for (cycle, lower) in (1..).zip(lowers) {
            alert = alert.after(cycle, *lower, &settings);
            line.push(if alert.active { '^' } else { '.' });
        }
        (line, alert)
    }

    #[test]
    fn two_predictions_in_a_row_raise_it_and_two_above_the_margin_clear_it() {
        let settings = AlertSettings::default();
        let (line, alert) = run(settings, &[50.0, 29.0, 31.0, 29.0, 28.0, 27.0]);
        assert_eq!((line.as_str(), alert.since_cycle), ("....^^", Some(5)));
        let (line, alert) = run(settings, &[29.0, 28.0, 39.0, 41.0, 40.0, 41.0, 41.0, 29.0]);
        assert_eq!((line.as_str(), alert.since_cycle), (".^^^^^..", None));
    }

    #[test]
    fn a_life_that_wavers_around_the_threshold_does_not_make_it_flutter() {
        let wavering: Vec<f32> = (0..40).map(|n| if n / 2 % 2 == 0 { 25.0 } else { 35.0 }).collect();
        let (line, _) = run(AlertSettings::default(), &wavering);
        assert_eq!(line, format!(".{}", "^".repeat(39)));
    }

    #[test]
    fn one_in_a_row_and_no_margin_follow_at_once() {
        let settings = AlertSettings { threshold: 10.0, margin: 0.0, consecutive: 1 };
        assert_eq!(run(settings, &[10.0, 9.0, 10.0, 11.0, 9.0]).0, ".^^.^");
    }
}
