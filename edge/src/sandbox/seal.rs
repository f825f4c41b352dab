//! The seal on a compiled component: HMAC-SHA256 with a key that only this agent has.

use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use overhaul_bundle::Sha256Digest;
use sha2::Sha256;
use wasmtime::Engine;

use crate::random;

/// Bytes of the key, and of a seal.
pub(super) const SEAL_BYTES: usize = 32;

/// The agent's secret key.
pub(super) struct Key([u8; SEAL_BYTES]);

impl Key {
    /// Reads the key, or makes one: random, readable by its owner only, there whole or not at all.
    pub(super) fn open_or_create(path: &Path) -> io::Result<Self> {
        match Self::read(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Self::create(path),
            // A key that others could have read, or of another length, seals nothing any more.
            Err(e) if e.kind() == io::ErrorKind::InvalidData => {
                fs::remove_file(path)?;
                Self::create(path)
            }
            read => read,
        }
    }

    fn read(path: &Path) -> io::Result<Self> {
        let file = open_without_following(path)?;
        if !is_private(&file.metadata()?) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the key is not private"));
        }
        let mut bytes = Vec::new();
        file.take(SEAL_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        let key = bytes
            .try_into()
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the key has another length"))?;
        Ok(Self(key))
    }

    fn create(path: &Path) -> io::Result<Self> {
        let key = random::bytes()?;
        let folder = path.parent().unwrap_or(Path::new("."));
        // `tempfile` makes its files with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&key)?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Ok(_) => Ok(Self(key)),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Self::read(path),
            Err(e) => Err(e.error),
        }
    }

    /// Starts a seal over what a compiled form depends on: the component, and the engine's version
    /// and settings with the CPU's features (all of them in wasmtime's compatibility hash).
    pub(super) fn seal(&self, component: &Sha256Digest, engine: &Engine) -> io::Result<Seal> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(io::Error::other)?;
        mac.update(b"overhaul compiled component 1\0");
        mac.update(component.as_bytes());
        mac.update(std::env::consts::ARCH.as_bytes());
        let mut settings = Settings { mac, length: 0 };
        engine.precompile_compatibility_hash().hash(&mut settings);
        // Length after content: settings and file cannot run into each other.
        let Settings { mut mac, length } = settings;
        mac.update(&length.to_le_bytes());
        Ok(Seal(mac))
    }
}

/// A seal in the making.
pub(super) struct Seal(Hmac<Sha256>);

impl Seal {
    /// Takes in all that a reader gives, then answers the seal.
    pub(super) fn over(mut self, mut reader: impl Read) -> io::Result<Finished> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(Finished(self.0)),
                Ok(count) => self.0.update(&buffer[..count]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}

/// A seal over everything; to be written down or compared.
pub(super) struct Finished(Hmac<Sha256>);

impl Finished {
    /// The seal's bytes.
    pub(super) fn bytes(self) -> [u8; SEAL_BYTES] {
        self.0.finalize().into_bytes().into()
    }

    /// Compares in constant time.
    pub(super) fn matches(self, written: &[u8; SEAL_BYTES]) -> bool {
        self.0.verify_slice(written).is_ok()
    }
}

/// Lets wasmtime's compatibility hash flow into the seal whole, instead of through 64 bits.
struct Settings {
    mac: Hmac<Sha256>,
    length: u64,
}

impl Hasher for Settings {
    fn write(&mut self, bytes: &[u8]) {
        self.mac.update(bytes);
        self.length += bytes.len() as u64;
    }

    fn finish(&self) -> u64 {
        self.length
    }
}

/// Opens a plain file for reading, but never what a link leads to.
pub(super) fn open_without_following(path: &Path) -> io::Result<File> {
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let file = fs::OpenOptions::new().read(true).custom_flags(no_follow).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "no plain file"))
}

/// True for what only its owner may read or write, if the owner is who runs this process.
pub(super) fn is_private(metadata: &fs::Metadata) -> bool {
    let own = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == metadata.uid());
    let others = metadata.mode() & 0o077;
    own && others == 0
}
