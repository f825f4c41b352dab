//! From a WebAssembly module to a component that imports nothing.

use anyhow::{Context as _, Result, bail};
use wit_component::{ComponentEncoder, DecodedWasm};

/// The component of a module that `wit-bindgen` has left its interface in. One that imports anything
/// is refused: the sandbox would refuse it as well.
pub(super) fn component(module: &[u8]) -> Result<Vec<u8>> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .context("no module with an interface")?
        .encode()
        .context("cannot make a component of the module")?;
    match wit_component::decode(&component).context("cannot read the component back")? {
        DecodedWasm::Component(resolve, world) => {
            let imports: Vec<String> =
                resolve.worlds[world].imports.keys().map(|key| resolve.name_world_key(key)).collect();
            if !imports.is_empty() {
                bail!("the component imports {}; it must import nothing", imports.join(", "));
            }
        }
        DecodedWasm::WitPackage(..) => bail!("the result is a package of interfaces, not a component"),
    }
    Ok(component)
}
