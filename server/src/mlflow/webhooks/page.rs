//! Which part of all webhooks is asked for.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// How many webhooks a page has when nothing is said, and at most.
const DEFAULT: i64 = 100;
const MOST: i64 = 1000;

/// The query of a list.
#[derive(Deserialize)]
pub(super) struct Pages {
    max_results: Option<i64>,
    page_token: Option<String>,
}

/// A part of a list.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// What a page token says, in base64.
#[derive(Deserialize, Serialize)]
struct Token {
    offset: u64,
}

impl Pages {
    pub(super) fn page(self) -> Result<Page, ApiError> {
        let size = match self.max_results.unwrap_or(0) {
            0 => DEFAULT,
            size @ 1..=MOST => size,
            size => {
                return Err(ApiError::invalid(format!(
                    "Invalid value {size} for parameter 'max_results': max_results must be between 1 and {MOST}."
                )));
            }
        };
        let offset = match self.page_token.filter(|token| !token.is_empty()) {
            Some(token) => offset(&token)?,
            None => 0,
        };
        Ok(Page { offset, size: size as u64 })
    }
}

fn offset(token: &str) -> Result<u64, ApiError> {
    let bytes = BASE64_STANDARD.decode(token).ok();
    let token = bytes.and_then(|bytes| serde_json::from_slice::<Token>(&bytes).ok());
    // Further than any list goes, and what the database counts to.
    let token = token.filter(|token| i64::try_from(token.offset).is_ok());
    token.map(|token| token.offset).ok_or_else(|| {
        ApiError::invalid("Invalid page token: send the next_page_token of the page before, as it is")
    })
}

impl Page {
    /// The token of the next page, when more rows were found than this one has.
    pub(super) fn next(self, found: usize) -> Option<String> {
        let token = Token { offset: self.offset + self.size };
        let text = serde_json::to_string(&token).ok()?;
        (found as u64 > self.size).then(|| BASE64_STANDARD.encode(text))
    }
}
