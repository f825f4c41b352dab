//! What an access token looks like, and what is kept of it.
//!
//! A token is `ovh_`, the number of its row, `_`, and 256 random bits in hexadecimal. The number finds the row;
//! of the random part only the SHA-256 digest is kept, which needs no salt, as nobody can guess 256 random bits.

use anyhow::anyhow;
use overhaul_bundle::Sha256Digest;
use subtle::ConstantTimeEq as _;

/// How every token begins, so that people and scanners of leaked secrets know one when they see it.
pub const PREFIX: &str = "ovh_";
/// Bytes of the random part.
const BYTES: usize = 32;

/// The random part of a new token.
pub struct Secret(String);

impl Secret {
    /// Asks the system for random bits.
    pub fn generate() -> anyhow::Result<Self> {
        use std::fmt::Write as _;
        let mut bytes = [0; BYTES];
        let random = rustls::crypto::ring::default_provider().secure_random;
        random.fill(&mut bytes).map_err(|_| anyhow!("the system gives no random numbers"))?;
        let mut text = String::with_capacity(2 * BYTES);
        for byte in bytes {
            write!(text, "{byte:02x}")?;
        }
        Ok(Self(text))
    }

    /// What is kept of it.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.0.as_bytes())
    }

    /// The whole token, for the row of this number.
    pub fn token(&self, id: i64) -> String {
        format!("{PREFIX}{id}_{}", self.0)
    }
}

/// A token as a request sends it.
pub struct Presented {
    /// The number of its row.
    pub id: i64,
    digest: Sha256Digest,
}

impl Presented {
    /// Takes a token apart; `None` for what looks like none.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let id = id.parse().ok().filter(|_| id.bytes().all(|b| b.is_ascii_digit()))?;
        let whole = secret.len() == 2 * BYTES && secret.bytes().all(|b| b.is_ascii_hexdigit());
        whole.then(|| Self { id, digest: Sha256Digest::of(secret.as_bytes()) })
    }

    /// Whether its secret is the one of that digest; takes as long wherever they differ.
    pub fn is(&self, kept: &Sha256Digest) -> bool {
        self.digest.as_bytes().ct_eq(kept.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_again_by_its_digest_alone() {
        let secret = Secret::generate().unwrap();
        let token = secret.token(17);
        assert_eq!(token.len(), "ovh_17_".len() + 64);
        let presented = Presented::parse(&token).unwrap();
        assert_eq!(presented.id, 17);
        assert!(presented.is(&secret.digest()));
        assert!(!presented.is(&Secret::generate().unwrap().digest()));
    }

    #[test]
    fn what_looks_like_no_token_is_none() {
        let hex = "0".repeat(64);
        let bad =
            ["", "ovh_", "ovh_1", "ovh_1_", "ovh__0", &format!("ovh_1_{hex}0"), &format!("ovh_+1_{hex}")];
        for bad in bad.into_iter().chain([format!("ovh_-1_{hex}").as_str(), &format!("OVH_1_{hex}"), &hex]) {
            assert!(Presented::parse(bad).is_none(), "{bad:?}");
        }
        assert!(Presented::parse(&format!("ovh_1_{hex}")).is_some());
    }
}
