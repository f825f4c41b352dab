//! A gateway runs one bundle with no registry at all.

use anyhow::Result;
use overhaul_tests::gateway::Gateway;
use overhaul_tests::process::Server;
use overhaul_tests::{programs, versions};

#[test]
fn the_example_bundle_predicts_without_registry_training_or_libtorch() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut run = programs::program("overhaul-edge")?;
    run.args(["run", "--listen", "127.0.0.1:0", "--bundle"]).arg(programs::checkout().join("models/v1"));
    run.env_remove("LIBTORCH").env_remove("LD_LIBRARY_PATH");
    let gateway = Gateway::of(Server::start(&mut run, &folder.path().join("gateway.log"))?);
    let example = versions::example()?.metadata()?;
    for known in versions::known()? {
        let (status, answer) = overhaul_tests::wait::until("the first prediction", || {
            let (status, answer) = gateway.client().post(&known.body)?;
            anyhow::ensure!(status != 503, "{answer}");
            Ok((status, answer))
        })?;
        assert_eq!(status, 200, "{answer}");
        let rul = answer["predicted_rul"].as_f64().unwrap_or(f64::NAN);
        assert!((rul - known.expected).abs() < 2e-3, "{answer} instead of {}", known.expected);
        assert_eq!(answer["model_type"], example.model_type.as_str());
    }
    assert!(gateway.server.stop()?.success());
    Ok(())
}
