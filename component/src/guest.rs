//! The component's side of `wit/inference.wit`: one model at a time behind the exported interface.

use std::cell::RefCell;

use crate::{Error, Model};
use bindings::exports::overhaul::inference::model::{Error as WitError, Guest, Specification};

/// What wit-bindgen generates.
// Lifting and lowering the canonical ABI is unsafe by nature and is generated, not written here.
#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::pedantic)]
mod bindings {
    wit_bindgen::generate!({ path: "../wit", world: "inference" });
    export!(Component with_types_in self);
    use super::Component;
}

thread_local! {
    static LOADED: RefCell<Option<Model>> = const { RefCell::new(None) };
}

struct Component;

impl Guest for Component {
    fn load(onnx: Vec<u8>) -> Result<Specification, WitError> {
        // A failed load leaves no model behind, and the old one makes room for the new one first.
        LOADED.set(None);
        let model = Model::load(&onnx)?;
        let specification = model.specification();
        LOADED.set(Some(model));
        Ok(Specification {
            window_length: specification.window_length as u32,
            features: specification.features as u32,
            outputs: specification.outputs as u32,
        })
    }

    fn predict(windows: Vec<f32>) -> Result<Vec<f32>, WitError> {
        LOADED.with_borrow_mut(|loaded| match loaded {
            Some(model) => Ok(model.predict(&windows)?),
            None => Err(WitError::BadModel("no model is loaded".to_owned())),
        })
    }
}

impl From<Error> for WitError {
    fn from(error: Error) -> Self {
        match error {
            Error::BadModel(text) => Self::BadModel(text),
            Error::UnsupportedOperator(text) => Self::UnsupportedOperator(text),
            Error::WrongShape(text) => Self::WrongShape(text),
            Error::NotFinite(text) => Self::NotFinite(text),
        }
    }
}
