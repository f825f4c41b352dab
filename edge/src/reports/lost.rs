//! Reports that were thrown away: how many, and from when to when.

use jiff::Timestamp;

/// How many reports were thrown away, and when the first and the last of them happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) count: u64,
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
}

impl Lost {
    /// One more, of this time.
    pub(super) fn add(&mut self, at: Timestamp) {
        self.merge(Self { count: 1, from: Some(at), to: Some(at) });
    }

    /// All of another.
    pub(super) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.from = self.from.into_iter().chain(other.from).min();
        self.to = self.to.into_iter().chain(other.to).max();
    }
}
