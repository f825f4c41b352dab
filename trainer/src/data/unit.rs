//! One machine and its readings.

/// One machine and its readings, from the first to the last that there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// The unit's place among those of its file, from 1; in C-MAPSS's files its number.
    pub id: u32,
    /// Its name in the file.
    pub name: String,
    /// Numbers in a reading, at least 1.
    pub features: usize,
    /// Row-major `[cycles, features]`, in the sensors' own units, finite.
    pub readings: Vec<f32>,
}

impl Unit {
    /// How many cycles the unit has, at least 1.
    pub fn cycles(&self) -> usize {
        self.readings.len() / self.features
    }

    /// The readings, one slice a cycle, oldest first.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.readings.chunks_exact(self.features)
    }

    /// The cycles left after each cycle of a unit that failed at its last one, oldest first:
    /// `cycles - 1` down to 0.
    pub fn remaining(&self) -> impl Iterator<Item = f32> + use<> {
        (0..self.cycles()).rev().map(|left| left as f32)
    }
}
