//! Run-to-failure data: files, units, splits, windows.
//!
//! | module | holds |
//! | --- | --- |
//! | [`read`] | one C-MAPSS file, parsed or refused |
//! | [`dataset`] | the three files of one subset |
//! | [`split`] | which unit trains, validates, calibrates |
//! | [`scaler`] | mean and scale of each column |
//! | [`windows`] | one tensor of readings, windows gathered by index |

pub mod dataset;
pub mod read;
pub mod scaler;
pub mod split;
pub mod windows;

pub use dataset::Dataset;
pub use split::Split;
pub use windows::Windows;

/// Numbers in one reading.
pub const FEATURES: usize = COLUMNS.len();

/// The columns of one reading in C-MAPSS's order, after unit and cycle: 3 operational settings
/// and 21 sensors.
pub const COLUMNS: [&str; 24] = [
    "setting_1",
    "setting_2",
    "setting_3",
    "sensor_1",
    "sensor_2",
    "sensor_3",
    "sensor_4",
    "sensor_5",
    "sensor_6",
    "sensor_7",
    "sensor_8",
    "sensor_9",
    "sensor_10",
    "sensor_11",
    "sensor_12",
    "sensor_13",
    "sensor_14",
    "sensor_15",
    "sensor_16",
    "sensor_17",
    "sensor_18",
    "sensor_19",
    "sensor_20",
    "sensor_21",
];

/// One machine and its readings, from its first cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// The unit's number in its file, from 1.
    pub id: u32,
    /// Row-major `[cycles, FEATURES]`, in the sensors' own units, finite.
    pub readings: Vec<f32>,
}

impl Unit {
    /// How many cycles the unit has, at least 1.
    pub fn cycles(&self) -> usize {
        self.readings.len() / FEATURES
    }

    /// The cycles left after each cycle of a unit that failed at its last one, oldest first:
    /// `cycles - 1` down to 0.
    pub fn remaining(&self) -> impl Iterator<Item = f32> + use<> {
        (0..self.cycles()).rev().map(|left| left as f32)
    }
}
