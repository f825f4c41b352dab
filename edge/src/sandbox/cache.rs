//! Compiled components on disk, trusted only if this agent made them.
//!
//! A compiled form is a pair of files, the compiled bytes in `DIGEST.cwasm` and their seal (32 bytes) in
//! `DIGEST.seal`, mode 0600, in a directory of mode 0700. Whatever does not verify is compiled
//! again: a flipped byte, another key, another engine or CPU, a file that others can write.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use overhaul_bundle::Sha256Digest;
use tempfile::TempDir;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::compiler::{CompileError, Compiler};
use super::precompiled::{self, VerifiedFile};
use super::seal::{self, Key, SEAL_BYTES};
use super::{CompileLimits, Limits, Sandbox, SandboxError, admission, engine};

/// What the names of files begin with that are not whole yet.
const HALF: &str = ".half-";

/// Compiled components on disk.
pub struct CompiledCache {
    data_dir: PathBuf,
    /// Where the directory goes when this does.
    _temporary: Option<TempDir>,
    directory: PathBuf,
    key: Key,
    compiler: Option<Compiler>,
}

/// Why a sandbox could not be had through the cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The component was refused.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The component's own bytes could not be read.
    #[error("cannot read the component")]
    Component(#[source] io::Error),
    /// The compiled form could not be kept.
    #[error("cannot keep the compiled component")]
    Store(#[source] io::Error),
    /// The process that compiles refused it, or failed.
    #[error(transparent)]
    Compile(#[from] CompileError),
}

impl CacheError {
    /// True when the component is to blame, so that compiling it again is of no use.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Sandbox(error) => !error.is_fault(),
            Self::Compile(error) => error.is_lasting(),
            Self::Component(_) | Self::Store(_) => false,
        }
    }
}

