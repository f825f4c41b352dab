//! The signature that a receiver checks, by the conventions of Standard Webhooks (standardwebhooks.com).

use std::fmt;

use anyhow::Context as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The header of the signature.
pub(super) const SIGNATURE: &str = "x-mlflow-signature";
/// The header of the delivery's id, the same at each attempt.
pub(super) const DELIVERY_ID: &str = "x-mlflow-delivery-id";
/// The header of the attempt's time, in seconds since 1970.
pub(super) const TIMESTAMP: &str = "x-mlflow-timestamp";

/// What a webhook and its receiver share. It is not shown, not even to a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret; `None` of an empty text, which is how `MLflow` says that there is none.
    pub fn new(text: String) -> Option<Self> {
        (!text.is_empty()).then_some(Self(text))
    }

    /// The text, for the database.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// `v1,` and the HMAC-SHA256 of `{delivery_id}.{timestamp}.{payload}` in base64, keyed with the bytes.
    pub(super) fn sign(&self, delivery_id: &str, timestamp: i64, payload: &str) -> anyhow::Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).context("the secret is no key")?;
        mac.update(format!("{delivery_id}.{timestamp}.{payload}").as_bytes());
        Ok(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_that_mlflow_makes() {
        // Made with MLflow 3.17.2's own function.
        let secret = Secret::new("geheim ✓".to_owned()).unwrap();
        let signature = secret.sign("0b0b", 1_772_366_400, r#"{"a": "ü"}"#).unwrap();
        assert_eq!(signature, "v1,GF7sAzvvy0M5DqxGyhyr4ZOk9AW0bO34KQ2/6xB1/2M=");
    }

    #[test]
    fn a_secret_is_not_shown_and_an_empty_one_is_none() {
        assert_eq!(format!("{:?}", Secret::new("hidden".to_owned())), "Some(Secret(…))");
        assert_eq!(Secret::new(String::new()), None);
    }
}
