//! The descriptions of all routes as one document, with what holds for all of them: roles and shared errors.

use axum::http::Method;
use overhaul_client::api::Role;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, RefOr, Schema};

use super::conditions;
use super::errors::{self, Route};
use crate::access::policy::{Rule, rule};

/// The schemes by which a token is sent.
const SCHEMES: [&str; 2] = ["bearer", "basic"];

/// What stands before the routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Overhaul registry",
        description = include_str!("description.md"),
        contact(),
        license(name = "Apache-2.0"),
    ),
    // Beside this document, wherever a proxy has put it.
    servers((url = "../..", description = "This registry")),
    tags(
        (name = "models", description = "Registered models and their versions"),
        (name = "aliases", description = "Which version each alias points at, and since when"),
        (name = "files", description = "Manifests and files, by version or by digest"),
        (name = "gateways", description = "What gateways report, and what is known of them"),
        (name = "access", description = "Access tokens, and who changed what"),
        (name = "registry", description = "The registry itself"),
    ),
)]
struct Frame;

/// The document as JSON.
pub(super) fn json(routes: OpenApi) -> serde_json::Result<String> {
    // What Rust's types call `None` is `null` in JSON.
    Ok(serde_json::to_string(&document(routes))?.replace("`None`", "`null`"))
}

fn document(routes: OpenApi) -> OpenApi {
    let mut document = Frame::openapi();
    document.info.contact = None;
    document.merge(routes);
    let mut components = document.components.take().unwrap_or_default();
    components.schemas.extend([errors::schema()].map(|(name, schema)| (name.to_owned(), schema)));
    components.responses.extend(errors::all().map(|(name, answer)| (name.to_owned(), answer.into())));
    for (name, scheme) in SCHEMES.into_iter().zip(schemes()) {
        components.add_security_scheme(name, SecurityScheme::Http(scheme));
    }
    let paths = std::mem::take(&mut document.paths.paths).into_iter().map(|(path, mut item)| {
        for (method, operation) in operations(&mut item) {
            complete(&path, &method, operation, &components);
        }
        // A parameter that takes all the rest of a path is not told apart.
        (path.replace("{*", "{"), item)
    });
    document.paths.paths = paths.collect();
    document.components = Some(components);
    document
}

fn schemes() -> [Http; 2] {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("ovh_…");
    let basic = HttpBuilder::new().scheme(HttpAuthScheme::Basic);
    [
        bearer.description(Some("An access token of this registry.")).build(),
        basic.description(Some("The token as the password; the user name is ignored.")).build(),
    ]
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    [
        (Method::GET, &mut item.get),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::DELETE, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Adds to an operation what is not written beside its handler.
fn complete(path: &str, method: &Method, operation: &mut Operation, components: &Components) {
    // Each route has a rule.
    let Rule::Needs(need) = rule(method, path) else { return };
    let roles = need.roles();
    let words = match roles.as_slice() {
        [] => "Anybody may.".to_owned(),
        [least] => format!("Asks for role `{least}`."),
        [least, others @ ..] => {
            let others: Vec<String> = others.iter().map(|role| format!("`{role}`")).collect();
            format!("Asks for role `{least}` or {}.", others.join(" or "))
        }
    };
    let own = operation.description.take().filter(|own| !own.is_empty());
    operation.description = Some(own.map_or_else(|| words.clone(), |own| format!("{own}\n\n{words}")));
    let by_scheme = |role: &Role| SCHEMES.map(|scheme| SecurityRequirement::new(scheme, [role.as_str()]));
    operation.security = Some(roles.iter().flat_map(by_scheme).collect());
    conditions::add(operation);
    errors::add(&Route { path, method, need }, operation);
    for parameter in operation.parameters.iter_mut().flatten() {
        // One that says nothing of itself is what its type is.
        if let RefOr::T(parameter) = parameter
            && parameter.description.is_none()
            && let Some(RefOr::Ref(schema)) = &parameter.schema
        {
            let name = schema.ref_location.rsplit('/').next().unwrap_or_default();
            if let Some(RefOr::T(Schema::Object(schema))) = components.schemas.get(name) {
                parameter.description.clone_from(&schema.description);
            }
        }
    }
}
