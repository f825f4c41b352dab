//! The table `tokens`: access tokens, each by the digest of its secret.

use jiff::Timestamp;
use overhaul_bundle::{GatewayId, Sha256Digest, TokenName};
use overhaul_client::api::{NewToken, TokenEntry};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{parse, time};

/// A token's row.
#[derive(Debug, Clone)]
pub struct Token {
    /// What lists show of it.
    pub entry: TokenEntry,
    /// The digest of its secret.
    pub sha256: Sha256Digest,
}

const COLUMNS: &str = "name, role, gateway, sha256, created_at, expires_at, revoked_at";
type Columns = (String, String, Option<String>, String, i64, Option<i64>, Option<i64>);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn token((name, role, gateway, sha256, created, expires, revoked): Columns) -> anyhow::Result<Token> {
    let entry = TokenEntry {
        name: parse(&name)?,
        role: parse(&role)?,
        gateway: gateway.as_deref().map(parse).transpose()?,
        created_at: time(created)?,
        expires_at: expires.map(time).transpose()?,
        revoked_at: revoked.map(time).transpose()?,
    };
    Ok(Token { entry, sha256: parse(&sha256)? })
}

/// Keeps a new token; its id, or `None` when its name is or was another's.
pub fn insert(
    connection: &Connection,
    new: &NewToken,
    sha256: &Sha256Digest,
    at: Timestamp,
) -> anyhow::Result<Option<i64>> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO tokens (name, role, gateway, sha256, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO NOTHING RETURNING id",
        )?
        .query_row(
            (
                new.name.as_str(),
                new.role.as_str(),
                new.gateway.as_ref().map(GatewayId::as_str),
                sha256.to_string(),
                at.as_millisecond(),
                new.expires_at.map(Timestamp::as_millisecond),
            ),
            |row| row.get(0),
        )
        .optional()?)
}

/// A token by its id.
pub fn by_id(connection: &Connection, id: i64) -> anyhow::Result<Option<Token>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE id = ?1"))?
        .query_row([id], columns)
        .optional()?
        .map(token)
        .transpose()
}

/// A token by its name.
pub fn by_name(connection: &Connection, name: &TokenName) -> anyhow::Result<Option<TokenEntry>> {
    let row = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE name = ?1"))?
        .query_row([name.as_str()], columns)
        .optional()?;
    Ok(row.map(token).transpose()?.map(|token| token.entry))
}

/// All tokens, by name.
pub fn all(connection: &Connection) -> anyhow::Result<Vec<TokenEntry>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM tokens ORDER BY name"))?;
    let rows = statement.query_map([], columns)?;
    rows.map(|row| Ok(token(row?)?.entry)).collect()
}

/// Ends a token; one that was ended before keeps its time.
pub fn revoke(connection: &Connection, name: &TokenName, at: Timestamp) -> anyhow::Result<()> {
    connection
        .prepare_cached("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE name = ?1")?
        .execute((name.as_str(), at.as_millisecond()))?;
    Ok(())
}
