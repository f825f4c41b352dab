//! Where blobs are kept, as the command line names it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use object_store::path::Path;

/// Where blobs are kept: a folder of this machine, or a bucket of an S3-compatible object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobPlace {
    /// A folder, created when missing.
    Folder(PathBuf),
    /// A bucket that exists, reached with the settings in the environment.
    Bucket {
        /// The bucket's name.
        name: String,
        /// What all keys begin with; may be empty.
        prefix: String,
    },
}

/// What is neither a folder nor a bucket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no place for blobs; name a folder, or a bucket such as s3://bucket/prefix")]
pub struct InvalidBlobPlace(String);

impl FromStr for BlobPlace {
    type Err = InvalidBlobPlace;

    fn from_str(text: &str) -> Result<Self, InvalidBlobPlace> {
        let invalid = || InvalidBlobPlace(text.to_owned());
        let Some((scheme, rest)) = text.split_once("://") else {
            return if text.is_empty() { Err(invalid()) } else { Ok(Self::Folder(text.into())) };
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let name_ok =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        let prefix_ok = !prefix.starts_with('/') && Path::parse(prefix).is_ok();
        if scheme != "s3" || !name_ok || !prefix_ok {
            return Err(invalid());
        }
        Ok(Self::Bucket { name: name.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for BlobPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_a_bucket_are_told_apart() {
        let bucket =
            |name: &str, prefix: &str| BlobPlace::Bucket { name: name.into(), prefix: prefix.into() };
        for (text, wanted) in [
            ("blobs", BlobPlace::Folder("blobs".into())),
            ("/srv/s3:/x", BlobPlace::Folder("/srv/s3:/x".into())),
            ("s3://models", bucket("models", "")),
            ("s3://models/", bucket("models", "")),
            ("s3://models/a/b/", bucket("models", "a/b")),
        ] {
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        for text in ["", "s3://", "s3:///x", "gs://models", "s3://a b", "s3://models//x", "s3://models/../x"]
        {
            assert!(text.parse::<BlobPlace>().is_err(), "{text}");
        }
    }
}
