//! Who a program is to a server, and whose certificates it trusts: from its environment.

use std::env::{self, VarError};
use std::path::PathBuf;

use reqwest::Certificate;

use crate::ClientError;
use crate::mlflow::{Token, token};

/// The variable that the registry's token is read from.
pub const TOKEN: &str = "OVERHAUL_TOKEN";
/// The variable that names a file of certificate authorities (PEM) to trust beside the system's.
pub const CA_CERT: &str = "OVERHAUL_CA_CERT";

/// What a server is asked with; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Access {
    pub(crate) token: Option<Token>,
    pub(crate) authorities: Vec<Certificate>,
}

impl Access {
    /// A registry's: the token of `OVERHAUL_TOKEN`, else of `MLFLOW_TRACKING_TOKEN`.
    pub fn from_env() -> Result<Self, ClientError> {
        Ok(Self { authorities: authorities()?, ..Self::default().with_token_of_env()? })
    }

    /// With the token of `OVERHAUL_TOKEN`, else of `MLFLOW_TRACKING_TOKEN`, if one of them is set.
    pub fn with_token_of_env(self) -> Result<Self, ClientError> {
        let own = token_of(TOKEN)?;
        let token = if own.is_some() { own } else { token_of(token::VARIABLE)? };
        Ok(Self { token: token.or(self.token), ..self })
    }

    /// Another tracking server's: the token of `MLFLOW_TRACKING_TOKEN` alone.
    pub fn of_mlflow_from_env() -> Result<Self, ClientError> {
        Ok(Self { token: token_of(token::VARIABLE)?, authorities: authorities()? })
    }

    /// With a token.
    #[must_use]
    pub fn with_token(self, token: Token) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Whether there is a token.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// How many certificate authorities are trusted beside the system's.
    pub fn authorities(&self) -> usize {
        self.authorities.len()
    }

    /// With certificate authorities (PEM) to trust beside the system's.
    pub fn with_authorities(mut self, pem: &[u8]) -> Result<Self, reqwest::Error> {
        self.authorities.extend(Certificate::from_pem_bundle(pem)?);
        Ok(self)
    }
}

/// The token of a variable; `None` if that is unset or empty.
fn token_of(variable: &'static str) -> Result<Option<Token>, ClientError> {
    match env::var(variable) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Token::new(&text).map(Some).map_err(|_| ClientError::BadToken(variable)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(ClientError::BadToken(variable)),
    }
}

fn authorities() -> Result<Vec<Certificate>, ClientError> {
    let Some(path) = env::var_os(CA_CERT).filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(Vec::new());
    };
    let bad = |problem: String| ClientError::BadAuthorities { path: path.clone(), problem };
    let pem = std::fs::read(&path).map_err(|e| bad(e.to_string()))?;
    let access = Access::default().with_authorities(&pem).map_err(|e| bad(e.to_string()))?;
    if access.authorities.is_empty() {
        Err(bad("it holds no certificate".to_owned()))
    } else {
        Ok(access.authorities)
    }
}
