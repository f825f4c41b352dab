//! Paths of artifacts, which lead nowhere but downwards, on whatever system they are unpacked.
//!
//! Here a path is only a row's key: a file lies under its digest. But clients write what they download under
//! these paths, on Linux, Windows and macOS, so what any of them could take for a way out is refused where it
//! enters.

use std::fmt;

/// The most bytes of a path.
const MAX_PATH: usize = 2048;
/// The most bytes of one name in it, as on the usual file systems.
const MAX_NAME: usize = 255;

/// The path of an artifact, or of a folder of artifacts, below the root of all artifacts, such as
/// `3/<run>/artifacts/model/MLmodel`: names joined by `/`, none of them empty, of dots only, or otherwise
/// with a meaning of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactPath(String);

/// A text that is no path of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid path {path:?}: {problem}; use a relative path such as model/MLmodel")]
pub struct InvalidArtifactPath {
    path: String,
    problem: &'static str,
}

impl ArtifactPath {
    /// The path of a file, percent-decoded once.
    pub fn file(text: &str) -> Result<Self, InvalidArtifactPath> {
        match problem(text) {
            None => Ok(Self(text.to_owned())),
            Some(problem) => Err(InvalidArtifactPath { path: text.chars().take(100).collect(), problem }),
        }
    }

    /// The path of a folder, percent-decoded once, which may end in one `/`; `None` for the root.
    pub fn folder(text: &str) -> Result<Option<Self>, InvalidArtifactPath> {
        if text.is_empty() {
            return Ok(None);
        }
        Self::file(text.strip_suffix('/').unwrap_or(text)).map(Some)
    }

    /// The path of something in this folder.
    pub fn join(&self, below: &str) -> Result<Self, InvalidArtifactPath> {
        Self::file(&format!("{self}/{below}"))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last name.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The folders that it lies in, outermost first.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }
}

impl fmt::Display for ArtifactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is wrong with a path, if anything.
fn problem(text: &str) -> Option<&'static str> {
    if text.len() > MAX_PATH {
        return Some("it has more than 2048 bytes");
    }
    if text.chars().any(char::is_control) {
        return Some("it has a control character");
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Some("it is not UTF-8");
    }
    if text.contains(['#', '?']) {
        return Some("it has a '#' or a '?', where the path of a URL ends");
    }
    if text.contains(['\\', '\u{ff3c}', '\u{fe68}', '\u{2216}', '\u{29f5}', '\u{29f9}']) {
        return Some("it has a backslash");
    }
    if text.contains(['\u{2044}', '\u{2215}', '\u{29f8}', '\u{ff0f}']) {
        return Some("it has a character that looks like a slash");
    }
    if is_encoded(text) {
        return Some("it is percent-encoded more than once");
    }
    text.split('/').find_map(problem_of_name)
}

fn problem_of_name(name: &str) -> Option<&'static str> {
    let bytes = name.as_bytes();
    if name.is_empty() {
        Some("it begins or ends with a slash, or has two in a row")
    } else if bytes.len() > MAX_NAME {
        Some("it has a name of more than 255 bytes")
    } else if name.chars().all(|c| is_dot(c) || is_ignored(c) || c == ';') {
        Some("it has a name of nothing but dots or spaces")
    } else if bytes[0].is_ascii_alphabetic() && bytes.get(1) == Some(&b':') {
        Some("it has a drive letter")
    } else if bytes.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"file:")) {
        Some("it has a file: URL")
    } else {
        None
    }
}

/// Whether it would change if it were decoded once more: `%2e`, and `%u002e` as some servers of Windows read it.
fn is_encoded(text: &str) -> bool {
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').any(|(at, _)| {
        let rest = &bytes[at + 1..];
        rest.get(..2).is_some_and(digits)
            || (matches!(rest.first(), Some(b'u' | b'U')) && rest.get(1..5).is_some_and(digits))
    })
}

/// A dot, or what compatibility normalisation (Unicode, UAX 15) makes dots of.
fn is_dot(c: char) -> bool {
    matches!(
        c,
        '.' | '\u{2024}'
            | '\u{2025}'
            | '\u{2026}'
            | '\u{3002}'
            | '\u{fe52}'
            | '\u{ff0e}'
            | '\u{ff61}'
            | '\u{fe19}'
            | '\u{fe30}'
    )
}

/// What file systems leave out of names, or off their ends: Windows spaces, HFS+ characters of no width.
fn is_ignored(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
