//! Why a model or a window is refused: the four cases of `wit/inference.wit`.

/// Why a call was refused. The text names the thing and the value, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are no ONNX model, or a model that contradicts itself.
    #[error("bad model: {0}")]
    BadModel(String),
    /// The model uses an operator, or an operator's attribute, that is not supported.
    #[error("unsupported operator: {0}")]
    UnsupportedOperator(String),
    /// The model's inputs and outputs, or the number of values in a call, have the wrong shape.
    #[error("wrong shape: {0}")]
    WrongShape(String),
    /// A value in the windows, or in the answer, is NaN or infinite.
    #[error("not finite: {0}")]
    NotFinite(String),
}

/// The longest text of a foreign error that is passed on, in characters.
const LONGEST: usize = 400;

impl Error {
    /// A foreign error's whole chain in one line of bounded length.
    pub(crate) fn engine(doing: &str, error: &impl std::fmt::Display) -> Self {
        Self::BadModel(one_line(&format!("{doing}: {error:#}")))
    }
}

/// Text from a model or from the engine, fit for a log line.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

/// Values as `[1, 2, 3]`. Not by `Debug`: the component is built without it, for its size.
pub(crate) fn list<T: std::fmt::Display>(values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    format!("[{}]", values.join(", "))
}
