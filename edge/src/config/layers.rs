//! Which of flags, environment, file and defaults counts for a key, and where its value came from.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::keys::{self, Key};
use super::{File, Flags};

/// The file's name of the registry's token among a service's credentials.
pub const CREDENTIAL: &str = "registry-token";

/// Where a value came from; the first of them that says anything counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A flag of the command line.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// A line of the file.
    File(usize),
    /// Nobody said anything.
    Default,
}

impl Origin {
    pub(super) fn flag(key: &'static Key) -> Self {
        Self::Flag(key.flag)
    }

    pub(super) fn environment(key: &'static Key) -> Self {
        Self::Environment(key.variable)
    }

    /// 0 for the layer that counts before all others.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Flag(_) => 0,
            Self::Environment(_) => 1,
            Self::File(_) => 2,
            Self::Default => 3,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag --{flag}"),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::File(line) => write!(f, "file, line {line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A key's value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its text; a number's digits.
    pub text: String,
    /// Where it came from.
    pub origin: Origin,
}

/// All layers.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    flags: Flags,
    file: Option<File>,
}

impl Layers {
    /// Reads the file under the flags; what is wrong with it is told beside what is right.
    pub(super) fn read(flags: &Flags) -> (Self, Vec<String>) {
        let (file, mistakes) = File::read(flags.config.as_deref());
        (Self { flags: flags.clone(), file }, mistakes)
    }

    /// The file, if there is one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_ref().map(File::path)
    }

    /// What counts for a key; `None` when nobody says anything and there is no default.
    pub fn given(&self, path: &str) -> Option<Given> {
        if let Some((text, origin)) = self.flags.given.get(path) {
            return Some(Given { text: text.clone(), origin: *origin });
        }
        if let Some((value, line)) = self.file.as_ref().and_then(|file| file.value(path)) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            return Some(Given { text, origin: Origin::File(*line) });
        }
        Some(Given { text: default(path)?, origin: Origin::Default })
    }

    /// A table of the file that is read as a whole.
    pub(super) fn section<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, String> {
        self.file.as_ref().map_or(Ok(None), |file| file.section(name))
    }

    /// The line of such a table.
    pub(super) fn section_line(&self, name: &str) -> Option<usize> {
        self.file.as_ref()?.section_line(name)
    }

    /// A value with its place, as a mistake begins.
    pub(super) fn told(&self, path: &str, Given { text, origin }: &Given) -> String {
        match origin {
            Origin::Flag(flag) => format!("--{flag} {text:?}"),
            Origin::Environment(variable) => format!("{variable}={text:?}"),
            Origin::File(line) => {
                let file = self.file().unwrap_or(Path::new("")).display();
                format!("{file}, line {line}: {path} = {text:?}")
            }
            Origin::Default => format!("{path} = {text:?}"),
        }
    }
}

/// What counts for a key when nobody says anything: what the service manager provides, or the list's default.
fn default(path: &str) -> Option<String> {
    match path {
        // Of several, the first is the agent's.
        "data-dir" => env::var("STATE_DIRECTORY").ok()?.split(':').next().map(str::to_owned),
        "token-file" => {
            let file = PathBuf::from(env::var_os("CREDENTIALS_DIRECTORY")?).join(CREDENTIAL);
            file.is_file().then(|| file.into_os_string().into_string().ok())?
        }
        path => keys::find(path)?.default.map(str::to_owned),
    }
    .filter(|text| !text.is_empty())
}
