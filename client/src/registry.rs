//! One registry by its URL, and how requests to it are sent and its answers read.

use std::num::NonZeroU64;
use std::sync::Arc;

use overhaul_bundle::{Alias, ModelName, VersionNumber};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::{ErrorBody, Health};
use crate::connection::{self, IDLE, REQUEST};
use crate::{Access, ClientError};

/// The most bytes of a JSON answer that are read.
const MAX_ANSWER: usize = 64 << 20;

/// One registry. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Registry {
    base: Arc<Url>,
    /// For requests whose answer must begin within [`IDLE`].
    pub(crate) client: Client,
    /// For uploads: the answer begins only after the whole body was sent, however long that takes.
    pub(crate) uploader: Client,
    /// How fast files are downloaded at most, in bytes a second.
    pub(crate) rate: Option<NonZeroU64>,
}

impl Registry {
    /// A registry by its URL, such as `http://127.0.0.1:5000`; nothing is sent yet.
    ///
    /// For an `https` URL the system's certificate authorities are read, and an error is answered
    /// when there are none.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        Self::with(url, &Access::default())
    }

    /// The same with the token and the certificate authorities of the environment: [`Access::from_env`].
    pub fn with_env(url: &str) -> Result<Self, ClientError> {
        Self::with(url, &Access::from_env()?)
    }

    /// The same with all that an [`Access`] has.
    pub fn with(url: &str, access: &Access) -> Result<Self, ClientError> {
        let bad = |(url, problem)| ClientError::BadUrl { url, problem };
        let base = connection::server_url(url).map_err(bad)?;
        let client = connection::client(&base, Some(IDLE), access).map_err(bad)?;
        let uploader = connection::client(&base, None, access).map_err(bad)?;
        Ok(Self { client, uploader, base: Arc::new(base), rate: None })
    }

    /// Downloads files at so many bytes a second at most; each download counts for itself.
    #[must_use]
    pub fn with_rate(self, rate: Option<NonZeroU64>) -> Self {
        Self { rate, ..self }
    }

    /// The registry's URL.
    pub fn url(&self) -> &str {
        self.base.as_str()
    }

    /// Asks whether the registry is there and well.
    pub async fn health(&self) -> Result<Health, ClientError> {
        self.get(self.at(&["health"])).await
    }

    /// A URL of this registry from path parts; each part is percent-encoded as one segment.
    pub(crate) fn at(&self, parts: &[&str]) -> Url {
        let mut url = (*self.base).clone();
        // Only a URL that cannot be a base (`mailto:`) has no segments; `new` refused those.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(parts);
        }
        url
    }

    pub(crate) fn model_url(&self, name: &ModelName, parts: &[&str]) -> Url {
        self.at(&[&["api", "v1", "models", name.as_str()], parts].concat())
    }

    pub(crate) fn version_url(&self, name: &ModelName, version: VersionNumber, parts: &[&str]) -> Url {
        self.model_url(name, &[&["versions", version.to_string().as_str()], parts].concat())
    }

    pub(crate) fn alias_url(&self, name: &ModelName, alias: &Alias) -> Url {
        self.model_url(name, &["aliases", alias.as_str()])
    }

    /// A JSON answer to a GET.
    pub(crate) async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, ClientError> {
        let answer = self.send(Method::GET, &url, self.short(Method::GET, &url)).await?;
        json(&url, answer).await
    }

    /// A JSON answer to a JSON body.
    pub(crate) async fn send_json<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let request = self.short(method.clone(), &url).json(body);
        let answer = self.send(method, &url, request).await?;
        json(&url, answer).await
    }

    /// A request that is over within a minute.
    pub(crate) fn short(&self, method: Method, url: &Url) -> RequestBuilder {
        self.client.request(method, url.clone()).timeout(REQUEST)
    }

    /// Sends a request; an answer that is no success and not 304 becomes an error.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &Url,
        request: RequestBuilder,
    ) -> Result<Response, ClientError> {
        let answer =
            request.send().await.map_err(|e| ClientError::transport(method.as_str(), url.as_str(), e))?;
        refuse(&method, url, answer).await
    }
}

/// Turns an answer that is no success and not 304 into an error.
pub(crate) async fn refuse(method: &Method, url: &Url, answer: Response) -> Result<Response, ClientError> {
    let status = answer.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(answer);
    }
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok().map(str::to_owned));
    let body = limited(url, answer).await.unwrap_or_default();
    let (error_code, message) = if let Ok(body) = serde_json::from_slice::<ErrorBody>(&body) {
        (body.error_code, body.message)
    } else {
        let reason = status.canonical_reason().unwrap_or("no reason given");
        let hint = match location {
            Some(location) => format!("{reason}, to {location}; use that as the registry's URL"),
            None => format!("{reason}; is this an Overhaul registry?"),
        };
        ("UNKNOWN".to_owned(), hint)
    };
    Err(ClientError::Refused {
        method: method.to_string(),
        url: url.to_string(),
        status: status.as_u16(),
        error_code,
        message,
    })
}

pub(crate) async fn json<T: DeserializeOwned>(url: &Url, answer: Response) -> Result<T, ClientError> {
    let body = limited(url, answer).await?;
    serde_json::from_slice(&body)
        .map_err(|e| ClientError::NotUnderstood { url: url.to_string(), problem: e.to_string() })
}

/// A whole answer, up to [`MAX_ANSWER`].
pub(crate) async fn limited(url: &Url, mut answer: Response) -> Result<Vec<u8>, ClientError> {
    let mut body = Vec::new();
    while let Some(piece) =
        answer.chunk().await.map_err(|e| ClientError::transport("GET", url.as_str(), e))?
    {
        body.extend_from_slice(&piece);
        if body.len() > MAX_ANSWER {
            let problem = format!("more than {MAX_ANSWER} bytes of JSON");
            return Err(ClientError::NotUnderstood { url: url.to_string(), problem });
        }
    }
    Ok(body)
}
