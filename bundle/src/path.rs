//! Paths inside a bundle: relative, plain, unable to climb out of the directory.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::names::{InvalidName, checked_string, shortened};

/// A path of a file inside a bundle: 1 to 8 parts joined by `/`, each 1 to 128 ASCII letters,
/// digits, `.`, `_` or `-`, none of them made of dots only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(
        value_type = String,
        pattern = r"^\.*[A-Za-z0-9_-][A-Za-z0-9._-]*(/\.*[A-Za-z0-9_-][A-Za-z0-9._-]*){0,7}$",
        example = "model.onnx"
    )
)]
#[serde(try_from = "String", into = "String")]
pub struct BundlePath(String);

impl BundlePath {
    /// The file's place on disk under a bundle's directory.
    pub fn under(&self, directory: &Path) -> PathBuf {
        self.0.split('/').fold(directory.to_owned(), |path, part| path.join(part))
    }
}

impl FromStr for BundlePath {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let part_ok = |part: &str| {
            (1..=128).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
                && part.bytes().any(|b| b != b'.')
        };
        if text.split('/').count() <= 8 && text.split('/').all(part_ok) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidName {
            kind: "bundle path",
            value: shortened(text),
            rule: "use a relative path of ASCII letters, digits, '.', '_', '-' and '/', without '..'",
        })
    }
}

checked_string!(BundlePath);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_that_climbs_out_is_refused_in_every_disguise() {
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "a\\..\\b",
            "..\\x",
            "C:/x",
            "a\0b",
            "%2e%2e/x",
            "%252e%252e/x",
            "a/b#c",
            "a b",
            "...",
            "~/x",
            "a/b/c/d/e/f/g/h/i",
        ] {
            assert!(bad.parse::<BundlePath>().is_err(), "{bad:?}");
        }
        for good in ["model.onnx", "data/report.html", ".hidden", "a-b_c.1"] {
            assert!(good.parse::<BundlePath>().is_ok(), "{good:?}");
        }
    }

    proptest! {
        #[test]
        fn every_accepted_path_stays_under_its_directory(text in "[a-z./\\\\%]{0,20}") {
            if let Ok(path) = text.parse::<BundlePath>() {
                let joined = path.under(Path::new("/base"));
                prop_assert!(joined.starts_with("/base"));
                prop_assert!(joined.components().all(|c| !matches!(c, std::path::Component::ParentDir)));
            }
        }
    }
}
