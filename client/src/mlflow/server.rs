//! One tracking server by its URL, and how requests to it are sent and its answers read.

use std::sync::Arc;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::token::VARIABLE;
use super::{MlflowError, Token};
use crate::Access;
use crate::connection::{self, IDLE, REQUEST};

/// The most bytes of an answer that are read: a run with everything logged to it is far smaller.
const MAX_ANSWER: usize = 16 << 20;

/// One tracking server. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Mlflow {
    base: Arc<Url>,
    client: Client,
    /// For uploads: the answer begins only after the whole body was sent, however long that takes.
    pub(super) uploader: Client,
}

/// The body of `MLflow`'s errors.
#[derive(Debug, Deserialize)]
struct ErrorBody {
    error_code: String,
    #[serde(default)]
    message: String,
}

impl Mlflow {
    /// A tracking server by its URL, such as `http://127.0.0.1:5000`; nothing is sent yet.
    ///
    /// For an `https` URL the system's certificate authorities are read, and an error is answered
    /// when there are none.
    pub fn new(url: &str, token: Option<Token>) -> Result<Self, MlflowError> {
        Self::with(url, &Access { token, ..Access::default() })
    }

    /// The same with all that an [`Access`] has.
    pub fn with(url: &str, access: &Access) -> Result<Self, MlflowError> {
        let bad = |(url, problem)| MlflowError::BadUrl { url, problem };
        let base = connection::server_url(url).map_err(bad)?;
        let client = connection::client(&base, Some(IDLE), access).map_err(bad)?;
        let uploader = connection::client(&base, None, access).map_err(bad)?;
        Ok(Self { client, uploader, base: Arc::new(base) })
    }

    /// The server's URL.
    pub fn url(&self) -> &str {
        self.base.as_str()
    }

    /// Whether an artifact's URI names this server, by its host and perhaps its port.
    pub(super) fn is_host(&self, authority: &str) -> bool {
        let host = self.base.host_str().unwrap_or_default();
        let port = self.base.port_or_known_default().unwrap_or_default();
        authority == host || authority == format!("{host}:{port}")
    }

    /// A URL of this server from path parts; each part is percent-encoded as one segment.
    pub(super) fn at(&self, parts: &[&str]) -> Url {
        let mut url = (*self.base).clone();
        // Only a URL that cannot be a base (`mailto:`) has no segments; `new` refused those.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(parts);
        }
        url
    }

    /// A URL of the tracking API.
    pub(super) fn tracking(&self, parts: &[&str]) -> Url {
        self.at(&[&["api", "2.0", "mlflow"], parts].concat())
    }

    /// A JSON answer to a GET.
    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, MlflowError> {
        let request = self.client.get(url.clone()).timeout(REQUEST);
        json(&url, self.send(Method::GET, &url, request).await?).await
    }

    /// A JSON answer to a POST of a JSON body.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        parts: &[&str],
        body: &impl Serialize,
    ) -> Result<T, MlflowError> {
        let url = self.tracking(parts);
        let request = self.client.post(url.clone()).timeout(REQUEST).json(body);
        json(&url, self.send(Method::POST, &url, request).await?).await
    }

    /// Sends a request; an answer that is no success becomes an error.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        request: RequestBuilder,
    ) -> Result<Response, MlflowError> {
        let answer =
            request.send().await.map_err(|e| MlflowError::transport(method.as_str(), url.as_str(), e))?;
        if answer.status().is_success() { Ok(answer) } else { Err(refusal(&method, url, answer).await) }
    }
}

/// What an answer that is no success says.
async fn refusal(method: &Method, url: &Url, answer: Response) -> MlflowError {
    let status = answer.status();
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok().map(str::to_owned));
    let body = limited(method, url, answer).await.unwrap_or_default();
    let (error_code, mut message) = match (serde_json::from_slice::<ErrorBody>(&body), location) {
        (Ok(body), _) => (body.error_code, body.message),
        (Err(_), Some(location)) => ("UNKNOWN".to_owned(), format!("it points to {location}; use that URL")),
        (Err(_), None) => {
            ("UNKNOWN".to_owned(), status.canonical_reason().unwrap_or("no reason given").to_owned())
        }
    };
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        message = format!("{message}; set {VARIABLE} to a token that may do this");
    }
    let (method, url) = (method.to_string(), url.to_string());
    MlflowError::Refused { method, url, status: status.as_u16(), error_code, message }
}

async fn json<T: DeserializeOwned>(url: &Url, answer: Response) -> Result<T, MlflowError> {
    let body = limited(&Method::GET, url, answer).await?;
    serde_json::from_slice(&body)
        .map_err(|e| MlflowError::NotUnderstood { url: url.to_string(), problem: e.to_string() })
}

/// A whole answer, up to [`MAX_ANSWER`].
async fn limited(method: &Method, url: &Url, mut answer: Response) -> Result<Vec<u8>, MlflowError> {
    let mut body = Vec::new();
    while let Some(piece) =
        answer.chunk().await.map_err(|e| MlflowError::transport(method.as_str(), url.as_str(), e))?
    {
        body.extend_from_slice(&piece);
        if body.len() > MAX_ANSWER {
            let problem = format!("more than {MAX_ANSWER} bytes of JSON");
            return Err(MlflowError::NotUnderstood { url: url.to_string(), problem });
        }
    }
    Ok(body)
}
