//! The one table of what each route asks for. What is not in it is refused where tokens are asked for.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::Method;
use overhaul_client::api::Role;

/// What a route asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: anybody may.
    Nothing,
    /// A role that includes this one.
    Role(Role),
    /// What a gateway pulls: its role, or any that may read.
    Pull,
}

impl Need {
    /// Whether who has a role may.
    pub fn is_met_by(self, role: Role) -> bool {
        match self {
            Self::Nothing => true,
            Self::Role(least) => role.includes(least),
            Self::Pull => role == Role::Gateway || role.includes(Role::Viewer),
        }
    }

    /// The least roles that meet it; none where anybody may.
    pub fn roles(self) -> Vec<Role> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Role(least) => vec![least],
            Self::Pull => vec![Role::Viewer, Role::Gateway],
        }
    }

    /// The least that is asked for, for people.
    pub fn least(self) -> Role {
        match self {
            Self::Role(least) => least,
            Self::Nothing | Self::Pull => Role::Viewer,
        }
    }
}

/// Methods and routes by what they ask for. `GET` is `HEAD` as well, and what is under `/api` is under `/ajax-api`
/// as well, where `MLflow`'s protocol is.
pub const TABLE: &[(Need, &[&str])] = &[
    (
        Need::Nothing,
        &[
            "GET /health",
            // What can be asked for is no secret, and says how to send a token.
            "GET /api/v1/openapi.json",
            "GET /api/v1/docs",
            "GET /api/v1/docs/{file}",
            // A signature in the URL says who may.
            "GET /api/2.0/mlflow-artifacts/signed/files/{sha256}/{size}/{name}",
            "PUT /api/2.0/mlflow-artifacts/signed/parts/{upload}/{number}",
        ],
    ),
    (
        Need::Pull,
        &[
            "GET /api/v1/models/{name}/aliases/{alias}",
            "GET /api/v1/models/{name}/versions/{version}/manifest",
            "GET /api/v1/models/{name}/versions/{version}/files/{*path}",
            "GET /api/v1/blobs/{sha256}",
        ],
    ),
    // Of the gateway that the token is of, and of no other: see `api::reports`.
    (Need::Role(Role::Gateway), &["POST /api/v1/gateways/{gateway}/reports"]),
    (
        Need::Role(Role::Viewer),
        &[
            "GET /version",
            "GET /metrics",
            "GET /api/v1/gateways",
            "GET /api/v1/gateways/{gateway}",
            "GET /api/v1/gateways/{gateway}/reports",
            "GET /api/v1/models",
            "GET /api/v1/models/{name}/versions",
            "GET /api/v1/models/{name}/versions/{version}",
            "GET /api/v1/models/{name}/history",
            "GET /api/3.0/mlflow/server-info",
            "GET /api/2.0/mlflow/experiments/get",
            "GET /api/2.0/mlflow/experiments/get-by-name",
            "GET /api/2.0/mlflow/experiments/search",
            "GET /api/2.0/mlflow/logged-models/{model_id}",
            "GET /api/2.0/mlflow/logged-models/{model_id}/artifacts/directories",
            "GET /api/2.0/mlflow/logged-models/{model_id}/artifacts/files",
            "GET /api/2.0/mlflow/metrics/get-history",
            "GET /api/2.0/mlflow/metrics/get-history-bulk",
            "GET /api/2.0/mlflow/metrics/get-history-bulk-interval",
            "GET /api/2.0/mlflow/model-versions/get",
            "GET /api/2.0/mlflow/model-versions/search",
            "GET /api/2.0/mlflow/registered-models/search",
            "GET /api/2.0/mlflow/model-versions/get-download-uri",
            "GET /api/2.0/mlflow/registered-models/alias",
            "GET /api/2.0/mlflow/registered-models/get",
            "GET /api/2.0/mlflow/registered-models/get-latest-versions",
            "GET /api/2.0/mlflow/runs/get",
            "POST /api/2.0/mlflow/experiments/search",
            "POST /api/2.0/mlflow/experiments/search-datasets",
            "POST /api/2.0/mlflow/logged-models/search",
            "POST /api/2.0/mlflow/registered-models/get-latest-versions",
            "POST /api/2.0/mlflow/runs/search",
            "GET /get-artifact",
            "GET /api/2.0/mlflow/artifacts/list",
            "GET /api/2.0/mlflow-artifacts/artifacts",
            "GET /api/2.0/mlflow-artifacts/artifacts/{*path}",
            "GET /api/2.0/mlflow-artifacts/presigned/{*path}",
        ],
    ),
    (
        Need::Role(Role::Publisher),
        &[
            "POST /api/v1/models/{name}/versions",
            "PUT /api/v1/models/{name}/versions/{version}",
            "PUT /api/v1/blobs/{sha256}",
            "POST /api/2.0/mlflow/experiments/create",
            "POST /api/2.0/mlflow/experiments/delete-experiment-tag",
            "POST /api/2.0/mlflow/experiments/set-experiment-tag",
            "POST /api/2.0/mlflow/experiments/update",
            "POST /api/2.0/mlflow/logged-models",
            "POST /api/2.0/mlflow/logged-models/{model_id}/params",
            "PATCH /api/2.0/mlflow/logged-models/{model_id}",
            "PATCH /api/2.0/mlflow/logged-models/{model_id}/tags",
            "DELETE /api/2.0/mlflow/logged-models/{model_id}",
            "DELETE /api/2.0/mlflow/logged-models/{model_id}/tags/{tag_key}",
            "POST /api/2.0/mlflow/model-versions/create",
            "POST /api/2.0/mlflow/model-versions/set-tag",
            "POST /api/2.0/mlflow/registered-models/create",
            "POST /api/2.0/mlflow/registered-models/set-tag",
            "POST /api/2.0/mlflow/runs/create",
            "POST /api/2.0/mlflow/runs/delete",
            "POST /api/2.0/mlflow/runs/delete-tag",
            "POST /api/2.0/mlflow/runs/log-batch",
            "POST /api/2.0/mlflow/runs/log-inputs",
            "POST /api/2.0/mlflow/runs/log-metric",
            "POST /api/2.0/mlflow/runs/log-model",
            "POST /api/2.0/mlflow/runs/log-parameter",
            "POST /api/2.0/mlflow/runs/outputs",
            "POST /api/2.0/mlflow/runs/restore",
            "POST /api/2.0/mlflow/runs/set-tag",
            "POST /api/2.0/mlflow/runs/update",
            "PATCH /api/2.0/mlflow/model-versions/update",
            "PATCH /api/2.0/mlflow/registered-models/update",
            "DELETE /api/2.0/mlflow/model-versions/delete-tag",
            "DELETE /api/2.0/mlflow/registered-models/delete-tag",
            "PUT /api/2.0/mlflow-artifacts/artifacts/{*path}",
            "DELETE /api/2.0/mlflow-artifacts/artifacts/{*path}",
            "POST /api/2.0/mlflow-artifacts/mpu/create/{*path}",
            "POST /api/2.0/mlflow-artifacts/mpu/complete/{*path}",
            "POST /api/2.0/mlflow-artifacts/mpu/abort/{*path}",
        ],
    ),
    (
        Need::Role(Role::Manager),
        &[
            "PUT /api/v1/models/{name}/aliases/{alias}",
            "POST /api/2.0/mlflow/experiments/delete",
            "GET /api/2.0/mlflow/webhooks",
            "POST /api/2.0/mlflow/webhooks",
            "GET /api/2.0/mlflow/webhooks/{webhook_id}",
            "PATCH /api/2.0/mlflow/webhooks/{webhook_id}",
            "DELETE /api/2.0/mlflow/webhooks/{webhook_id}",
            "POST /api/2.0/mlflow/webhooks/{webhook_id}/test",
            "POST /api/2.0/mlflow/experiments/restore",
            "POST /api/2.0/mlflow/model-versions/transition-stage",
            "POST /api/2.0/mlflow/registered-models/alias",
            "POST /api/2.0/mlflow/registered-models/rename",
            "DELETE /api/2.0/mlflow/model-versions/delete",
            "DELETE /api/2.0/mlflow/registered-models/alias",
            "DELETE /api/2.0/mlflow/registered-models/delete",
        ],
    ),
    (
        Need::Role(Role::Admin),
        &["GET /api/v1/tokens", "POST /api/v1/tokens", "DELETE /api/v1/tokens/{name}", "GET /api/v1/audit"],
    ),
];

