//! What a component is built from, as one digest: the same key, the same component.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::super::stage::hex;
use super::toolchain::Toolchain;
use crate::command::output;
use crate::layout::Layout;

/// Digest of the sources, the interface, the dependencies with their features, the profile and the compiler.
pub(super) fn of(layout: &Layout, toolchain: &Toolchain) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut add = |name: &str, content: &[u8]| {
        for part in [name.as_bytes(), content] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    };
    add("toolchain", toolchain.identity().as_bytes());
    add("dependencies", dependencies(layout)?.as_bytes());
    let manifest = layout.root.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    add("profile", profiles(&manifest).as_bytes());
    let mut files = vec![layout.root.join("component/Cargo.toml")];
    for folder in ["component/src", "wit"] {
        collect(&layout.root.join(folder), &mut files)?;
    }
    let build_script = layout.root.join("component/build.rs");
    files.extend(build_script.is_file().then_some(build_script));
    files.sort();
    for file in files {
        let name = file.strip_prefix(&layout.root)?.to_string_lossy();
        add(&name, &fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(hex(&hasher.finalize()))
}

/// The component's own dependencies with versions and features: other crates' come and go without it.
fn dependencies(layout: &Layout) -> Result<String> {
    let mut cargo = layout.cargo();
    cargo.args(["tree", "--package", "overhaul-component", "--target", "wasm32-unknown-unknown"]);
    cargo.args(["--edges", "normal,build", "--prefix", "none", "--format", "{p} {f}"]);
    let tree = output(&mut cargo)?;
    let mut lines: Vec<&str> =
        tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.contains("(/")).collect();
    lines.sort_unstable();
    lines.dedup();
    Ok(lines.join("\n"))
}

/// The tables of the workspace's manifest that say how the component is compiled.
fn profiles(manifest: &str) -> String {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.starts_with("[profile.component") || line.starts_with("[profile.release");
        }
        if inside && !line.trim_start().starts_with('#') && !line.trim().is_empty() {
            lines.push(line);
        }
    }
    lines.join("\n")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_profiles_that_the_component_is_built_with_count() {
        let manifest = "[workspace]\na = 1\n[profile.dev]\nb = 2\n[profile.release]\n# why\nc = 3\n\n\
                        [profile.component.package.tract-core]\nd = 4\n[profile.other]\ne = 5\n";
        assert_eq!(
            profiles(manifest),
            "[profile.release]\nc = 3\n[profile.component.package.tract-core]\nd = 4"
        );
    }
}
