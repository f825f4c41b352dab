//! A registry with versions in it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use overhaul_bundle::{Bundle, VersionNumber};
use overhaul_client::{HistoryEntry, MoveAlias, PublishedVersion};
use tokio::runtime::Runtime;

use crate::process::Server;
use crate::{MODEL, programs, versions};

/// A running registry and a client of it.
pub struct Registry {
    /// The process.
    pub server: Server,
    /// Its data directory.
    pub folder: PathBuf,
    client: overhaul_client::Registry,
    runtime: Runtime,
}

impl Registry {
    /// Starts a registry on a free port, with its data under `folder`.
    pub fn start(folder: &Path) -> Result<Self> {
        Self::start_at("127.0.0.1:0", folder)
    }

    /// Starts a registry at an address, such as the one an earlier registry had.
    pub fn start_at(listen: &str, folder: &Path) -> Result<Self> {
        let data = folder.join("registry");
        let mut serve = programs::program("overhaul-server")?;
        serve.args(["serve", "--listen", listen, "--data-dir"]).arg(&data);
        Self::of(Server::start(&mut serve, &folder.join("registry.log"))?, data)
    }

    /// A registry that was started some other way.
    pub fn of(server: Server, folder: PathBuf) -> Result<Self> {
        let client = overhaul_client::Registry::new(server.url())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { server, folder, client, runtime })
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Makes a version of [`MODEL`] under the next number and publishes it.
    pub fn publish(&self, folder: &Path) -> Result<PublishedVersion> {
        let number = self.runtime.block_on(self.client.reserve_version(&MODEL.parse()?))?;
        self.publish_bundle(&versions::numbered(&folder.join(format!("v{number}")), number)?)
    }

    /// Publishes a bundle whose number was handed out.
    pub fn publish_bundle(&self, bundle: &Bundle) -> Result<PublishedVersion> {
        self.publish_with(bundle, &programs::component()?)
    }

    /// The same for a bundle that names another component than the one built with these programs.
    pub fn publish_with(&self, bundle: &Bundle, component: &Path) -> Result<PublishedVersion> {
        Ok(self.runtime.block_on(self.client.publish(bundle, component))?)
    }

    /// A number of [`MODEL`] that nobody had before.
    pub fn reserve(&self) -> Result<VersionNumber> {
        Ok(self.runtime.block_on(self.client.reserve_version(&MODEL.parse()?))?)
    }

    /// All published versions of [`MODEL`], lowest number first; none when it was never heard of.
    pub fn versions(&self) -> Result<Vec<PublishedVersion>> {
        match self.runtime.block_on(self.client.versions(&MODEL.parse()?)) {
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            versions => Ok(versions?),
        }
    }

    /// All moves of [`MODEL`]'s aliases, newest first.
    pub fn history(&self) -> Result<Vec<HistoryEntry>> {
        Ok(self.runtime.block_on(self.client.history(&MODEL.parse()?))?)
    }

    /// Points `production` at a version.
    pub fn promote(&self, version: VersionNumber) -> Result<()> {
        let to = MoveAlias { version, actor: "tests".to_owned(), reason: None };
        self.runtime.block_on(self.client.move_alias(&MODEL.parse()?, &"production".parse()?, &to))?;
        Ok(())
    }
}
