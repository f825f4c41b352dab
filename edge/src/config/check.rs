//! Whether what the settings name can be used: files, folders, the address. Nothing is changed.

use std::io;
use std::net::TcpListener;
use std::path::Path;

use overhaul_bundle::{Bundle, component};
use overhaul_http::{Limits, Tls};
use rustix::fs::{Access, access as may};

use super::{Config, Settings, Source};
use crate::mqtt::Mqtt;
use crate::service::{access, listen};
use crate::store::{layout, unusable};

/// All that is wrong, one line each.
pub fn check(config: &Config) -> Vec<String> {
    let settings = &config.settings;
    let checks = [
        source(config),
        settings.component.as_deref().map_or(Ok(()), component_file),
        settings.data_dir.as_deref().map_or(Ok(()), data_dir),
        tls(settings),
        address(settings),
        mqtt(settings),
    ];
    checks.into_iter().filter_map(Result::err).map(|e| one_line(&e)).collect()
}

fn source(config: &Config) -> anyhow::Result<()> {
    match &config.settings.source {
        Source::Bundle(directory) => Bundle::open(directory).map(drop).map_err(anyhow::Error::from),
        Source::Registry(url) => access::registry(url, config).map(drop),
    }
}

fn component_file(path: &Path) -> anyhow::Result<()> {
    component::locate(Some(path))?;
    Ok(component::read(path).map(drop)?)
}

/// Whether the agent could write there; a directory that is not there yet is made by the agent.
fn data_dir(directory: &Path) -> anyhow::Result<()> {
    let there = directory.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let is_folder = if there.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) };
    let writable = is_folder.and_then(|()| Ok(may(there, Access::WRITE_OK | Access::EXEC_OK)?));
    writable.map_err(|e| unusable(directory, &format!("{} is not writable", there.display()), &e))?;
    layout::check(directory).map(drop)
}

fn tls(settings: &Settings) -> anyhow::Result<()> {
    let Some(files) = settings.tls.clone() else { return Ok(()) };
    Tls::open(files, &Limits::default()).map(drop)
}

fn mqtt(settings: &Settings) -> anyhow::Result<()> {
    let Some(mqtt) = settings.mqtt.clone() else { return Ok(()) };
    Ok(Mqtt::new(mqtt, settings.gateway_id.clone()).map(drop)?)
}

fn address(settings: &Settings) -> anyhow::Result<()> {
    match TcpListener::bind(settings.listen) {
        // Most likely by the agent itself.
        Err(e) if e.kind() == io::ErrorKind::AddrInUse => Ok(()),
        Err(e) => Err(listen::refused(settings.listen, e)),
        Ok(_) => Ok(()),
    }
}

fn one_line(error: &anyhow::Error) -> String {
    format!("{error:#}").replace('\n', " ")
}
