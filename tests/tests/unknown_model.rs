//! A gateway that is told to run what the registry does not have waits, says so, and runs it once it is there.

use anyhow::Result;
use overhaul_tests::gateway::Gateway;
use overhaul_tests::registry::Registry;
use overhaul_tests::{versions, wait};

#[test]
fn a_gateway_waits_for_a_model_and_then_for_its_alias() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let known = versions::known()?;
    let registry = Registry::start(folder.path())?;
    let gateway = Gateway::start(registry.url(), folder.path())?;
    let waits_for = |what: &str| {
        wait::until(&format!("word of the unknown {what}"), || {
            let health = gateway.health()?;
            let error = health["registry"]["error"].as_str().unwrap_or_default();
            if health["registry"]["reachable"] != true || !error.contains(what) {
                anyhow::bail!("the gateway says {health}");
            }
            assert_eq!(health["status"], "waiting");
            Ok(())
        })
    };
    waits_for("RUL-Prediction-Model")?;
    let (status, answer) = gateway.client().post(&known[0].body)?;
    assert_eq!(status, 503, "{answer}");

    let first = registry.publish(folder.path())?;
    waits_for("production")?;

    registry.promote(first.version)?;
    gateway.wait_for(1)?;
    gateway.must_know(&known, 1)
}
