//! The stages of a version, which MLflow deprecated and which scripts still use.

use std::fmt;
use std::str::FromStr;

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nowhere yet.
    None,
    /// Being tried.
    Staging,
    /// In use.
    Production,
    /// Out of use.
    Archived,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Staging, Self::Production, Self::Archived];

    /// The stage as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Staging => "Staging",
            Self::Production => "Production",
            Self::Archived => "Archived",
        }
    }

    /// Whether versions are meant to leave it when another takes their place.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Staging | Self::Production)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid Model Version stage: {0}. Value must be one of None, Staging, Production, Archived.")]
pub struct InvalidStage(String);

impl FromStr for Stage {
    type Err = InvalidStage;

    /// In any case, as MLflow takes it.
    fn from_str(text: &str) -> Result<Self, InvalidStage> {
        let stage = Self::ALL.into_iter().find(|stage| stage.as_str().eq_ignore_ascii_case(text));
        stage.ok_or_else(|| InvalidStage(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_read_in_any_case_and_written_in_one() {
        assert_eq!("pRODUCTION".parse::<Stage>().unwrap().to_string(), "Production");
        let error = "Nowhere".parse::<Stage>().unwrap_err().to_string();
        assert!(error.contains("Nowhere") && error.contains("Archived"), "{error}");
    }
}
