//! The compiler that builds the component: rustup's where it has the target, else Debian's.

use std::env;
use std::path::{Path, PathBuf};
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
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src";
const DEBIAN_ARGUMENTS: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];
/// What both compilers are told. No random numbers: a hash map that wants some would be an import. No `{:?}`
/// and no places in panics: the component has nowhere to print them.
const FLAGS: [&str; 6] = [
    "-C",
    "target-feature=+simd128,+relaxed-simd",
    "--cfg",
    "getrandom_backend=\"unsupported\"",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
];
/// With the standard library built along: a panic ends the instance at once, without its message.
const DEBIAN_FLAGS: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

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
        let linker = format!("{}/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld", sysroot(layout)?);
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
        format!("{kind} {version} {FLAGS:?} {DEBIAN_FLAGS:?} {DEBIAN_ARGUMENTS:?}")
    }

    /// Its cargo, in the checkout, ready to `build` into `target`.
    pub(super) fn cargo(&self, layout: &Layout, target: &Path) -> Result<Command> {
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        // Where this machine keeps things is nobody's business, and no part of what the component is.
        flags.push(format!("--remap-path-prefix={}=/overhaul", layout.root.display()));
        flags.push(format!("--remap-path-prefix={}=/cargo", cargo_home()?.display()));
        flags.push(format!("--remap-path-prefix={}=/target", target.display()));
        let mut cargo = match self {
            Self::Rustup(_) => {
                flags.push(format!("--remap-path-prefix={}=/rust", sysroot(layout)?));
                let mut cargo = layout.cargo();
                cargo.arg("build");
                cargo
            }
            Self::Debian(_, linker) => {
                flags.extend(DEBIAN_FLAGS.map(str::to_owned));
                let mut cargo = layout.program("/usr/bin/cargo");
                cargo.env("RUSTC", "/usr/bin/rustc");
                cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                cargo.arg("build").args(DEBIAN_ARGUMENTS);
                cargo
            }
        };
        // Flags that are not stable yet, whichever compiler it is.
        cargo.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", target);
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")).env_remove("RUSTFLAGS");
        cargo.env_remove("CARGO_BUILD_TARGET");
        Ok(cargo)
    }
}

fn sysroot(layout: &Layout) -> Result<String> {
    output(layout.program("rustc").args(["--print", "sysroot"]))
}

fn cargo_home() -> Result<PathBuf> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo"))).context("HOME is not set")
}

fn has_target(layout: &Layout) -> bool {
    output(layout.program("rustup").args(["target", "list", "--installed"]))
        .is_ok_and(|targets| targets.lines().any(|target| target == TARGET))
}

fn is_debian_installed() -> bool {
    ["/usr/bin/cargo", "/usr/bin/rustc", DEBIAN_SOURCE].iter().all(|path| Path::new(path).exists())
}
