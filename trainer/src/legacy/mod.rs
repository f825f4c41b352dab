//! Models and scalers that Python pickled, read as data: nothing in the file is ever run.
//!
//! A pickle is a program for a small stack machine whose dangerous instructions call whatever function
//! the file names. The machine here has no functions: it knows a short list of names, treats each as a
//! mark on the data that follows, and refuses a file that names anything else, before reading on.
//!
//! | module | holds |
//! | --- | --- |
//! | `pickle` | the machine, its memory and the list of names |
//! | `number` | the number formats of PyTorch and NumPy |
//! | `numpy` | arrays, as pickled and as joblib puts them between the opcodes |
//! | `torch` | `.pth`: both formats of `torch.save`, checkpoints, tensors |
//! | `scaler` | `.pkl`: scikit-learn's `StandardScaler` by pickle or joblib |
//!
//! What is bounded and where: opcodes and objects in `pickle::heap`, declared lengths by the bytes that
//! are left in `pickle::cursor`, tensors in `torch`, decompression in `torch` and `scaler`.

mod error;
mod number;
mod numpy;
mod pickle;
mod scaler;
mod torch;

pub use error::LegacyError;
pub use scaler::{StandardScaler, read_scaler};
pub use torch::{Tensor, read_state_dict};

#[cfg(test)]
mod tests;
