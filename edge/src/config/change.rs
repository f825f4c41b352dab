//! What another reading of the settings changes, and what of it needs a restart.

use super::keys::{KEYS, SECTIONS};
use super::{Layers, show};

/// Keys whose value is another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Those that a running agent follows.
    pub live: Vec<&'static str>,
    /// Those that count from the next start on.
    pub at_restart: Vec<&'static str>,
}

impl Change {
    /// From one reading to another.
    pub fn between(before: &Layers, after: &Layers) -> Self {
        let mut change = Self::default();
        let text = |layers: &Layers, path| layers.given(path).map(|given| given.text);
        for key in KEYS.iter().filter(|key| text(before, key.path) != text(after, key.path)) {
            if key.live { &mut change.live } else { &mut change.at_restart }.push(key.path);
        }
        let other = |section: &&&str| show::raw(before, section) != show::raw(after, section);
        change.at_restart.extend(SECTIONS.iter().filter(other));
        change
    }
}
