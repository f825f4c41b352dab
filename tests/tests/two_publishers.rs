//! Publishers do not get in each other's way.

use std::thread;

use anyhow::{Result, anyhow};
use overhaul_bundle::VersionNumber;
use overhaul_tests::registry::Registry;
use overhaul_tests::versions;

#[test]
fn publishers_at_once_all_succeed_under_numbers_of_their_own() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let registry = Registry::start(folder.path())?;
    let publish = |publisher: usize| -> Result<Vec<VersionNumber>> {
        let client = overhaul_client::Registry::new(registry.url())?;
        let component = overhaul_tests::programs::component()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut numbers = Vec::new();
        for round in 0..3 {
            let number = runtime.block_on(client.reserve_version(&overhaul_tests::MODEL.parse()?))?;
            let directory = folder.path().join(format!("{publisher}-{round}"));
            let bundle = versions::numbered(&directory, number)?;
            numbers.push(runtime.block_on(client.publish(&bundle, &component))?.version);
        }
        Ok(numbers)
    };
    let mut numbers = thread::scope(|scope| -> Result<Vec<VersionNumber>> {
        let publishers: Vec<_> = (0..4).map(|publisher| scope.spawn(move || publish(publisher))).collect();
        let mut all = Vec::new();
        for publisher in publishers {
            all.extend(publisher.join().map_err(|_| anyhow!("a publisher died"))??);
        }
        Ok(all)
    })?;
    numbers.sort();
    assert_eq!(numbers.iter().map(|number| number.get()).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
    let published: Vec<VersionNumber> = registry.versions()?.iter().map(|version| version.version).collect();
    assert_eq!(published, numbers);
    Ok(())
}
