//! A disk that is full: a small file system in memory that only the process under test sees.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::Server;
use crate::programs;

/// True where this user may mount a file system in a namespace of its own. Elsewhere a test has to be
/// content with saying so.
pub fn can_mount() -> bool {
    let mut probe = Command::new("unshare");
    probe.args(namespace()).args(["sh", "-c", "mount -t tmpfs tmpfs /mnt"]);
    probe.output().is_ok_and(|output| output.status.success())
}

/// Wraps a program so that it sees `folder` as an empty disk of `size`, such as `64k`.
pub fn on_small_disk(command: &Command, folder: &Path, size: &str) -> Command {
    let mut wrapped = Command::new("unshare");
    wrapped.args(namespace());
    wrapped.args([
        "sh",
        "-c",
        r#"mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@""#,
        "sh",
        size,
    ]);
    wrapped.arg(folder).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    wrapped
}

/// Gives a running server's small disk another size.
pub fn grow(server: &Server, folder: &Path, size: &str) -> Result<()> {
    let mut remount = Command::new("nsenter");
    remount.args(["--target", &server.id().to_string(), "--mount"]);
    if !is_root() {
        remount.args(["--user", "--preserve-credentials"]);
    }
    remount.args(["mount", "-o", &format!("remount,size={size}")]).arg(folder);
    programs::run(&mut remount).map(drop)
}

/// A folder on the small disk of a running server, as seen from outside.
pub fn seen_from_outside(server: &Server, folder: &Path) -> PathBuf {
    let inside = folder.strip_prefix("/").unwrap_or(folder);
    Path::new("/proc").join(server.id().to_string()).join("root").join(inside)
}

/// All plain files below a folder.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        bail!("{} is no folder", folder.display());
    }
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn namespace() -> &'static [&'static str] {
    if is_root() { &["--mount"] } else { &["--mount", "--user", "--map-root-user"] }
}

fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}
