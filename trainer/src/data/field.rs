//! One number of a data file, parsed or refused with the line, the column, the value and the mend.

use std::path::Path;

use overhaul_bundle::Mistake;

/// Where a line stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The file.
    pub path: &'a Path,
    /// The line, from 1.
    pub line: u64,
}

impl Place<'_> {
    /// The refusal of a line.
    pub fn refuse(&self, problem: &str) -> anyhow::Error {
        Mistake::new(format!("{} line {}: {problem}", self.path.display(), self.line)).into()
    }

    /// A finite number.
    pub fn number(&self, field: &str, column: usize, name: &str) -> anyhow::Result<f32> {
        match field.parse::<f32>() {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(_) => Err(self
                .refuse(&format!("column {column} ({name}): {field} is not finite; give a finite number"))),
            Err(_) => {
                let shown: String = field.chars().take(40).collect();
                Err(self.refuse(&format!(
                    "column {column} ({name}): {shown:?} is no number; give a finite number"
                )))
            }
        }
    }

    /// A whole number from `least`: some files write it with a fraction of zeros.
    pub fn counting(&self, field: &str, column: usize, name: &str, least: u32) -> anyhow::Result<u32> {
        let value = self.number(field, column, name)?;
        if value < least as f32 || value.fract() != 0.0 || value > 1e7 {
            return Err(self.refuse(&format!(
                "column {column} ({name}): {field} is no whole number from {least}; count from {least}"
            )));
        }
        Ok(value as u32)
    }
}
