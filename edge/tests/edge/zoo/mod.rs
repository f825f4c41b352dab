//! A zoo of hostile components, made in the test run.
//!
//! | here | what |
//! | --- | --- |
//! | `animals/` | one text a component: what it does otherwise than a good one |
//! | `parts/` | what a good one does, for whatever an animal's text leaves out |
//! | [`breeds`] | components that are made by counting: too large, too deep, too dear to compile |
//! | [`turncoat`] | components that answer right at first and turn bad later |
//! | `cages` | the list of all, with what the agent says to each |
//! | `alone` | each in the sandbox, without an agent |
//! | `at_large` | each offered to a running agent |
//! | `told` | all offered to running agents, one after the other: what the registry hears of it |
//! | `mutants` | a good component with any bytes changed |

#[macro_use]
mod cages;

mod alone;
pub(crate) mod at_large;
pub(crate) mod breeds;
mod mutants;
mod told;
pub(crate) mod turncoat;

use crate::support::hostile;

/// A model that any component of the zoo loads.
pub(crate) const MODEL: &[u8] = b"a component of the zoo takes any model";

/// What a component that behaves does when it is asked.
const PREDICT: &str = include_str!("parts/predict.wat");

/// What a component of the zoo is made of: each part's default, unless its own text has that export.
const PARTS: [(&str, &str); 4] = [
    (r#"(export "memory")"#, include_str!("parts/memory.wat")),
    (r#"(export "realloc")"#, include_str!("parts/realloc.wat")),
    (r#"(export "load")"#, include_str!("parts/load.wat")),
    (r#"(export "predict")"#, PREDICT),
];

/// The shape of a component's model, and the number that it answers when it behaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Model {
    pub(crate) window: usize,
    pub(crate) features: usize,
    pub(crate) answer: f32,
}

impl Default for Model {
    fn default() -> Self {
        Self { window: 1, features: 1, answer: 1.0 }
    }
}

/// A component that behaves but for what `text` defines.
pub(crate) fn component(text: &str) -> Vec<u8> {
    hostile::lift(&module(text, Model::default()))
}

/// The text of a core module that behaves but for what `text` defines.
pub(crate) fn module(text: &str, model: Model) -> String {
    let missing = PARTS.into_iter().filter(|(export, _)| !text.contains(export));
    let parts: String = missing.map(|(_, part)| part).collect();
    format!("(core module $code {parts}\n{text})")
        .replace("WINDOW", &model.window.to_string())
        .replace("FEATURES", &model.features.to_string())
        .replace("SIZE", &(model.window * model.features).to_string())
        .replace("ANSWER", &format!("{:?}", model.answer))
}
