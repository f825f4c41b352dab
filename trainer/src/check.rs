//! The golden vectors through all that will run the model, before anybody may pull it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use overhaul_bundle::golden::Golden;
use overhaul_bundle::manifest::ComponentEntry;
use overhaul_component::Model;
use overhaul_edge::sandbox::{Limits, Sandbox};

/// The component that exports are checked with, read from its file.
#[derive(Debug)]
pub struct Component {
    /// Where it lies.
    pub path: PathBuf,
    /// What a manifest says of it.
    pub entry: ComponentEntry,
    bytes: Vec<u8>,
}

impl Component {
    /// The one that is named, else the one that `OVERHAUL_COMPONENT` names or that lies beside this program.
    pub fn find(explicit: Option<&Path>) -> anyhow::Result<Self> {
        let path = overhaul_bundle::component::locate(explicit)?;
        let (bytes, entry) = overhaul_bundle::component::read(&path)?;
        Ok(Self { path, entry, bytes })
    }

    /// Compiles it, which takes seconds.
    pub fn compile(&self) -> Result<Sandbox, Mistake> {
        Sandbox::compile(&self.bytes, Limits::default()).map_err(|e| {
            let path = self.path.display();
            Mistake::new(format!(
                "{path} does not serve as component: {e}; build it with `cargo xtask setup`"
            ))
        })
    }
}

/// The largest differences, in cycles, that the golden vectors showed between two ways to run a model.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Agreement {
    /// libtorch against tract built for this machine.
    pub libtorch_native: f32,
    /// libtorch against the component in the sandbox.
    pub libtorch_component: f32,
    /// Tract built for this machine against the component in the sandbox.
    pub native_component: f32,
    /// The largest difference that is allowed.
    pub tolerance: f32,
}

impl Agreement {
    /// Runs the golden vectors, whose expected values are libtorch's, through native tract and through the
    /// component in its sandbox. An error if either refuses the model; how far apart they are is the answer.
    pub fn measure(golden: &Golden, onnx: &[u8], sandbox: &Sandbox) -> anyhow::Result<Self> {
        let mut native = Model::load(onnx).context("native tract does not load the exported model")?;
        let native =
            native.predict(&golden.windows).context("native tract does not run the golden vectors")?;
        let mut component =
            sandbox.instantiate(onnx).context("the component does not load the exported model")?;
        let component =
            component.predict(&golden.windows).context("the component does not run the golden vectors")?;
        let of_native = Golden { expected: native.clone(), ..golden.clone() };
        Ok(Self {
            libtorch_native: golden.largest_difference(&native),
            libtorch_component: golden.largest_difference(&component),
            native_component: of_native.largest_difference(&component),
            tolerance: golden.tolerance,
        })
    }

    /// True when no two ways differ by more than the tolerance.
    pub fn holds(&self) -> bool {
        [self.libtorch_native, self.libtorch_component, self.native_component]
            .iter()
            .all(|&difference| difference <= self.tolerance)
    }
}

impl std::fmt::Display for Agreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "libtorch to native tract {:.1e}, libtorch to component {:.1e}, native tract to component {:.1e} cycles (at most {:.0e})",
            self.libtorch_native, self.libtorch_component, self.native_component, self.tolerance
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_difference_above_the_tolerance_or_not_finite_is_enough_to_refuse() {
        let good = Agreement {
            libtorch_native: 1e-5,
            libtorch_component: 1e-3,
            native_component: 0.0,
            tolerance: 1e-3,
        };
        assert!(good.holds());
        for bad in [2e-3, f32::INFINITY, f32::NAN] {
            assert!(!Agreement { libtorch_native: bad, ..good }.holds());
            assert!(!Agreement { libtorch_component: bad, ..good }.holds());
            assert!(!Agreement { native_component: bad, ..good }.holds());
        }
    }
}
