//! Aliases, asked for conditionally, and the history of their moves.

use overhaul_bundle::{Alias, ModelName};
use reqwest::header::{ETAG, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};

use crate::api::{AliasTarget, History, HistoryEntry, MoveAlias};
use crate::{ClientError, Registry};

/// The answer to a conditional question about an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasAnswer {
    /// It points where it pointed when the `ETag` was given.
    Unchanged,
    /// It points here.
    Current {
        /// What it points at.
        target: AliasTarget,
        /// What to ask with the next time.
        etag: Option<String>,
    },
}

impl Registry {
    /// Asks what an alias points at; with the `ETag` of an earlier answer, whether that changed.
    pub async fn alias(
        &self,
        name: &ModelName,
        alias: &Alias,
        etag: Option<&str>,
    ) -> Result<AliasAnswer, ClientError> {
        let url = self.alias_url(name, alias);
        let mut request = self.short(Method::GET, &url);
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let answer = self.send(Method::GET, &url, request).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(AliasAnswer::Unchanged);
        }
        let etag = answer.headers().get(ETAG).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(AliasAnswer::Current { target: crate::registry::json(&url, answer).await?, etag })
    }

    /// Points an alias at a version; the answer is the move as it was recorded.
    pub async fn move_alias(
        &self,
        name: &ModelName,
        alias: &Alias,
        to: &MoveAlias,
    ) -> Result<HistoryEntry, ClientError> {
        self.send_json(Method::PUT, self.alias_url(name, alias), to).await
    }

    /// All moves of a model's aliases, newest first.
    pub async fn history(&self, name: &ModelName) -> Result<Vec<HistoryEntry>, ClientError> {
        Ok(self.get::<History>(self.model_url(name, &["history"])).await?.history)
    }
}