/// By route, then by method.
static RULES: LazyLock<HashMap<&'static str, Vec<(Method, Need)>>> = LazyLock::new(|| {
    let mut rules: HashMap<_, Vec<_>> = HashMap::new();
    for (need, routes) in TABLE {
        for (method, path) in routes.iter().filter_map(|route| route.split_once(' ')) {
            // Methods are ASCII words, which are all valid.
            if let Ok(method) = method.parse() {
                rules.entry(key(path)).or_default().push((method, *need));
            }
        }
    }
    rules
});

/// What a request to a route, such as `/api/v1/models/{name}/versions`, asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// This.
    Needs(Need),
    /// The table has the route, but not with this method.
    OtherMethod,
    /// The table does not have the route: nobody may.
    Missing,
}

/// Looks a route up.
pub fn rule(method: &Method, route: &str) -> Rule {
    let Some(methods) = RULES.get(key(route)) else { return Rule::Missing };
    let method = if method == Method::HEAD { &Method::GET } else { method };
    methods
        .iter()
        .find(|(known, _)| known == method)
        .map_or(Rule::OtherMethod, |(_, need)| Rule::Needs(*need))
}

/// A route without the prefix that some have twice.
fn key(route: &str) -> &str {
    route.strip_prefix("/ajax-api").or_else(|| route.strip_prefix("/api")).unwrap_or(route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_looked_up_as_it_is_written() {
        for (need, routes) in TABLE {
            for route in *routes {
                let (method, path) = route.split_once(' ').unwrap();
                assert_eq!(rule(&method.parse().unwrap(), path), Rule::Needs(*need), "{route}");
            }
        }
    }

    #[test]
    fn the_least_roles_of_a_need_and_those_above_them_meet_it() {
        for (need, _) in TABLE {
            for role in Role::ALL {
                let least = need.roles();
                let among = least.is_empty() || least.into_iter().any(|least| role.includes(least));
                assert_eq!(among, need.is_met_by(role), "{need:?} by {role}");
            }
        }
    }

    #[test]
    fn what_is_not_in_the_table_has_no_rule() {
        assert_eq!(rule(&Method::GET, "/api/v1/nonsense"), Rule::Missing);
        assert_eq!(rule(&Method::DELETE, "/api/v1/models"), Rule::OtherMethod);
        assert_eq!(rule(&Method::HEAD, "/health"), Rule::Needs(Need::Nothing));
    }
}
