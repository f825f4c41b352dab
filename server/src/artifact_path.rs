//! Paths of artifacts, which lead nowhere but downwards, on whatever system they are unpacked.
//!
//! Here a path is only a row's key: a file lies under its digest. But clients write what they download under
//! these paths, on Linux, Windows and macOS, so what any of them could take for a way out is refused where it
//! enters.

use std::fmt;

use percent_encoding::percent_decode_str;

/// The most bytes of a path.
const MAX_PATH: usize = 2048;
/// The most bytes of one name in it, as on the usual file systems.
const MAX_NAME: usize = 255;
/// How often a path may be percent-encoded, as with the real server.
const MAX_ENCODED: usize = 10;

/// The path of an artifact, or of a folder of artifacts, below the root of all artifacts, such as
/// `3/<run>/artifacts/model/MLmodel`: names joined by `/`, none of them empty, `.` or `..`, or what
/// anybody takes for those.
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
    /// The path of a file. What is still percent-encoded is decoded, however often that takes, as the real
    /// server does; what comes of it is what counts.
    pub fn file(text: &str) -> Result<Self, InvalidArtifactPath> {
        let refuse = |problem| InvalidArtifactPath { path: text.chars().take(100).collect(), problem };
        let path = decoded(text).map_err(refuse)?;
        match problem(&path) {
            None => Ok(Self(path)),
            Some(problem) => Err(refuse(problem)),
        }
    }

    /// The path of a folder, which may end in one `/`; `None` for the root.
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

/// The text without any percent-encoding.
fn decoded(text: &str) -> Result<String, &'static str> {
    let mut path = text.to_owned();
    for _ in 0..MAX_ENCODED {
        let next = percent_decode_str(&path).decode_utf8().map_err(|_| "it is not UTF-8")?;
        if next == path {
            return Ok(path);
        }
        path = next.into_owned();
    }
    Err("it is percent-encoded more than ten times")
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
    if has_percent_u(text) {
        return Some("it has a '%u' escape, as some servers decode");
    }
    text.split('/').find_map(problem_of_name)
}

fn problem_of_name(name: &str) -> Option<&'static str> {
    let bytes = name.as_bytes();
    if name.is_empty() {
        Some("it begins or ends with a slash, or has two in a row")
    } else if bytes.len() > MAX_NAME {
        Some("it has a name of more than 255 bytes")
    } else if name.chars().all(|c| is_dot(c) || is_ignored(c) || c == ';') && !is_dots(name) {
        Some("it has a name of nothing but dots or spaces")
    } else if bytes[0].is_ascii_alphabetic() && bytes.get(1) == Some(&b':') {
        Some("it has a drive letter")
    } else if bytes.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"file:")) {
        Some("it has a file: URL")
    } else {
        None
    }
}

/// Whether it has an escape such as `%u002e`.
fn has_percent_u(text: &str) -> bool {
    text.as_bytes().windows(6).any(|escape| {
        escape[0] == b'%' && matches!(escape[1], b'u' | b'U') && escape[2..].iter().all(u8::is_ascii_hexdigit)
    })
}

/// Three dots or more, which are a name like any other.
fn is_dots(name: &str) -> bool {
    name.len() > 2 && name.bytes().all(|b| b == b'.')
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
