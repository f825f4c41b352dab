//! Which blobs the rows of all tables name.

use std::fmt;

use anyhow::Context as _;
use overhaul_bundle::Sha256Digest;
use rusqlite::Connection;

use super::parse;

/// A published bundle: its manifest names more blobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleName {
    /// The registered model.
    pub model: String,
    /// The version's number.
    pub version: u32,
    /// The digest of its manifest.
    pub sha256: Sha256Digest,
}

impl fmt::Display for BundleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} version {}", self.model, self.version)
    }
}

/// What names a blob.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// A bundle, its own manifest.
    Manifest(&'a BundleName),
    /// A bundle, one of its files.
    File(&'a BundleName, &'a str),
    /// A bundle, the component it runs on.
    Component(&'a BundleName),
    /// An artifact, by its path.
    Artifact(&'a str),
}

impl fmt::Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest(bundle) => write!(f, "the manifest of {bundle}"),
            Self::File(bundle, path) => write!(f, "{path} of {bundle}"),
            Self::Component(bundle) => write!(f, "the component of {bundle}"),
            Self::Artifact(path) => write!(f, "artifact {path}"),
        }
    }
}

/// One row's word for a blob: which, of what size in bytes where the row says, and who needs it.
pub type Visit<'a> = dyn FnMut(Sha256Digest, Option<u64>, Owner<'_>) + Send + 'a;

/// What rows say that cannot be true.
#[derive(Debug, Default)]
pub struct Rows {
    /// All bundles, whose manifests were visited and whose files were not.
    pub bundles: Vec<BundleName>,
    /// Rows whose digest is none, each as one line.
    pub broken: Vec<String>,
}

/// Visits every blob that a row names.
pub fn visit(connection: &Connection, visit: &mut Visit<'_>) -> anyhow::Result<Rows> {
    let mut rows = Rows::default();
    bundles(connection, &mut rows, visit)?;
    artifacts(connection, &mut rows, visit)?;
    Ok(rows)
}

fn bundles(connection: &Connection, rows: &mut Rows, visit: &mut Visit<'_>) -> anyhow::Result<()> {
    let mut statement = connection.prepare(
        "SELECT m.name, v.version, b.sha256 FROM bundles AS b
         JOIN model_versions AS v ON v.id = b.version_id JOIN registered_models AS m ON m.id = v.model_id
         ORDER BY m.name, v.version",
    )?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (model, version): (String, u32) = (row.get(0)?, row.get(1)?);
        match parse(row.get_ref(2)?.as_str()?) {
            Ok(sha256) => {
                let bundle = BundleName { model, version, sha256 };
                visit(sha256, None, Owner::Manifest(&bundle));
                rows.bundles.push(bundle);
            }
            Err(error) => rows.broken.push(format!("bundle of {model} version {version}: {error:#}")),
        }
    }
    Ok(())
}

fn artifacts(connection: &Connection, rows: &mut Rows, visit: &mut Visit<'_>) -> anyhow::Result<()> {
    let mut statement = connection.prepare("SELECT path, sha256, size FROM artifacts")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let path = row.get_ref(0)?.as_str()?;
        match blob(row.get_ref(1)?.as_str()?, row.get(2)?) {
            Ok((sha256, size)) => visit(sha256, Some(size), Owner::Artifact(path)),
            Err(error) => rows.broken.push(format!("artifact {path}: {error:#}")),
        }
    }
    Ok(())
}

fn blob(sha256: &str, size: i64) -> anyhow::Result<(Sha256Digest, u64)> {
    let bytes = u64::try_from(size).with_context(|| format!("the database holds size {size}"))?;
    Ok((parse(sha256)?, bytes))
}
