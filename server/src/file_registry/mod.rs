//! The registry guide's layout of files: a folder `v{N}` for each version of a model.
//!
//! A version that gateways can run lies there as its bundle, or has its bundle in `v{N}/bundle`, beside the guide's
//! `metadata.json`; a version that they cannot run lies there as whatever files it has, with that
//! `metadata.json`. Components, which bundles share, lie in `components/{sha256}.wasm`.
//!
//! | module | holds |
//! | --- | --- |
//! | [`import`](mod@import) | from such a folder into the registry |
//! | [`export`](mod@export) | from the registry into such a folder |
//!
//! | module | what they share |
//! | --- | --- |
//! | `folder` | a `v{N}` on disk, and what else lies beside it |
//! | `content` | the files of a version, by path, digest and size |
//! | `guide` | the guide's `metadata.json`, as tags |
//! | `numbers` | whether a version may have its number |
//! | `row` | an imported version's rows |

mod content;
pub mod export;
mod folder;
mod guide;
pub mod import;
mod numbers;
mod row;

/// The guide's file, which every version has.
const METADATA: &str = "metadata.json";
/// The folder of the components.
const COMPONENTS: &str = "components";
/// Who it was, as the audit trail calls them.
const IMPORTER: &str = "overhaul-server import";
