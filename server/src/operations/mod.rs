//! Tending a registry from the command line, beside a running server where that can be.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`verify`] | re-hashes every blob, and asks every row whether what it names is there |
//! | [`gc`] | deletes blobs that no row names any more, and what else is left over |
//! | [`backup`] | writes the database and its blobs, of one moment, as one file |
//! | [`restore`] | makes a data directory of such a file |
//!
//! | module | what they share |
//! | --- | --- |
//! | `references` | which blobs are needed, and by whom |
//! | `archive` | the backup's format |
//! | `pieces` | a file as the pieces that blobs are received in |
//! | `progress` | a line now and then, while it takes long |
//! | [`units`] | sizes and counts for people |

use std::path::Path;

use crate::blobs::{BlobPlace, Blobs};
use crate::directory::Layout;

mod archive;
pub mod backup;
pub mod gc;
pub(crate) mod pieces;
mod progress;
mod references;
pub mod restore;
pub mod units;
pub mod verify;

/// A registry to be tended, whose server may run.
#[derive(Debug, Clone)]
pub struct Registry {
    layout: Layout,
    place: BlobPlace,
}

impl Registry {
    /// The registry of a data directory; `blobs` is what its server was told, if it was told anything.
    pub fn existing(data_dir: &Path, blobs: Option<BlobPlace>) -> anyhow::Result<Self> {
        let layout = Layout::existing(data_dir)?;
        let place = blobs.unwrap_or_else(|| BlobPlace::Folder(layout.blobs()));
        Ok(Self { layout, place })
    }

    fn blobs(&self) -> anyhow::Result<Blobs> {
        Ok(Blobs::unlimited(&self.place)?.guarded_by(self.layout.blob_guard()))
    }
}
