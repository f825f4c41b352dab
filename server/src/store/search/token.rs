//! Page tokens: where a page ended, bound to the search that it is a page of.
//!
//! A token is the order's values of a page's last row, behind a digest of them and of the whole search. A
//! token that somebody made up, or that another search gave, is refused. The digest is no secret: whoever
//! computes it gets a page that begins elsewhere, of rows that the same search shows anyway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use overhaul_bundle::Sha256Digest;
use rusqlite::Row;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use super::SearchError;
use super::keys::Kind;

/// Bytes of the digest that a token begins with.
const DIGEST: usize = 16;
/// How much of a refused token a message repeats, in characters.
const SHOWN: usize = 40;

/// Where a row stands in an order: the values of its columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Position(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Part {
    #[serde(rename = "i")]
    Integer(i64),
    /// The bits of an `f64`: JSON has no infinities.
    #[serde(rename = "r")]
    Real(u64),
    #[serde(rename = "t")]
    Text(String),
}

impl Position {
    /// Reads a row whose first column is its id, and whose others are the order's.
    pub(super) fn read(row: &Row<'_>, kinds: &[Kind]) -> rusqlite::Result<Self> {
        let part = |(index, kind): (usize, &Kind)| match kind {
            Kind::Integer => row.get(index + 1).map(Part::Integer),
            Kind::Real => row.get(index + 1).map(|value: f64| Part::Real(value.to_bits())),
            Kind::Text => row.get(index + 1).map(Part::Text),
        };
        kinds.iter().enumerate().map(part).collect::<Result<_, _>>().map(Self)
    }

    /// The values, as parameters.
    pub(super) fn values(&self) -> Vec<Value> {
        let value = |part: &Part| match part {
            Part::Integer(value) => Value::Integer(*value),
            Part::Real(bits) => Value::Real(f64::from_bits(*bits)),
            Part::Text(text) => Value::Text(text.clone()),
        };
        self.0.iter().map(value).collect()
    }

    /// The token of a page of `search` that ends here.
    pub(super) fn token(&self, search: &str) -> serde_json::Result<String> {
        let position = serde_json::to_vec(&self.0)?;
        let mut token = digest(search, &position).to_vec();
        token.extend(position);
        Ok(URL_SAFE_NO_PAD.encode(token))
    }

    /// Where the page ended that a token was given with.
    pub(super) fn of_token(token: &str, search: &str, kinds: &[Kind]) -> Result<Self, SearchError> {
        Self::decode(token, search).filter(|position| position.has(kinds)).ok_or_else(|| {
            let mut shown: String = token.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
            if token.chars().nth(SHOWN).is_some() {
                shown.push('…');
            }
            SearchError::Invalid(format!(
                "page_token: `{shown}` was not given by this search; a token goes with the filter, the order_by and \
                 the experiments of the page that it came with, so begin again without one"
            ))
        })
    }

    fn decode(token: &str, search: &str) -> Option<Self> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (given, position) = token.split_at_checked(DIGEST)?;
        if given != digest(search, position) {
            return None;
        }
        serde_json::from_slice(position).ok()
    }

    fn has(&self, kinds: &[Kind]) -> bool {
        let kind = |part: &Part| match part {
            Part::Integer(_) => Kind::Integer,
            Part::Real(_) => Kind::Real,
            Part::Text(_) => Kind::Text,
        };
        self.0.iter().map(kind).eq(kinds.iter().copied())
    }
}

fn digest(search: &str, position: &[u8]) -> [u8; DIGEST] {
    let search = Sha256Digest::of(search.as_bytes());
    let both = Sha256Digest::of(&[search.as_bytes().as_slice(), position].concat());
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&both.as_bytes()[..DIGEST]);
    digest
}
