//! The URLs that requests may go to.

use std::net::IpAddr;

use reqwest::Url;

use super::resolve;

/// The most bytes of a webhook's URL.
const MAX_URL: usize = 2000;

/// Where requests may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To public addresses, over `https`.
    Public,
    /// Anywhere, over `https` or `http`: `--allow-private-webhooks`.
    Anywhere,
}

/// A URL that requests may go to, as far as the URL itself can tell.
#[derive(Clone)]
pub struct Target {
    url: Url,
    reach: Reach,
}

/// Why no request goes to a URL.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The text is no URL that can be a webhook's.
    #[error("Webhook URL {0}")]
    Invalid(String),
    /// The scheme is not taken.
    #[error("Invalid webhook URL scheme: {found:?}. Allowed schemes are: {allowed}.")]
    Scheme {
        /// The URL's scheme.
        found: String,
        /// What may stand there.
        allowed: &'static str,
    },
    /// An address is not public.
    #[error(
        "Webhook URL must not resolve to a non-public IP address. {host:?} resolves to {address} ({what}). \
         Name a public receiver, or start the server with --allow-private-webhooks."
    )]
    NotPublic {
        /// The URL's host.
        host: String,
        /// The first of its addresses that is not public.
        address: IpAddr,
        /// What that address is.
        what: &'static str,
    },
    /// The name has no address.
    #[error("Cannot resolve Webhook URL hostname {host:?}: {why}")]
    Unknown {
        /// The URL's host.
        host: String,
        /// Why not.
        why: String,
    },
}

impl Target {
    /// Reads a URL; an address in it is checked, a name is not looked up.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, TargetError> {
        let invalid = |problem: String| TargetError::Invalid(problem);
        if text.trim().is_empty() {
            return Err(invalid(format!("cannot be empty or just whitespace: {text:?}")));
        }
        if text.len() > MAX_URL {
            return Err(invalid(format!("has {} bytes; use at most {MAX_URL}", text.len())));
        }
        // The parser drops some of these, so that two spellings would be one URL.
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(invalid(format!("{text:?} holds a space or a control character; percent-encode it")));
        }
        let allowed = match reach {
            Reach::Public => "https",
            Reach::Anywhere => "https, http",
        };
        let scheme = |found: &str| TargetError::Scheme { found: found.to_owned(), allowed };
        // Digits in any base and of any count are made one IPv4 address here, and a name's letters ASCII
        // (url.spec.whatwg.org/#concept-host-parser), so that what is checked is what is connected to.
        let url = Url::parse(text).map_err(|e| match text.split_once(':') {
            Some(("http" | "https", _)) => invalid(format!("{text:?} is not valid: {e}")),
            Some((found, _)) => scheme(found),
            None => scheme(""),
        })?;
        if !allowed.split(", ").any(|allowed| allowed == url.scheme()) {
            return Err(scheme(url.scheme()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            // Without its text: a password has no place in a message.
            return Err(invalid("must not hold a user name or password; give the webhook a secret".into()));
        }
        let target = Self { url, reach };
        if let Some(address) = target.literal()
            && reach == Reach::Public
        {
            resolve::check(target.host(), [address])?;
        }
        Ok(target)
    }

    /// Whether a request would go out now: looks the name up, and checks every address that it has.
    pub async fn check(&self) -> Result<(), TargetError> {
        if self.reach == Reach::Public && self.literal().is_none() {
            resolve::lookup(self.host(), self.reach).await?;
        }
        Ok(())
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The address that stands in the URL instead of a name.
    fn literal(&self) -> Option<IpAddr> {
        self.host().trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

#[cfg(test)]
mod tests;
