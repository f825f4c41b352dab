//! The headers of conditional requests and of parts of files (RFC 9110, sections 13 and 14), in words.

use std::collections::BTreeMap;

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{Content, RefOr, Required};
use utoipa::{IntoParams, IntoResponses};

const IF_NONE_MATCH: &str = "If-None-Match";

/// `If-None-Match`; its operations answer 304 and `ETag`.
pub(in crate::api) struct IfNoneMatch;

impl IntoParams for IfNoneMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![header(
            IF_NONE_MATCH,
            "`ETag`s of what is there already; where one still holds, the answer is 304.",
        )]
    }
}

/// `Range`, with `If-Range`.
pub(in crate::api) struct Range;

impl IntoParams for Range {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            header("Range", "One range of bytes, such as `bytes=1000-1999`; others are ignored."),
            header("If-Range", "An `ETag`: of another file than this one, all is sent."),
        ]
    }
}

fn header(name: &str, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(Object::with_type(Type::String)))
        .build()
}

/// Adds to an operation that takes `If-None-Match` what it answers for that.
pub(super) fn add(operation: &mut Operation) {
    let parameters = operation.parameters.iter().flatten();
    if !parameters.into_iter().any(|known| matches!(known, RefOr::T(known) if known.name == IF_NONE_MATCH)) {
        return;
    }
    let answers = &mut operation.responses.responses;
    answers.insert("304".to_owned(), answer("It is what `If-None-Match` names.", &[]).into());
    for (_, answer) in
        answers.iter_mut().filter(|(status, _)| matches!(status.as_str(), "200" | "206" | "304" | "416"))
    {
        if let RefOr::T(answer) = answer {
            answer.headers.insert("ETag".to_owned(), text("The same for the same content.").into());
        }
    }
}

/// The answers of `serve_file`.
pub(in crate::api) struct Served;

impl IntoResponses for Served {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let ranges = ("Accept-Ranges", "`bytes`");
        let name = ("Content-Disposition", "That it is to be saved, and as what.");
        let part = ("Content-Range", "Which bytes these are, and of how many.");
        let whole = ("Content-Range", "Of how many bytes it is.");
        let file = |mut answer: Response| {
            answer.content.insert("application/octet-stream".to_owned(), Content::default().into());
            answer
        };
        [
            ("200", file(answer("The file.", &[ranges, name]))),
            ("206", file(answer("The part that `Range` asks for.", &[ranges, name, part]))),
            ("416", answer("The file has none of the bytes that `Range` asks for.", &[ranges, name, whole])),
        ]
        .into_iter()
        .map(|(status, answer)| (status.to_owned(), answer.into()))
        .collect()
    }
}

fn answer(description: &str, headers: &[(&str, &str)]) -> Response {
    let answer = ResponseBuilder::new().description(description);
    headers.iter().fold(answer, |answer, (name, words)| answer.header(*name, text(words))).build()
}

fn text(description: &str) -> Header {
    let text = Some(Object::with_type(Type::String));
    HeaderBuilder::new().schema(text).description(Some(description)).build()
}
