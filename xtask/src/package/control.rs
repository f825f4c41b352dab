//! What Debian is told of the package: name, dependencies, settings to keep, scripts, sums.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::{NAME, VERSION, staging};
use crate::layout::Layout;

/// The scripts of the package.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Writes `DEBIAN/` under `root`, once everything else is there.
pub(super) fn write(layout: &Layout, architecture: &str, root: &Path) -> Result<()> {
    let papers = layout.root.join("packaging/debian");
    let (kibibytes, sums) = staging::measured(root)?;
    let program = fs::read(root.join("usr/bin").join(NAME)).context("cannot read the program")?;
    let (major, minor) = newest_glibc(&program).context("the program names no version of glibc")?;
    let template = fs::read_to_string(papers.join("control")).context("cannot read the control file")?;
    check_changelog(&fs::read_to_string(papers.join("changelog")).context("cannot read the changelog")?)?;
    let control = template
        .replace("INSTALLED-SIZE", &kibibytes.to_string())
        .replace("VERSION", VERSION)
        .replace("ARCHITECTURE", architecture)
        .replace("GLIBC", &format!("{major}.{minor}"));
    let folder = root.join("DEBIAN");
    for script in SCRIPTS {
        staging::put(&papers.join(script), &folder.join(script), 0o755)?;
    }
    let conffiles = format!("/etc/{NAME}/config.toml\n");
    for (name, text) in [("control", &control), ("conffiles", &conffiles), ("md5sums", &sums)] {
        fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))?;
    }
    Ok(())
}

/// The changelog begins with the version that is packed.
fn check_changelog(text: &str) -> Result<()> {
    if !text.starts_with(&format!("{NAME} ({VERSION}) ")) {
        bail!(
            "packaging/debian/changelog does not begin with {NAME} ({VERSION}); say there what is new in it"
        );
    }
    Ok(())
}

/// The newest version of glibc that a program's symbols ask for, such as `GLIBC_2.34`.
fn newest_glibc(program: &[u8]) -> Option<(u32, u32)> {
    const PREFIX: &[u8] = b"GLIBC_";
    let names = program.windows(PREFIX.len()).enumerate().filter(|(_, window)| *window == PREFIX);
    let versions = names.filter_map(|(at, _)| {
        let rest = &program[at + PREFIX.len()..];
        let end = rest.iter().position(|byte| !(byte.is_ascii_digit() || *byte == b'.'))?;
        let (major, minor) = std::str::from_utf8(&rest[..end]).ok()?.split_once('.')?;
        // Of a third number, nothing depends.
        let minor = minor.split('.').next().unwrap_or(minor);
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    versions.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_glibc_that_is_asked_for_is_found() {
        let program = b"..GLIBC_2.2.5\0GLIBC_2.34\0xGLIBC_2.9\0GLIBC_PRIVATE\0GLIBC_";
        assert_eq!(newest_glibc(program), Some((2, 34)));
        assert_eq!(newest_glibc(b"nothing"), None);
    }

    #[test]
    fn the_changelog_speaks_of_this_version() {
        check_changelog(include_str!("../../../packaging/debian/changelog")).unwrap();
        assert!(check_changelog("overhaul-edge (9.9.9) stable").is_err());
    }
}
