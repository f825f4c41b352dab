//! Just enough HTTP to ask a registry and a gateway on this machine.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// A connection to one server, kept open between requests.
pub(super) struct Connection {
    agent: ureq::Agent,
    url: String,
}

impl Connection {
    /// A connection to a server such as `http://127.0.0.1:5000`; it opens with the first request.
    pub(super) fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .build();
        Self { agent: config.new_agent(), url: url.to_owned() }
    }

    /// The body of a `GET`; any status but 200 is an error.
    pub(super) fn get(&self, path: &str) -> Result<Vec<u8>> {
        let context = || format!("GET {}{path}", self.url);
        let mut response = self.agent.get(format!("{}{path}", self.url)).call().with_context(context)?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(256 << 20).read_to_vec().with_context(context)?;
        if status != 200 {
            bail!("GET {}{path} answered {status}: {}", self.url, String::from_utf8_lossy(&body));
        }
        Ok(body)
    }

    /// The JSON of a `GET`.
    pub(super) fn get_json(&self, path: &str) -> Result<Value> {
        serde_json::from_slice(&self.get(path)?)
            .with_context(|| format!("{}{path} answers no JSON", self.url))
    }

    /// The JSON that a `POST` of JSON answers; any status but 200 is an error.
    pub(super) fn post_json(&self, path: &str, body: &str) -> Result<Value> {
        let context = || format!("POST {}{path}", self.url);
        let request =
            self.agent.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        let mut response = request.send(body).with_context(context)?;
        let status = response.status();
        let answer = response.body_mut().read_to_string().with_context(context)?;
        if status != 200 {
            bail!("POST {}{path} answered {status}: {answer}", self.url);
        }
        serde_json::from_str(&answer).with_context(|| format!("{}{path} answers no JSON: {answer}", self.url))
    }
}
