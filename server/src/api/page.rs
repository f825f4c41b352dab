//! Pages of a list: how many entries one has, and what the next one is asked for with.

use std::str::FromStr;

use super::ApiError;

/// Entries on a page, unless the request says another number.
const USUAL: u32 = 100;
/// The most entries on a page.
const MOST: u32 = 1000;

/// A page that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page(u32);

impl Page {
    /// From a request's `max_results`.
    pub(super) fn of(max_results: Option<u32>) -> Result<Self, ApiError> {
        let size = max_results.unwrap_or(USUAL);
        if (1..=MOST).contains(&size) {
            return Ok(Self(size));
        }
        Err(ApiError::invalid(format!("max_results is {size}; use 1 to {MOST}")))
    }

    /// How many entries to look for: one more than is shown tells whether there is a next page.
    pub(super) fn look_for(self) -> u32 {
        self.0 + 1
    }

    /// Takes off what is not shown; answers the next page's token, if there is one: the last entry's.
    pub(super) fn cut<T>(self, found: &mut Vec<T>, token: impl Fn(&T) -> String) -> Option<String> {
        let more = found.len() > self.0 as usize;
        found.truncate(self.0 as usize);
        found.last().filter(|_| more).map(token)
    }
}

/// What a `page_token` says.
pub(super) fn after<T: FromStr>(page_token: Option<String>) -> Result<Option<T>, ApiError> {
    let read = |token: String| {
        token.parse().map_err(|_| {
            ApiError::invalid(format!(
                "page_token {token:?} is not valid; send the next_page_token of an answer"
            ))
        })
    };
    page_token.map(read).transpose()
}
