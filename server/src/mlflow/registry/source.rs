//! What a version is made of, as the text of its `source` says: nothing here, and nothing else in the server, ever
//! reads from a source that lies elsewhere.

use overhaul_bundle::ModelName;
use percent_encoding::percent_decode_str;

use crate::api::ApiError;

/// The most characters of a source.
const MAX: usize = 4096;
/// The schemes whose readers connect to whatever host a source names, which `MLflow` refuses as well.
const OF_HOSTS: [&str; 9] = ["ftp", "sftp", "hdfs", "viewfs", "http", "https", "r2", "b2", "abfss"];
/// What stands for the source of a prompt, which has no files.
const OF_PROMPTS: [&str; 2] = ["dummy-source", "prompt-template"];

/// What a version is made of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// `runs:/RUN/PATH`: below the artifacts of a run; the path may be empty.
    Run { run_id: String, path: String },
    /// `models:/m-…`: a logged model.
    LoggedModel(String),
    /// `models:/NAME/3`, `models:/NAME/Staging`, `models:/NAME/latest`, `models:/NAME@ALIAS`: another version.
    Version { name: ModelName, which: Which },
    /// `mlflow-artifacts:/PATH`: what this server keeps.
    Artifacts,
    /// Anywhere else, such as `s3://BUCKET/PATH`, for those who can read it.
    Elsewhere,
    /// Nothing.
    Prompt,
}

/// Which version of a model.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Which {
    Number(String),
    Alias(String),
    Stage(String),
    Latest,
}

/// Why a source is not one.
pub(super) fn invalid(source: &str, why: impl std::fmt::Display) -> ApiError {
    let shown: String = source.chars().take(200).collect();
    ApiError::invalid(format!("Invalid model version source: '{shown}'. {why}"))
}

/// The source of a prompt's version.
pub(super) fn parse_of_prompt(source: &str) -> Result<Source, ApiError> {
    if OF_PROMPTS.contains(&source) {
        return Ok(Source::Prompt);
    }
    Err(invalid(source, "A prompt has no files; its source is prompt-template."))
}

/// The source of a version.
pub(super) fn parse(source: &str) -> Result<Source, ApiError> {
    if source.len() > MAX && source.chars().count() > MAX {
        return Err(invalid(source, format_args!("It may have at most {MAX} characters.")));
    }
    let Some((scheme, rest)) = split(source) else {
        return Err(invalid(
            source,
            "This server reads no paths of its own machine; log the files to a run and name runs:/RUN/PATH.",
        ));
    };
    if OF_HOSTS.contains(&scheme.as_str()) {
        return Err(invalid(
            source,
            format_args!("The scheme {scheme} leads to any host; log the files instead."),
        ));
    }
    let ours = matches!(scheme.as_str(), "runs" | "models" | "mlflow-artifacts");
    check_path(source, rest, ours)?;
    if !ours {
        return Ok(Source::Elsewhere);
    }
    if rest.starts_with("//") && !rest.starts_with("///") {
        return Err(invalid(source, format_args!("It may name no host: write {scheme}:/ with one slash.")));
    }
    match scheme.as_str() {
        "runs" => run(source, rest),
        "models" => model(source, rest),
        _ => Ok(Source::Artifacts),
    }
}

/// The scheme, in lower case, and what follows its colon; `None` for a path of a file system.
fn split(source: &str) -> Option<(String, &str)> {
    let (scheme, rest) = source.split_once(':')?;
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    // One letter is a drive of Windows.
    let of_files = !valid || scheme.len() == 1 || scheme.eq_ignore_ascii_case("file");
    (!of_files).then(|| (scheme.to_ascii_lowercase(), rest))
}

/// Refuses what leads out of the place that a source names, however it is written.
fn check_path(source: &str, rest: &str, ours: bool) -> Result<(), ApiError> {
    let decoded = decoded(rest).ok_or_else(|| invalid(source, "Its percent-encoding is no UTF-8."))?;
    let climbs = decoded.split(['/', '\\']).any(|part| matches!(part, "." | ".."));
    let rule = if climbs {
        "It may have no parts '.' or '..', however they are encoded."
    } else if decoded.chars().any(char::is_control) {
        "It may have no control characters, however they are encoded."
    } else if !rest.starts_with('/') {
        "After the scheme comes a slash."
    } else if ours && decoded.contains(['\\', '?', '#']) {
        "It may have no '\\', '?' or '#', however they are encoded."
    } else {
        return Ok(());
    };
    Err(invalid(source, rule))
}

/// A text without its percent-encoding, be it encoded several times over.
fn decoded(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    loop {
        let once = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
        if once == text {
            return Some(text);
        }
        text = once;
    }
}

fn run(source: &str, rest: &str) -> Result<Source, ApiError> {
    let mut parts = rest.split('/').filter(|part| !part.is_empty());
    let Some(run_id) = parts.next() else {
        return Err(invalid(source, "Write it as runs:/RUN/PATH."));
    };
    Ok(Source::Run { run_id: run_id.to_owned(), path: parts.collect::<Vec<_>>().join("/") })
}

fn model(source: &str, rest: &str) -> Result<Source, ApiError> {
    let unknown = || {
        invalid(
            source,
            "Write it as models:/NAME/VERSION, models:/NAME@ALIAS or models:/ and a logged model's id.",
        )
    };
    let parts: Vec<&str> = rest.trim_start_matches('/').split('/').collect();
    let (name, which) = match parts[..] {
        [name, which] if !which.trim().is_empty() => {
            let which = if which.bytes().all(|b| b.is_ascii_digit()) {
                Which::Number(which.to_owned())
            } else if which.eq_ignore_ascii_case("latest") {
                Which::Latest
            } else {
                Which::Stage(which.to_owned())
            };
            (name, which)
        }
        [one] => match one.rsplit_once('@') {
            Some((name, alias)) if !alias.trim().is_empty() => (name, Which::Alias(alias.to_owned())),
            None if !one.trim().is_empty() => return Ok(Source::LoggedModel(one.to_owned())),
            _ => return Err(unknown()),
        },
        _ => return Err(unknown()),
    };
    let name = name.parse().map_err(|e| invalid(source, e))?;
    Ok(Source::Version { name, which })
}

/// Whether an `mlflow-artifacts:` URI lies within another, part by part and whatever is encoded in them.
pub(super) fn is_within(source: &str, root: &str) -> bool {
    let (Some(source), Some(root)) = (parts(source), parts(root)) else { return false };
    !root.is_empty() && source.starts_with(&root)
}

fn parts(uri: &str) -> Option<Vec<String>> {
    let (scheme, rest) = split(uri)?;
    let parts = rest.split('/').filter(|part| !part.is_empty());
    (scheme == "mlflow-artifacts").then(|| parts.map(decoded).collect()).flatten()
}

/// An `mlflow-artifacts:` URI as the clients expect it: its scheme in lower case and one slash between parts.
pub(super) fn tidy(uri: &str) -> String {
    let (_, rest) = uri.split_once(':').unwrap_or_default();
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    format!("mlflow-artifacts:/{}", parts.join("/"))
}

#[cfg(test)]
mod tests;
