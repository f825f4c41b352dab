//! A gateway goes on without its registry, starts without it, and meets it again.

use anyhow::Result;
use overhaul_tests::gateway::Gateway;
use overhaul_tests::registry::Registry;
use overhaul_tests::{versions, wait};

#[test]
fn a_gateway_survives_its_registrys_death_and_its_own_and_takes_the_next_version_when_both_are_back()
-> Result<()> {
    let folder = tempfile::tempdir()?;
    let known = versions::known()?;
    let registry = Registry::start(folder.path())?;
    let first = registry.publish(folder.path())?;
    registry.promote(first.version)?;
    let gateway = Gateway::start(registry.url(), folder.path())?;
    gateway.wait_for(1)?;

    let (url, address) = (registry.url().to_owned(), registry.server.address().to_owned());
    registry.server.kill()?;
    gateway.must_know(&known, 1)?;

    gateway.server.kill()?;
    let gateway = Gateway::start(&url, folder.path())?;
    gateway.wait_for(1)?;
    gateway.must_know(&known, 1)?;
    wait::until("word that the registry is away", || {
        let health = gateway.health()?;
        if health["registry"]["reachable"] != false {
            anyhow::bail!("the gateway says {health}");
        }
        Ok(())
    })?;

    let registry = Registry::start_at(&address, folder.path())?;
    let second = registry.publish(folder.path())?;
    assert_eq!(second.version.get(), 2, "what was published before the crash is still there");
    registry.promote(second.version)?;
    gateway.wait_for(2)?;
    gateway.must_know(&known, 2)?;
    Ok(())
}
