//! Signatures for URLs that work without credentials, for what they name and until they expire.
//!
//! HMAC-SHA256 (RFC 2104) with a key that the registry made for itself and that never leaves it.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::Deserialize;
use sha2::Sha256;

use crate::store::{Store, secrets};

/// The name of the key.
const SECRET: &str = "url-signing";

/// Signs and checks URLs. Cheap to clone.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

/// The parameters of a signed URL.
#[derive(Debug, Clone, Deserialize)]
pub struct Signature {
    /// When the URL ends, in seconds since 1970.
    expires: i64,
    signature: String,
}

/// Why a URL is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// It was signed, but its time is over.
    #[error("the URL has expired; ask for a new one")]
    Expired,
    /// This registry did not sign it.
    #[error("the URL is not signed by this registry; use it exactly as it was given")]
    Forged,
}

impl Signer {
    /// Reads the registry's key, or makes one.
    pub async fn open(store: &Store) -> anyhow::Result<Self> {
        let mut new = [0; 32];
        let random = rustls::crypto::ring::default_provider().secure_random;
        random.fill(&mut new).ok().context("the system has no random numbers for a key")?;
        let key: Vec<u8> = store.write(move |tx| secrets::get_or_insert(tx, SECRET, &new)).await?;
        Ok(Self(Hmac::new_from_slice(&key).context("the registry's key is not valid")?))
    }

    /// The query of a URL for `what`, valid before `expires` (to the second).
    pub fn sign(&self, what: &[&str], expires: Timestamp) -> String {
        let expires = expires.as_second();
        let signature = self.code(what, expires).finalize().into_bytes();
        format!("expires={expires}&signature={}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether a query is one for `what`, and still valid.
    pub fn check(&self, what: &[&str], query: &Signature, now: Timestamp) -> Result<(), Unsigned> {
        let signature = URL_SAFE_NO_PAD.decode(&query.signature).map_err(|_| Unsigned::Forged)?;
        // In constant time.
        self.code(what, query.expires).verify_slice(&signature).map_err(|_| Unsigned::Forged)?;
        if now.as_second() < query.expires { Ok(()) } else { Err(Unsigned::Expired) }
    }

    fn code(&self, what: &[&str], expires: i64) -> Hmac<Sha256> {
        let mut code = self.0.clone();
        for field in what {
            // With its length, so that no two lists of fields are the same bytes.
            code.update(&(field.len() as u64).to_le_bytes());
            code.update(field.as_bytes());
        }
        code.update(&expires.to_le_bytes());
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn query(text: &str) -> Signature {
        let (expires, signature) = text.strip_prefix("expires=").unwrap().split_once("&signature=").unwrap();
        Signature { expires: expires.parse().unwrap(), signature: signature.to_owned() }
    }

    fn signer(key: u8) -> Signer {
        Signer(Hmac::new_from_slice(&[key; 32]).unwrap())
    }

    #[test]
    fn a_signature_is_for_what_was_signed_until_it_expires() {
        let signed = query(&signer(1).sign(&["part", "a", "1"], time(100)));
        let check = |key, what: &[&str], query: &Signature, now| signer(key).check(what, query, time(now));
        assert_eq!(check(1, &["part", "a", "1"], &signed, 99), Ok(()));
        assert_eq!(check(1, &["part", "a", "1"], &signed, 100), Err(Unsigned::Expired));
        assert_eq!(check(2, &["part", "a", "1"], &signed, 99), Err(Unsigned::Forged));
        for what in [&["part", "a", "2"][..], &["part", "a1"], &["parta", "", "1"], &["part", "a", "1", ""]] {
            assert_eq!(check(1, what, &signed, 99), Err(Unsigned::Forged), "{what:?}");
        }
        let later = Signature { expires: 200, ..signed.clone() };
        assert_eq!(check(1, &["part", "a", "1"], &later, 99), Err(Unsigned::Forged));
        for signature in ["", "x", &signed.signature[1..]] {
            let cut = Signature { signature: signature.to_owned(), ..signed.clone() };
            assert_eq!(check(1, &["part", "a", "1"], &cut, 99), Err(Unsigned::Forged));
        }
    }
}
