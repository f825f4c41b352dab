//! `.pth` files: the state dict in what `torch.save` wrote.
//!
//! | module | holds |
//! | --- | --- |
//! | [`archive`] | the zip format, since PyTorch 1.6 |
//! | [`stream`] | the format before, one stream of pickles and storages |
//! | [`checkpoint`] | the state dict, alone or in a checkpoint |
//! | [`view`] | a tensor's place in its storage |
//! | [`fill`] | its numbers |

mod archive;
mod checkpoint;
mod fill;
mod stream;
mod view;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use super::error::{LegacyError, Refusal};

/// How many numbers a state dict may have: 256 MiB of `f32`. A view may repeat its storage, so that
/// the file's size bounds nothing.
const MOST_NUMBERS: usize = 1 << 26;
const MEND: &str = "save model.state_dict(), real and not quantised, with torch.save";

/// A parameter as `f32`, whatever format the file has it in.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Dimensions, outermost first.
    pub dims: Vec<usize>,
    /// As many numbers as the dimensions' product, row-major.
    pub values: Vec<f32>,
}

/// The bytes of storages by their key.
type Storages<'a> = BTreeMap<String, Cow<'a, [u8]>>;

/// The state dict in the bytes of a `.pth`, by parameter name; `path` is for messages only.
///
/// A checkpoint's state dict is looked for under `state_dict`, `model_state_dict` and `model`.
pub fn read_state_dict(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, LegacyError> {
    let read = match bytes {
        [b'P', b'K', 3, 4, ..] => archive::read(bytes),
        _ if bytes.get(257..262) == Some(b"ustar") => {
            Refusal::unsupported("is in the tar format of PyTorch before 0.1.10")
        }
        _ => stream::read(bytes),
    };
    read.map_err(|refusal| refusal.in_file(path, MEND))
}
