//! What is to be said of an answer, in one word each.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// Something to be said of an answer. Kept on disk by place: append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The oldest reading was repeated, because there were fewer than a window has.
    Padded,
    /// The model answered less than 0.
    Clamped,
    /// A missing value was put in.
    Imputed,
    /// A value was further off than any clean one.
    Wild,
    /// A sensor did not move.
    Stuck,
    /// Cycles were missing inside the window.
    Gap,
    /// A reading came after a newer one.
    Late,
    /// A reading was there already.
    Duplicate,
    /// A reading's cycle was there already with other values.
    Conflict,
    /// A reading was older than what is kept.
    TooOld,
    /// The window began anew after a gap.
    RestartedWindow,
}

impl Mark {
    /// As it is spelled in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Padded => "padded",
            Self::Clamped => "clamped",
            Self::Imputed => "imputed",
            Self::Wild => "wild",
            Self::Stuck => "stuck",
            Self::Gap => "gap",
            Self::Late => "late",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::TooOld => "too_old",
            Self::RestartedWindow => "restarted_window",
        }
    }
}

const ALL: [Mark; 11] = [
    Mark::Padded,
    Mark::Clamped,
    Mark::Imputed,
    Mark::Wild,
    Mark::Stuck,
    Mark::Gap,
    Mark::Late,
    Mark::Duplicate,
    Mark::Conflict,
    Mark::TooOld,
    Mark::RestartedWindow,
];

/// A set of marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks(u16);

impl Marks {
    /// With one more, if it is so.
    #[must_use]
    pub fn with(self, mark: Mark, is_so: bool) -> Self {
        Self(self.0 | u16::from(is_so) << mark as u16)
    }

    /// Whether it is in the set.
    pub fn has(self, mark: Mark) -> bool {
        self.0 & 1 << mark as u16 != 0
    }

    /// All that are in the set, in their order.
    pub fn iter(self) -> impl Iterator<Item = Mark> {
        ALL.into_iter().filter(move |mark| self.has(*mark))
    }

    /// One bit a mark, for the disk.
    pub fn bits(self) -> u16 {
        self.0
    }

    /// From the disk; bits that this release does not know are left alone.
    pub fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

impl Serialize for Marks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_called_as_it_is_written() {
        for mark in ALL {
            assert_eq!(serde_json::to_value(mark).unwrap(), mark.name());
        }
    }

    #[test]
    fn marks_are_written_by_name_and_each_has_its_own_bit() {
        let marks =
            Marks::default().with(Mark::RestartedWindow, true).with(Mark::Wild, true).with(Mark::Gap, false);
        assert_eq!(serde_json::to_string(&marks).unwrap(), r#"["wild","restarted_window"]"#);
        assert_eq!(Marks::from_bits(marks.bits()), marks);
        let all = ALL.into_iter().fold(Marks::default(), |marks, mark| marks.with(mark, true));
        assert_eq!((all.iter().count(), all.bits()), (ALL.len(), (1 << ALL.len()) - 1));
        // The places are those on disk.
        assert_eq!(ALL.map(|mark| mark as usize).as_slice(), (0..ALL.len()).collect::<Vec<_>>());
    }
}
