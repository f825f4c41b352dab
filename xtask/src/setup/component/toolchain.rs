//! The compiler that builds the component: rustup's where it has the target, else Debian's.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::super::system;
use crate::command::{output, succeeds};
use crate::layout::Layout;
use crate::mistake::mistake;
use crate::progress::step;

const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's compiler, made for the web browser's builds, and the standard library's source, from which
/// the target's is built on the way.
const DEBIAN_PACKAGES: [&str; 3] = ["cargo-web", "rust-web-src", "rustc-web"];
const DEBIAN_SOURCE: &str = "/usr/share/doc/rust-web-src";
const DEBIAN_ARGUMENTS: [&str; 1] = ["-Zbuild-std=std,panic_abort"];
/// No random numbers: a hash map that wants some would be an import.
const RUSTFLAGS: &str = "-C target-feature=+simd128 --cfg getrandom_backend=\"unsupported\"";

/// A compiler with the target's standard library, or with the source to build it from.
pub(super) enum Toolchain {
    /// The active toolchain of rustup; its `rustc --version`.
    Rustup(String),
    /// Debian's `rustc-web`; its `rustc --version`, and the linker, which it lacks, from rustup's toolchain.
    Debian(String, String),
}

impl Toolchain {
    /// Takes rustup's toolchain if it has the target or can get it, else Debian's, installing it if need be.
    pub(super) fn find(layout: &Layout) -> Result<Self> {
        let rustc = || output(layout.program("rustc").arg("--version"));
        if has_target(layout) {
            return Ok(Self::Rustup(rustc()?));
        }
        if !is_debian_installed() {
            // Asked only once: where rustup reaches nothing, Debian's compiler is installed next.
            let mut rustup = layout.program("timeout");
            if succeeds(rustup.args(["300", "rustup", "target", "add", TARGET])) && has_target(layout) {
                return Ok(Self::Rustup(rustc()?));
            }
            step("rustup has no wasm32-unknown-unknown and cannot get it: Debian's compiler", || {
                system::install(&DEBIAN_PACKAGES).context("the component needs a compiler for WebAssembly")
            })?;
        }
        let sysroot = output(layout.program("rustc").args(["--print", "sysroot"]))?;
        let linker = format!("{sysroot}/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld");
        if !Path::new(&linker).is_file() {
            return Err(mistake(format!(
                "{linker} is missing; run `rustup target add {TARGET}`, then run this again"
            )));
        }
        Ok(Self::Debian(output(Command::new("/usr/bin/rustc").arg("--version"))?, linker))
    }

    /// For people.
    pub(super) fn description(&self) -> String {
        match self {
            Self::Rustup(version) => format!("rustup's {version}"),
            Self::Debian(version, _) => format!("Debian's {version}, building the standard library too"),
        }
    }

    /// All that makes two compilers' components differ.
    pub(super) fn identity(&self) -> String {
        let (kind, version) = match self {
            Self::Rustup(version) => ("rustup", version),
            Self::Debian(version, _) => ("debian", version),
        };
        format!("{kind} {version} {RUSTFLAGS} {DEBIAN_ARGUMENTS:?}")
    }

    /// Its cargo, in the checkout, ready for `build` and its arguments.
    pub(super) fn cargo(&self, layout: &Layout) -> Command {
        let mut cargo = match self {
            Self::Rustup(_) => layout.cargo(),
            Self::Debian(_, linker) => {
                let mut cargo = layout.program("/usr/bin/cargo");
                cargo.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
                cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker).args(DEBIAN_ARGUMENTS);
                cargo
            }
        };
        cargo.env("RUSTFLAGS", RUSTFLAGS).env_remove("CARGO_ENCODED_RUSTFLAGS");
        cargo
    }
}

fn has_target(layout: &Layout) -> bool {
    output(layout.program("rustup").args(["target", "list", "--installed"]))
        .is_ok_and(|targets| targets.lines().any(|target| target == TARGET))
}

fn is_debian_installed() -> bool {
    ["/usr/bin/cargo", "/usr/bin/rustc", DEBIAN_SOURCE].iter().all(|path| Path::new(path).exists())
}
