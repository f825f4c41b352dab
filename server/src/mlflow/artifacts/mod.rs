//! `mlflow-artifacts`: files under the paths that `MLflow`'s client knows them by.
//!
//! A path is a name for a blob, so two equal files are stored once. The folder `bundles` is made of the
//! published bundles, and nobody writes there.
//!
//! | module | its resource |
//! | --- | --- |
//! | `files` | `artifacts/{path}`: upload, download, deletion |
//! | `listing` | `artifacts?path=`, and `artifacts/list` of a run |
//! | `uploads` | `mpu/…`: multipart uploads |
//! | `parts` | `signed/parts/…`: the parts of an upload, which come without credentials |
//! | `downloads` | `presigned/{path}` and `signed/files/…`: downloads without credentials |
//! | `root` | artifacts by the URI of the folder that they lie in |
//! | `tree` | what lies at a path, and whether it may be written |
//! | `bundles` | the folder of the published bundles |
//! | `expiry` | what becomes of uploads that are never completed |
//! | `at` | the path in a URL |
//! | `media_type` | what a file is, by its name |

use axum::Router;

use crate::api::App;

mod at;
mod bundles;
mod downloads;
pub(crate) mod expiry;
mod files;
mod listing;
mod media_type;
mod parts;
pub(super) mod root;
mod tree;
mod uploads;

/// Where these routes lie, below the origin; signed URLs name it.
const ROOT: &str = "/api/2.0/mlflow-artifacts";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(files::routes())
        .merge(listing::routes())
        .merge(uploads::routes())
        .merge(parts::routes())
        .merge(downloads::routes())
}
