//! Making and revoking access tokens, each with its audit row.

use overhaul_bundle::TokenName;
use overhaul_client::api::{CreatedToken, NewToken, Role, TokenEntry};
use rusqlite::Connection;

use super::secret::Secret;
use crate::store::audit::By;
use crate::store::tokens;

/// Why a token was not made or not revoked.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// What is asked for makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The name is another token's.
    #[error("{0}")]
    Taken(String),
    /// There is no such token.
    #[error("{0}")]
    NotFound(String),
    /// The registry failed.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

/// Makes a token; the answer is the only place where it can be seen.
pub fn create(connection: &Connection, by: &By, new: &NewToken) -> Result<CreatedToken, GrantError> {
    let name = &new.name;
    match (new.role, &new.gateway) {
        (Role::Gateway, None) => {
            return Err(GrantError::Invalid(format!(
                "token {name} has role gateway; say which gateway's it is"
            )));
        }
        (role, Some(gateway)) if role != Role::Gateway => {
            return Err(GrantError::Invalid(format!(
                "token {name} has role {role}, and gateway {gateway}'s tokens have role gateway; leave one of the two out"
            )));
        }
        _ => {}
    }
    if let Some(end) = new.expires_at
        && end <= by.at
    {
        return Err(GrantError::Invalid(format!(
            "token {name} would have ended at {end}; name a time to come"
        )));
    }
    let secret = Secret::generate()?;
    let Some(id) = tokens::insert(connection, new, &secret.digest(), by.at)? else {
        return Err(GrantError::Taken(format!(
            "there is or was a token {name}, and the audit trail calls its holder so; choose another name"
        )));
    };
    let entry = TokenEntry {
        name: name.clone(),
        role: new.role,
        gateway: new.gateway.clone(),
        created_at: by.at,
        expires_at: new.expires_at,
        revoked_at: None,
    };
    by.did("create", "token", name).to(Some(&described(&entry))).record(connection)?;
    Ok(CreatedToken { token: secret.token(id), entry })
}

/// Revokes a token: no request after this one is done with it.
pub fn revoke(connection: &Connection, by: &By, name: &TokenName) -> Result<TokenEntry, GrantError> {
    let Some(entry) = tokens::by_name(connection, name)? else {
        return Err(GrantError::NotFound(format!(
            "there is no token {name}; `token list` shows which there are"
        )));
    };
    if entry.revoked_at.is_some() {
        return Ok(entry);
    }
    tokens::revoke(connection, name, by.at)?;
    by.did("revoke", "token", name).from(Some(&described(&entry))).record(connection)?;
    Ok(TokenEntry { revoked_at: Some(by.at), ..entry })
}

/// What the audit trail says of a token.
fn described(entry: &TokenEntry) -> String {
    let gateway = entry.gateway.as_ref().map(|gateway| format!(" {gateway}")).unwrap_or_default();
    let end = entry.expires_at.map(|end| format!(", until {end}")).unwrap_or_default();
    format!("{}{gateway}{end}", entry.role)
}
