//! Blobs in a folder of this machine, in which no symbolic link is followed.
//!
//! `object_store` writes: beside a name (with a `#` in it) first, and with `with_fsync` it syncs the file
//! before it renames it into place and the folders after. It would follow symbolic links, so reading is
//! done here, one folder at a time, each opened without following.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;
use std::path::{Path as DiskPath, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use rustix::fs::{AtFlags, Mode, OFlags};

#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    pub(super) store: LocalFileSystem,
}

impl Folder {
    /// Opens a folder, creating it when missing. The folder itself may be a symbolic link.
    pub(super) fn open(root: &DiskPath) -> anyhow::Result<Self> {
        let cannot = || format!("cannot open the blobs in {}", root.display());
        fs::create_dir_all(root).with_context(cannot)?;
        let store = LocalFileSystem::new_with_prefix(root).with_context(cannot)?.with_fsync(true);
        Ok(Self { root: root.to_owned(), store })
    }

    /// Opens a folder that is there, whose files are not synced one by one.
    pub(super) fn unsynced(root: &DiskPath) -> anyhow::Result<Self> {
        let store = LocalFileSystem::new_with_prefix(root)
            .with_context(|| format!("cannot open the blobs in {}", root.display()))?;
        Ok(Self { root: root.to_owned(), store })
    }

    /// A folder and what lies in it.
    pub(super) fn on_disk(&self, folder: &str) -> PathBuf {
        self.root.join(folder)
    }

    /// Opens a plain file, following no symbolic link below the root.
    pub(super) fn file(&self, key: &Path) -> io::Result<(File, u64)> {
        let (folder, name) = self.folder_of(key)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(folder, name, flags, Mode::empty())?);
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("what lies there is no plain file"));
        }
        Ok((file, metadata.len()))
    }

    /// Makes a file new unless it is younger than `fresh`, following no symbolic link; its size.
    pub(super) fn refresh(&self, key: &Path, fresh: Duration) -> io::Result<u64> {
        let (file, size) = self.file(key)?;
        let now = SystemTime::now();
        // A time in the future is no age; it is set right as well.
        if now.duration_since(file.metadata()?.modified()?).is_ok_and(|age| age < fresh) {
            return Ok(size);
        }
        file.set_modified(now).map(|()| size)
    }

    /// Removes a file, following no symbolic link; false when it was not there.
    pub(super) fn remove(&self, key: &Path) -> io::Result<bool> {
        let removed = self.folder_of(key).and_then(|(folder, name)| {
            rustix::fs::unlinkat(&folder, name, AtFlags::empty())?;
            Ok(rustix::fs::fsync(folder)?)
        });
        match removed {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// The opened folder that a key lies in, and the key's last part.
    fn folder_of<'a>(&self, key: &'a Path) -> io::Result<(OwnedFd, &'a str)> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut folder = rustix::fs::open(&self.root, flags, Mode::empty())?;
        let (folders, name) = key.as_ref().rsplit_once('/').unwrap_or(("", key.as_ref()));
        for next in folders.split('/').filter(|next| !next.is_empty()) {
            folder = rustix::fs::openat(folder, next, flags | OFlags::NOFOLLOW, Mode::empty())?;
        }
        Ok((folder, name))
    }

    /// Removes what `object_store` was writing when the server was killed, and what lies in `staging`.
    pub(super) fn sweep(&self, staging: &str) -> io::Result<usize> {
        fn within(folder: &DiskPath, all: bool, staging: Option<&str>) -> io::Result<usize> {
            let mut swept = 0;
            for item in fs::read_dir(folder)? {
                let item = item?;
                let name = item.file_name();
                if item.file_type()?.is_dir() {
                    swept +=
                        within(&item.path(), all || staging.is_some_and(|staging| name == staging), None)?;
                } else if all || name.as_encoded_bytes().contains(&b'#') {
                    fs::remove_file(item.path())?;
                    swept += 1;
                }
            }
            Ok(swept)
        }
        within(&self.root, false, Some(staging))
    }
}

/// Reads at most `length` bytes at an offset; fewer would mean that the file is shorter than it should be.
pub(super) fn read_at(file: &File, offset: u64, length: usize) -> io::Result<Bytes> {
    let mut piece = vec![0; length];
    file.read_exact_at(&mut piece, offset)?;
    Ok(piece.into())
}
