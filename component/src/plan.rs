//! Runnable plans by batch size: tract specialises a plan for its shapes, so a few sizes are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use tract_core::internal::{IntoRunnable as _, IntoTValue as _, Tensor, TypedModel, TypedSimplePlan, tvec};

use crate::error::Error;
use crate::network::{Batch, Network};
use crate::translate::translate;

/// The batch sizes that plans are made for, largest first: a batch is served by the largest that
/// fits, again and again. More sizes would cost memory for little speed.
const SIZES: [usize; 3] = [64, 8, 1];

/// A network with the plans made of it so far.
#[derive(Debug)]
pub(crate) struct Plans {
    network: Network,
    by_size: BTreeMap<usize, Arc<TypedSimplePlan>>,
}

impl Plans {
    /// Makes the plan for one window, checks that two windows would do as well, and answers the
    /// number of outputs.
    pub(crate) fn new(network: Network) -> Result<(Self, usize), Error> {
        let mut plans = Self { network, by_size: BTreeMap::new() };
        let (model, outputs) = translate(&plans.network, 1)?;
        if plans.network.batch == Batch::Any {
            let (_, of_two) = translate(&plans.network, 2).map_err(|e| {
                Error::WrongShape(format!("the model runs one window but not two at a time: {e}"))
            })?;
            if of_two != outputs {
                return Err(Error::WrongShape(format!(
                    "the model answers {outputs} values for one window and {of_two} each for two"
                )));
            }
        }
        plans.by_size.insert(1, optimized(model)?);
        // A plan that tract makes but cannot run is found here and not at the first prediction.
        let window = vec![0.0; plans.network.window_length * plans.network.features];
        plans.run(1, &window)?;
        Ok((plans, outputs))
    }

    /// The largest size of plan that a number of windows fills.
    pub(crate) fn size_for(&self, windows: usize) -> usize {
        match self.network.batch {
            Batch::One => 1,
            Batch::Any => SIZES.into_iter().find(|&size| size <= windows).unwrap_or(1),
        }
    }

    /// Runs `size` windows on a fresh state: tract's states have drifted over calls when reused.
    pub(crate) fn run(&mut self, size: usize, windows: &[f32]) -> Result<Vec<f32>, Error> {
        let failed = |e| Error::engine("the model cannot run", &e);
        let shape = [size, self.network.window_length, self.network.features];
        let input = Tensor::from_shape(&shape, windows).map_err(failed)?;
        let outputs = self.plan(size)?.run(tvec!(input.into_tvalue())).map_err(failed)?;
        let output = outputs
            .first()
            .ok_or_else(|| Error::BadModel("the model cannot run: it answers nothing".to_owned()))?;
        let view = output.try_as_plain_ram().map_err(failed)?;
        Ok(view.as_slice::<f32>().map_err(failed)?.to_vec())
    }

    fn plan(&mut self, size: usize) -> Result<Arc<TypedSimplePlan>, Error> {
        if let Some(plan) = self.by_size.get(&size) {
            return Ok(plan.clone());
        }
        let plan = optimized(translate(&self.network, size)?.0)?;
        self.by_size.insert(size, plan.clone());
        Ok(plan)
    }
}

fn optimized(model: TypedModel) -> Result<Arc<TypedSimplePlan>, Error> {
    model
        .into_optimized()
        .and_then(TypedModel::into_runnable)
        .map_err(|e| Error::engine("the model cannot be planned", &e))
}
