//! Gateways: what they report, and what the registry knows of them.

use overhaul_bundle::GatewayId;
use reqwest::Method;
use serde::Serialize;

use crate::api::{GatewayEntry, GatewayPage, ReportBatch, ReportPage, ReportsAccepted};
use crate::{ClientError, Registry};

impl Registry {
    /// Sends reports of a gateway; what the registry has already, it does not keep twice.
    pub async fn send_reports<E: Serialize>(
        &self,
        gateway: &GatewayId,
        batch: &ReportBatch<E>,
    ) -> Result<ReportsAccepted, ClientError> {
        self.send_json(Method::POST, self.gateway_url(gateway, &["reports"]), batch).await
    }

    /// The gateways that ever reported, by id: those after a page, or the first.
    pub async fn gateways(&self, page_token: Option<&str>) -> Result<GatewayPage, ClientError> {
        let mut url = self.at(&["api", "v1", "gateways"]);
        if let Some(token) = page_token {
            url.query_pairs_mut().append_pair("page_token", token);
        }
        self.get(url).await
    }

    /// One gateway.
    pub async fn gateway(&self, gateway: &GatewayId) -> Result<GatewayEntry, ClientError> {
        self.get(self.gateway_url(gateway, &[])).await
    }

    /// The newest reports of a gateway, at most `limit` (1 to 1000), newest first; those of one kind if it is named.
    pub async fn reports(
        &self,
        gateway: &GatewayId,
        kind: Option<&str>,
        limit: u32,
    ) -> Result<ReportPage, ClientError> {
        let mut url = self.gateway_url(gateway, &["reports"]);
        url.query_pairs_mut().append_pair("max_results", &limit.to_string());
        if let Some(kind) = kind {
            url.query_pairs_mut().append_pair("kind", kind);
        }
        self.get(url).await
    }

    fn gateway_url(&self, gateway: &GatewayId, parts: &[&str]) -> reqwest::Url {
        self.at(&[&["api", "v1", "gateways", gateway.as_str()], parts].concat())
    }
}
