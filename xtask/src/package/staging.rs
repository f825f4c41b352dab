//! The tree of files that the package holds.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::NAME;
use crate::command::{output, run};
use crate::layout::Layout;

/// Lays the program without its debug symbols, the component, the unit, the settings and the papers under `root`.
pub(super) fn lay(layout: &Layout, program: &Path, component: &Path, root: &Path) -> Result<()> {
    let packaging = layout.root.join("packaging");
    let documents = format!("usr/share/doc/{NAME}");
    let binary = root.join("usr/bin").join(NAME);
    put(program, &binary, 0o755)?;
    run(Command::new("strip").args(["--strip-unneeded", "--remove-section=.comment"]).arg(&binary))?;
    put(component, &root.join("usr/lib").join(NAME).join(super::COMPONENT), 0o644)?;
    let unit = format!("{NAME}.service");
    put(&packaging.join(&unit), &root.join("lib/systemd/system").join(&unit), 0o644)?;
    put(&packaging.join("config.toml"), &root.join("etc").join(NAME).join("config.toml"), 0o644)?;
    put(&packaging.join("debian/copyright"), &root.join(&documents).join("copyright"), 0o644)?;
    let changelog = root.join(&documents).join("changelog");
    put(&packaging.join("debian/changelog"), &changelog, 0o644)?;
    run(Command::new("gzip").args(["--best", "--no-name"]).arg(&changelog))?;
    put(
        &packaging.join("debian/lintian-overrides"),
        &root.join("usr/share/lintian/overrides").join(NAME),
        0o644,
    )
}

/// The kibibytes of the files under `root`, as Debian counts them, and their MD5 sums, which `dpkg --verify` reads.
pub(super) fn measured(root: &Path) -> Result<(u64, String)> {
    let mut files = Vec::new();
    walk(root, root, &mut files)?;
    files.sort();
    let kibibytes = files.iter().map(|(_, bytes)| bytes.div_ceil(1024)).sum();
    let names = files.iter().map(|(name, _)| name.as_str());
    let sums = output(Command::new("md5sum").current_dir(root).args(names))?;
    Ok((kibibytes, sums + "\n"))
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, u64)>) -> Result<()> {
    for item in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = item?.path();
        if path.is_dir() {
            walk(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
            files.push((name, fs::metadata(&path)?.len()));
        }
    }
    Ok(())
}

/// Copies a file with its mode; folders on the way are everybody's to read, whatever this user's mask.
pub(super) fn put(from: &Path, to: &Path, mode: u32) -> Result<()> {
    let context = || format!("cannot copy {} to {}", from.display(), to.display());
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).with_context(context)?;
    fs::copy(from, to).with_context(context)?;
    fs::set_permissions(to, Permissions::from_mode(mode)).with_context(context)?;
    fs::set_permissions(folder, Permissions::from_mode(0o755)).with_context(context)
}
