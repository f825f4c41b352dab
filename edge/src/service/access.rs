//! The registry, with the token and the certificate authorities that the settings name.

use std::fs;
use std::path::Path;

use overhaul_bundle::Mistake;
use overhaul_client::mlflow::Token;
use overhaul_client::{Access, Registry};

use crate::config::{Config, Settings};

/// The registry at a URL. A token in the environment counts before a file with one, unless a flag or a variable
/// names the file.
pub fn registry(url: &str, config: &Config) -> anyhow::Result<Registry> {
    let Settings { token_file, ca_cert, download_rate, .. } = &config.settings;
    let mut access = Access::default().with_token_of_env().map_err(told)?;
    let file_counts = Settings::token_file_counts_first(&config.layers) || !access.has_token();
    if let Some(token) = token_file.as_deref().filter(|_| file_counts).map(token).transpose()?.flatten() {
        access = access.with_token(token);
    }
    if let Some(path) = ca_cert {
        access = authorities(access, path)?;
    }
    Ok(Registry::with(url, &access).map_err(told)?.with_rate(*download_rate))
}

/// The token in a file; `None` when it is empty, as a service's credential is that nobody set.
pub fn token(path: &Path) -> Result<Option<Token>, Mistake> {
    let bad =
        |problem: &str| Mistake::new(format!("the token file {} is not usable: {problem}", path.display()));
    let text =
        fs::read_to_string(path).map_err(|e| bad(&format!("{e}; name one that this user may read")))?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    // The token itself is not shown.
    Token::new(&text)
        .map(Some)
        .map_err(|_| bad("it holds no token that an HTTP header can carry; write it anew"))
}

/// Trusts the certificate authorities in a file as well.
pub fn authorities(access: Access, path: &Path) -> Result<Access, Mistake> {
    let bad = |problem: String| {
        let path = path.display();
        Mistake::new(format!("the certificate authorities {path} are not usable: {problem}; name a PEM file"))
    };
    let pem = fs::read(path).map_err(|e| bad(e.to_string()))?;
    let before = access.authorities();
    let access = access.with_authorities(&pem).map_err(|e| bad(e.to_string()))?;
    if access.authorities() == before { Err(bad("it holds no certificate".to_owned())) } else { Ok(access) }
}

fn told(error: overhaul_client::ClientError) -> anyhow::Error {
    error.mistake().map_or_else(|| error.into(), anyhow::Error::from)
}
