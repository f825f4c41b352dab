//! Which blobs a registry needs, and who needs them: its rows, and the manifests that rows name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::bail;
use futures::StreamExt as _;
use overhaul_bundle::{Manifest, Sha256Digest};

use crate::blobs::Blobs;
use crate::store::beside::Beside;
use crate::store::references::{self, BundleName, Owner, Rows, Visit};

/// Manifests read at once.
const AT_ONCE: usize = 16;

/// The blobs that are needed.
#[derive(Debug, Default)]
pub(super) struct References {
    /// Each with its size in bytes; `None` for a manifest, whose size no row says.
    pub(super) sizes: HashMap<Sha256Digest, Option<u64>>,
    /// What rows say that cannot be, each as one line.
    pub(super) broken: Vec<String>,
    /// Manifests that could not be read, so that nobody knows what they need, each with a line.
    pub(super) unread: Vec<(Sha256Digest, String)>,
}

impl References {
    /// Reads them all.
    pub(super) async fn load(database: &mut Beside, blobs: &Blobs) -> anyhow::Result<Self> {
        let (mut sizes, mut disagree) = (HashMap::<_, Option<u64>>::new(), Vec::new());
        let mut visit = |sha256, size: Option<u64>, owner: Owner<'_>| {
            let known = sizes.entry(sha256).or_insert(size);
            match (*known, size) {
                (None, size) => *known = size,
                (Some(known), Some(size)) if known != size => disagree.push(format!(
                    "{owner}: it has {size} bytes by this row and {known} by another ({sha256})"
                )),
                _ => {}
            }
        };
        let (rows, unread) = each(database, blobs, &mut visit).await?;
        let mut broken = rows.broken;
        broken.append(&mut disagree);
        Ok(Self { sizes, broken, unread })
    }

    /// The same, or an error when not every one of them can be known.
    pub(super) async fn load_whole(database: &mut Beside, blobs: &Blobs) -> anyhow::Result<Self> {
        let references = Self::load(database, blobs).await?;
        let problem = references.broken.first().or(references.unread.first().map(|(_, line)| line));
        if let Some(problem) = problem {
            bail!("cannot tell which blobs are needed; verify says more: {problem}");
        }
        Ok(references)
    }
}

/// Who needs some blobs now, for people.
pub(super) async fn owners(
    database: &mut Beside,
    blobs: &Blobs,
    of: &BTreeSet<Sha256Digest>,
) -> anyhow::Result<BTreeMap<Sha256Digest, String>> {
    let mut owners = BTreeMap::<Sha256Digest, (String, u64)>::new();
    let mut visit = |sha256, _, owner: Owner<'_>| {
        if of.contains(&sha256) {
            owners.entry(sha256).or_insert_with(|| (owner.to_string(), 0)).1 += 1;
        }
    };
    each(database, blobs, &mut visit).await?;
    let told = owners.into_iter().map(|(sha256, (owner, count))| match count {
        1 => (sha256, owner),
        _ => (sha256, format!("{owner} and {} more", count - 1)),
    });
    Ok(told.collect())
}

/// Visits every need of one moment. The database is read where this runs: a command has nothing else to do.
async fn each(
    database: &mut Beside,
    blobs: &Blobs,
    visit: &mut Visit<'_>,
) -> anyhow::Result<(Rows, Vec<(Sha256Digest, String)>)> {
    let rows = database.read(|tx| references::visit(tx, visit))?;
    let mut unread = Vec::new();
    let mut manifests = futures::stream::iter(&rows.bundles)
        .map(|bundle| async move { (bundle, manifest(blobs, bundle).await) })
        .buffered(AT_ONCE);
    while let Some((bundle, manifest)) = manifests.next().await {
        match manifest {
            Err(problem) => unread.push((bundle.sha256, format!("the manifest of {bundle} {problem}"))),
            Ok(manifest) => {
                for file in &manifest.files {
                    visit(file.sha256, Some(file.size), Owner::File(bundle, file.path.as_str()));
                }
                let component = &manifest.component;
                visit(component.sha256, Some(component.size), Owner::Component(bundle));
            }
        }
    }
    drop(manifests);
    Ok((rows, unread))
}

/// A bundle's manifest, or what is wrong with it.
async fn manifest(blobs: &Blobs, bundle: &BundleName) -> Result<Manifest, String> {
    let bytes = match blobs.read(&bundle.sha256).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(format!("is missing ({})", bundle.sha256)),
        Err(error) => return Err(format!("cannot be read: {:#}", anyhow::Error::from(error))),
    };
    if Sha256Digest::of(&bytes) != bundle.sha256 {
        return Err(format!("does not have its digest {}", bundle.sha256));
    }
    Manifest::from_bytes(&bytes).map_err(|error| format!("does not parse: {error}"))
}
