//! Where things lie: the checkout, the cache, the target folder, libtorch.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::mistake::mistake;

/// The folders that every task works with. All are absolute.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// What setup downloads and builds, shared by all checkouts of this user.
    pub(crate) cache: PathBuf,
    /// Cargo's target folder for everything but this program.
    pub(crate) target: PathBuf,
    /// The libtorch that the trainer links with.
    pub(crate) libtorch: PathBuf,
    /// True when `LIBTORCH` named it: then it is the user's own, and setup leaves it alone.
    pub(crate) libtorch_is_given: bool,
}

impl Layout {
    /// Finds the folders from the environment.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in no workspace")?;
        let cache = folder("XDG_CACHE_HOME")
            .or_else(|| folder("HOME").map(|home| home.join(".cache")))
            .ok_or_else(|| {
                mistake("neither XDG_CACHE_HOME nor HOME is set; set one to say where to keep downloads")
            })?
            .join("overhaul");
        let given = folder("LIBTORCH");
        // The variable may well name the folder that an earlier setup made, or is to make.
        let own = cache.join("libtorch-2.11.0");
        let libtorch_is_given = given.as_ref().is_some_and(|given| *given != own);
        Ok(Self {
            root: root.to_owned(),
            target: folder("CARGO_TARGET_DIR").unwrap_or_else(|| cache.join("target")),
            libtorch: given.unwrap_or(own),
            libtorch_is_given,
            cache,
        })
    }

    /// The venv's Python.
    pub(crate) fn python(&self) -> PathBuf {
        self.cache.join("venv/bin/python")
    }

    /// The binaries of the dev profile.
    pub(crate) fn debug(&self) -> PathBuf {
        self.target.join("debug")
    }

    /// The binaries of the release profile.
    pub(crate) fn release(&self) -> PathBuf {
        self.target.join("release")
    }

    /// Cargo in the checkout, with everything in its environment that a build or a test needs.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = self.program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What `cargo run` said of this program, not of what is built now.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_")
                || ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].contains(&&*text)
            {
                cargo.env_remove(&name);
            }
        }
        cargo
    }

    /// A program in the checkout, with the environment that setup prepared.
    pub(crate) fn program(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("LIBTORCH", &self.libtorch)
            .env("LIBTORCH_BYPASS_VERSION_CHECK", "1")
            .env("OVERHAUL_PYTHON", self.python());
        command
    }
}

/// An environment variable that names a folder, made absolute; an empty one counts as unset.
fn folder(variable: &str) -> Option<PathBuf> {
    let value = env::var_os(variable).filter(|value| !value.is_empty())?;
    std::path::absolute(PathBuf::from(value)).ok()
}
