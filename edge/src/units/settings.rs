//! What can be set about units, and what it is unless it is set.

/// What can be set about units.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitSettings {
    /// The most units that are kept; another one is refused. 100,000.
    pub max_units: usize,
    /// Readings and predictions that are kept of each unit, at least; a model whose window is longer keeps as many
    /// readings as its window has. 64.
    pub kept: usize,
    /// How many cycles a reading may lie ahead of the unit's newest one; what is further ahead is taken for a
    /// mistake, since all that came after it would be too old. 1,000,000.
    pub max_ahead: u64,
    /// The share of the columns that the model looks at which may be missing in a unit's newest reading. 0.25.
    pub max_missing: f64,
    /// A value further than this from its training mean, in standard deviations, is called wild. 6: clean C-MAPSS
    /// data stays below 4.1.
    pub wild: f64,
    /// How predictions are smoothed; not at all by default.
    pub smoothing: Option<Smoothing>,
    /// When a unit's alert is raised and cleared.
    pub alert: AlertSettings,
}

/// The filter "remaining life falls by one each cycle": see [`super::smooth`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Smoothing {
    /// How much of the difference between what the model says and what the fall by one foretells is taken, above 0
    /// and at most 1. 0.3.
    pub gain: f32,
}

impl Default for Smoothing {
    fn default() -> Self {
        Self { gain: 0.3 }
    }
}

/// When a unit's alert is raised and cleared: see [`super::alert`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlertSettings {
    /// Raised when the interval's lower end is below this, in cycles. 30.
    pub threshold: f32,
    /// Cleared when the lower end is above `threshold` plus this, in cycles. 10.
    pub margin: f32,
    /// So many predictions in a row must agree. 2.
    pub consecutive: u8,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { threshold: 30.0, margin: 10.0, consecutive: 2 }
    }
}

impl Default for UnitSettings {
    fn default() -> Self {
        Self {
            max_units: 100_000,
            kept: 64,
            max_ahead: 1_000_000,
            max_missing: 0.25,
            wild: 6.0,
            smoothing: None,
            alert: AlertSettings::default(),
        }
    }
}
