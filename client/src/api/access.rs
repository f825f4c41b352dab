//! Access tokens, their roles, and the audit trail.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use overhaul_bundle::{GatewayId, TokenName};
use serde::{Deserialize, Serialize};

/// What the holder of an access token may do; each but `gateway` may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads, searches, downloads.
    Viewer,
    /// Logs runs and artifacts, registers models, publishes versions.
    Publisher,
    /// Moves aliases and stages, deletes, keeps webhooks.
    Manager,
    /// Makes and revokes tokens, reads the audit trail.
    Admin,
    /// Pulls what it is to run, and reports; nothing else.
    Gateway,
}

impl Role {
    /// All roles, the least first.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Publisher, Self::Manager, Self::Admin, Self::Gateway];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Publisher => "publisher",
            Self::Manager => "manager",
            Self::Admin => "admin",
            Self::Gateway => "gateway",
        }
    }

    /// Whether who has this role may do what asks for `other`.
    pub fn includes(self, other: Self) -> bool {
        self == other || (self != Self::Gateway && other != Self::Gateway && self as u8 >= other as u8)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role; use viewer, publisher, manager, admin or gateway")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// The body that makes an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Its name, which no other token has or had.
    pub name: TokenName,
    /// What its holder may do.
    pub role: Role,
    /// The gateway that holds it; given with the role `gateway`, and only with it.
    #[serde(default)]
    pub gateway: Option<GatewayId>,
    /// When it ends; without it, the token is good until it is revoked.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// An access token as lists show it: without the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenEntry {
    /// Its name.
    pub name: TokenName,
    /// What its holder may do.
    pub role: Role,
    /// The gateway that holds it.
    pub gateway: Option<GatewayId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The answer to the making of an access token; only this once does anybody see it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedToken {
    /// The token, to be sent as `Authorization: Bearer …`.
    pub token: String,
    /// What lists show of it.
    #[serde(flatten)]
    pub entry: TokenEntry,
}

impl fmt::Debug for CreatedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedToken").field("entry", &self.entry).finish_non_exhaustive()
    }
}

/// `GET /api/v1/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenList {
    /// All access tokens, the revoked ones among them, by name.
    pub tokens: Vec<TokenEntry>,
}

/// One change, as it was recorded for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Its number, higher than those of all changes before it.
    pub id: i64,
    /// When, by the registry's clock.
    pub at: Timestamp,
    /// Who: an access token's name, or what the request said where nobody was asked for a token.
    pub actor: String,
    /// What was done: a verb such as `set_alias`.
    pub action: String,
    /// Of what kind the changed thing is, such as `alias`.
    pub kind: String,
    /// The changed thing.
    pub subject: String,
    /// What it is part of, such as a registered model.
    pub scope: Option<String>,
    /// What was before.
    pub from: Option<String>,
    /// What is since.
    pub to: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
}

/// `GET /api/v1/audit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The changes, newest first.
    pub entries: Vec<AuditEntry>,
    /// What to ask with for those before; `None` when there are none.
    pub next_page_token: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_includes_those_before_it_and_a_gateway_only_itself() {
        for (at, role) in Role::ALL.into_iter().enumerate() {
            for (other_at, other) in Role::ALL.into_iter().enumerate() {
                let expected = if role == Role::Gateway || other == Role::Gateway {
                    role == other
                } else {
                    at >= other_at
                };
                assert_eq!(role.includes(other), expected, "{role} {other}");
            }
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("root".parse::<Role>().is_err());
    }

    #[test]
    fn a_token_is_not_shown_by_debug() {
        let created: CreatedToken = serde_json::from_str(
            r#"{"token":"ovh_1_s3cret","name":"ci","role":"viewer","gateway":null,
                "created_at":"2026-03-01T12:00:00Z","expires_at":null,"revoked_at":null}"#,
        )
        .unwrap();
        assert!(!format!("{created:?}").contains("s3cret"));
    }
}