impl CompiledCache {
    /// Opens the cache in `data_dir`/compiled with the key in `data_dir`/key; makes what is missing.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let directory = data_dir.join("compiled");
        match DirBuilder::new().mode(0o700).create(&directory) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                fs::set_permissions(&directory, fs::Permissions::from_mode(0o700))?;
            }
            made => made?,
        }
        let key = Key::open_or_create(&data_dir.join("key"))?;
        Ok(Self { data_dir: data_dir.to_owned(), _temporary: None, directory, key, compiler: None })
    }

    /// A cache of its own in the system's directory for temporary files, which goes when this is dropped; what was
    /// mapped from it stays.
    pub fn temporary() -> io::Result<Self> {
        let home = tempfile::Builder::new().prefix("overhaul-edge-").tempdir()?;
        let cache = Self::open(home.path())?;
        Ok(Self { _temporary: Some(home), ..cache })
    }

    /// Compiles in a process of its own from now on, under limits, one component at a time: what
    /// compiling takes (hundreds of MiB) is given back when it ends, and if it takes more, or the
    /// compiler crashes, this process lives on.
    ///
    /// `program compile` is `overhaul-edge compile`; see [`super::compiler`].
    #[must_use]
    pub fn compile_with(self, program: PathBuf, limits: CompileLimits) -> Self {
        Self { compiler: Some(Compiler::new(program, limits)), ..self }
    }

    /// The sandbox of a component: mapped from the cache if a compiled form verifies, else compiled
    /// from the bytes that `component` gives, and cached.
    ///
    /// The caller vouches that the bytes have the digest.
    pub fn sandbox(
        &self,
        digest: &Sha256Digest,
        component: impl FnOnce() -> io::Result<Vec<u8>>,
        limits: Limits,
    ) -> Result<Sandbox, CacheError> {
        let engine = engine::engine()?;
        if let Some(compiled) = self.load(digest, &engine) {
            return Ok(Sandbox::of(engine, &compiled, limits)?);
        }
        let bytes = component().map_err(CacheError::Component)?;
        admission::check(&bytes)?;
        match &self.compiler {
            Some(compiler) => compiler.alone(|| self.compile_apart(compiler, digest, &engine, &bytes))?,
            None => self.compile(&bytes)?,
        }
        drop(bytes);
        let lost = || CompileError::Fault("the compiled form that was just made does not verify".to_owned());
        let compiled = self.load(digest, &engine).ok_or_else(lost)?;
        Ok(Sandbox::of(engine, &compiled, limits)?)
    }

    /// Compiles a component into the cache in this process, unless it is there. Nothing is written before the
    /// component is known to have the interface.
    pub fn compile(&self, component: &[u8]) -> Result<(), CacheError> {
        let (engine, digest) = (engine::engine()?, Sha256Digest::of(component));
        if self.load(&digest, &engine).is_some() {
            return Ok(());
        }
        admission::check(component)?;
        let compiled = engine::compiled(&engine, component)?;
        engine::prepared(&engine, &compiled)?;
        self.store(&digest, &engine, &compiled).map_err(CacheError::Store)
    }

    /// Whether files of a component's compiled form are there; they may not verify.
    pub fn has(&self, digest: &Sha256Digest) -> bool {
        self.compiled_file(digest).exists()
    }

    /// Removes a component's compiled form. A sandbox that has mapped it goes on.
    pub fn forget(&self, digest: &Sha256Digest) -> io::Result<()> {
        for path in [self.seal_file(digest), self.compiled_file(digest)] {
            match fs::remove_file(path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes what a process left half written. Nobody else may be writing to the cache.
    pub fn sweep(&self) -> io::Result<()> {
        for item in fs::read_dir(&self.directory)? {
            let item = item?;
            if item.file_name().as_encoded_bytes().starts_with(HALF.as_bytes()) {
                fs::remove_file(item.path())?;
            }
        }
        Ok(())
    }

    /// Removes the compiled forms of all components but these.
    pub fn prune(&self, keep: &[Sha256Digest]) -> io::Result<()> {
        let kept: Vec<PathBuf> =
            keep.iter().flat_map(|digest| [self.compiled_file(digest), self.seal_file(digest)]).collect();
        for item in fs::read_dir(&self.directory)? {
            let path = item?.path();
            if !kept.contains(&path) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Compiles in another process, whose word is final.
    fn compile_apart(
        &self,
        compiler: &Compiler,
        digest: &Sha256Digest,
        engine: &Engine,
        component: &[u8],
    ) -> Result<(), CacheError> {
        // Whoever waited may find it compiled.
        if self.load(digest, engine).is_some() {
            return Ok(());
        }
        compiler.compile(&self.data_dir, component).map_err(|error| {
            if let Err(e) = self.sweep() {
                tracing::warn!("what compiling left behind cannot be removed: {e}");
            }
            error.into()
        })
    }

    fn load(&self, digest: &Sha256Digest, engine: &Engine) -> Option<Component> {
        let verified = match self.verified(digest, engine) {
            Ok(verified) => verified,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return None,
            Err(e) => {
                tracing::warn!("component {digest} is compiled again: its cached form is not used: {e}");
                return None;
            }
        };
        precompiled::load(engine, &verified)
            .inspect_err(|e| {
                tracing::warn!(
                    "component {digest} is compiled again: wasmtime refused its cached form: {e:#}"
                );
            })
            .ok()
    }

    fn verified(&self, digest: &Sha256Digest, engine: &Engine) -> io::Result<VerifiedFile> {
        let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
        let mut written = [0; SEAL_BYTES];
        seal::open_without_following(&self.seal_file(digest))?.read_exact(&mut written)?;
        let mut file = seal::open_without_following(&self.compiled_file(digest))?;
        if !seal::is_private(&fs::symlink_metadata(&self.directory)?) || !seal::is_private(&file.metadata()?)
        {
            return Err(refused("others may write to it"));
        }
        if !self.key.seal(digest, engine)?.over(&mut file)?.matches(&written) {
            return Err(refused("its seal is not this agent's for this component, engine and CPU"));
        }
        Ok(VerifiedFile::vouched_for(file))
    }

    /// Writes the compiled form, then its seal: a crash in between leaves one that does not verify.
    fn store(&self, digest: &Sha256Digest, engine: &Engine, compiled: &Component) -> io::Result<()> {
        let bytes = compiled.serialize().map_err(|e| io::Error::other(format!("{e:#}")))?;
        let seal = self.key.seal(digest, engine)?.over(bytes.as_slice())?.bytes();
        self.write(&self.compiled_file(digest), &bytes)?;
        self.write(&self.seal_file(digest), &seal)?;
        File::open(&self.directory)?.sync_all()
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        // `tempfile` makes its files with mode 0600, and removes them if anything fails.
        let mut file = tempfile::Builder::new().prefix(HALF).tempfile_in(&self.directory)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }

    fn compiled_file(&self, digest: &Sha256Digest) -> PathBuf {
        self.directory.join(format!("{digest}.cwasm"))
    }

    fn seal_file(&self, digest: &Sha256Digest) -> PathBuf {
        self.directory.join(format!("{digest}.seal"))
    }
}
