//! The errors that many routes answer, described once each.

use axum::http::Method;
use overhaul_client::api::ErrorBody;
use utoipa::PartialSchema as _;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{Content, Ref, RefOr};

use crate::access::policy::Need;

/// A route, as far as its errors depend on it.
pub(super) struct Route<'a> {
    pub(super) path: &'a str,
    pub(super) method: &'a Method,
    pub(super) need: Need,
}

/// A status, its name in the document, what it means, and whether a route answers it.
type Shared = (&'static str, &'static str, &'static str, fn(&Route<'_>, &Operation) -> bool);

const SHARED: [Shared; 8] = [
    ("400", "Invalid", "Something in the request is not valid.", |_, _| true),
    (
        "401",
        "Unauthenticated",
        "The registry asks for an access token, and the request has none that is good.",
        |route, _| route.need != Need::Nothing,
    ),
    (
        "403",
        "Forbidden",
        "The token's role may not do that; or the request names a host that this registry is not known as, or \
         comes from a page of another site.",
        |_, _| true,
    ),
    ("408", "TooSlow", "The body did not arrive.", |_, operation| operation.request_body.is_some()),
    ("413", "TooLarge", "The body has more bytes than it may.", |_, operation| {
        operation.request_body.is_some()
    }),
    ("500", "Failed", "The registry failed; its log says why.", |_, _| true),
    (
        "503",
        "Busy",
        "The registry has as much to do as it takes on at a time.",
        // Whether it lives can be asked at any time.
        |route, _| route.path != "/health",
    ),
    ("507", "DiskFull", "The registry's disk is full.", |route, _| route.method != Method::GET),
];

/// The shared errors by name.
pub(super) fn all() -> impl Iterator<Item = (&'static str, Response)> {
    SHARED.into_iter().map(|(status, name, description, _)| {
        let mut answer = ResponseBuilder::new().description(description).content("application/json", body());
        let header = match status {
            "401" => Some(("WWW-Authenticate", "`Bearer` and `Basic`.")),
            "503" => Some(("Retry-After", "In how many seconds to try again.")),
            _ => None,
        };
        if let Some((name, words)) = header {
            let text =
                HeaderBuilder::new().schema(Some(Object::with_type(Type::String))).description(Some(words));
            answer = answer.header(name, text.build());
        }
        (name, answer.build())
    })
}

/// Adds to an operation the shared errors that it answers, and their body to those of its own.
pub(super) fn add(route: &Route<'_>, operation: &mut Operation) {
    for (status, answer) in &mut operation.responses.responses {
        if let RefOr::T(answer) = answer
            && status.starts_with(['4', '5'])
            // Its answer is its header.
            && status != "416"
        {
            answer.content.entry("application/json".to_owned()).or_insert_with(|| body().into());
        }
    }
    for (status, name, _, applies) in SHARED {
        if applies(route, operation) {
            let answers = &mut operation.responses.responses;
            answers.entry(status.to_owned()).or_insert_with(|| Ref::from_response_name(name).into());
        }
    }
}

fn body() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build()
}

/// What the body is like.
pub(super) fn schema() -> (&'static str, RefOr<utoipa::openapi::Schema>) {
    ("ErrorBody", ErrorBody::schema())
}
