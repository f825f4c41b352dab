//! Where an experiment's artifacts may lie.
//!
//! By default that is `mlflow-artifacts:/{id}`, which this registry keeps. Any other location is a matter
//! between clients and the storage that they reach themselves: the registry keeps its text, hands it out and
//! never opens it. Refused is what would send clients to a host that somebody names, as the real server
//! refuses it, and what would leave the registry's own storage.

use percent_encoding::percent_decode_str;

use crate::api::ApiError;
use crate::mlflow::check::length;

/// The most characters of a location.
const MAX: usize = 2048;
/// Schemes with which whoever names the location chooses the host that clients connect to.
const HOSTS: [&str; 9] = ["ftp", "sftp", "hdfs", "viewfs", "http", "https", "r2", "b2", "abfss"];
/// The scheme of what this registry keeps.
const OWN: &str = "mlflow-artifacts";
/// How often a text may have been percent-encoded.
const ENCODED: usize = 10;

/// Refuses a location that no experiment may have.
pub(super) fn check(location: &str) -> Result<(), ApiError> {
    let refuse = |why: &str| Err(ApiError::invalid(format!("artifact_location {location:?} {why}")));
    length("artifact_location", location, MAX)?;
    if location.chars().any(char::is_control) || location.contains('#') {
        return refuse("has a control character or a fragment; leave them out");
    }
    let (path, query) = location.split_once('?').unwrap_or((location, ""));
    if decoded(query).is_none_or(|query| query.contains("..")) {
        return refuse("has `..` in its query; leave it out");
    }
    let Some((scheme, rest)) = path.split_once(':') else { return Ok(()) };
    match scheme.to_ascii_lowercase().as_str() {
        "runs" => refuse("is a runs:/ URI; name a folder such as mlflow-artifacts:/folder"),
        OWN if rest.starts_with("//") => refuse("names a host; write mlflow-artifacts:/folder"),
        OWN if decoded(rest).is_none_or(|path| leaves(&path)) => {
            refuse("leaves the registry's storage; name a folder without `..` and backslashes")
        }
        scheme if HOSTS.contains(&scheme) => {
            refuse("names a host that clients would connect to; use mlflow-artifacts:/folder")
        }
        _ => Ok(()),
    }
}

/// The text without any percent-encoding, however often it was encoded; `None` when there is no end to it.
fn decoded(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    for _ in 0..ENCODED {
        let next = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if next == text {
            return Some(text);
        }
        text = next;
    }
    None
}

fn leaves(path: &str) -> bool {
    path.contains(['\\', '\0']) || path.split('/').any(|part| part == "..")
}

/// A folder below a location, which may have a query.
pub(in crate::mlflow) fn below(location: &str, folder: &str) -> String {
    let (path, query) =
        location.split_once('?').map_or((location, None), |(path, query)| (path, Some(query)));
    let path = path.strip_suffix('/').unwrap_or(path);
    query.map_or_else(|| format!("{path}/{folder}"), |query| format!("{path}/{folder}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_that_leads_elsewhere_is_refused() {
        let fine = [
            "mlflow-artifacts:/x/y",
            "mlflow-artifacts:/a b",
            "mlflow-artifacts:/x?y=z",
            "s3://bucket/x",
            "gs://bucket",
            "wasbs://c@a.blob.core.windows.net/x",
            "file:///shared/mlruns",
            "/shared/mlruns",
            "./mlruns",
        ];
        for location in fine {
            assert!(check(location).is_ok(), "{location}");
        }
        let long = format!("s3://{}", "x".repeat(2048));
        let refused = [
            "runs:/abc/x",
            "http://host/x",
            "HTTPS://host/x",
            "ftp://host",
            "hdfs://host/x",
            "abfss://c@host/x",
            "mlflow-artifacts://host/x",
            "mlflow-artifacts:/x/../../y",
            "mlflow-artifacts:/%2e%2e/x",
            "mlflow-artifacts:/%252e%252e/x",
            "mlflow-artifacts:/x\\..\\y",
            "mlflow-artifacts:/x%00y",
            "mlflow-artifacts:/x#y",
            "s3://bucket/x?a=../b",
            "s3://bucket/x\ny",
            &long,
        ];
        for location in refused {
            assert!(check(location).is_err(), "{location}");
        }
    }

    #[test]
    fn folders_are_put_before_the_query() {
        assert_eq!(below("mlflow-artifacts:/3", "r/artifacts"), "mlflow-artifacts:/3/r/artifacts");
        assert_eq!(below("mlflow-artifacts:/", "r"), "mlflow-artifacts:/r");
        assert_eq!(below("s3://bucket/x?k=v", "r"), "s3://bucket/x/r?k=v");
    }
}
