//! What an agent says of itself, in a few lines.

use anyhow::Context as _;
use serde_json::{Value, json};

/// An agent's answers to `GET /health` and `GET /refused`.
pub(super) struct Report {
    pub(super) url: String,
    pub(super) health: Value,
    pub(super) refused: Value,
}

impl Report {
    /// False without a version to predict with, and when the one that the registry names does not run.
    pub(super) fn is_as_wanted(&self) -> bool {
        self.health["status"] == "ok" && self.health["refused"].is_null()
    }

    /// Both as one JSON object.
    pub(super) fn json(&self) -> anyhow::Result<String> {
        let Self { url, health, refused } = self;
        let whole = json!({ "url": url, "health": health, "refused": refused });
        serde_json::to_string_pretty(&whole).context("cannot print the status")
    }

    /// A line for each thing that there is to say.
    pub(super) fn text(&self) -> String {
        let Self { url, health, refused } = self;
        let mut lines = vec![format!("overhaul-edge {} at {url}", told(&health["version"]))];
        lines.push(running(&health["model"]));
        let probation = &health["probation"];
        if !probation.is_null() {
            lines.push(format!(
                "probation: {} of {} predictions, {} failed",
                told(&probation["predictions"]),
                told(&probation["of"]),
                told(&probation["failures"])
            ));
        }
        lines.push(registry(&health["registry"]));
        let taken_back = refused.as_array().map(Vec::as_slice).unwrap_or_default();
        let last = &health["refused"];
        let is_listed =
            |last: &Value| taken_back.iter().any(|known| known["bundle_sha256"] == last["bundle_sha256"]);
        if !last.is_null() && !is_listed(last) {
            lines.push(format!("does not run: {}", refusal(last)));
        }
        for taken_back in taken_back {
            lines.push(format!("taken back: {}", refusal(taken_back)));
            let digest = told(&taken_back["bundle_sha256"]);
            lines.push(format!("  allow it again: curl -X DELETE {url}refused/{digest}"));
        }
        if let Some(waiting) = health["reports"]["waiting"].as_u64() {
            lines.push(format!("reports: {waiting} wait for the registry"));
        }
        lines.join("\n")
    }
}

fn running(model: &Value) -> String {
    if model.is_null() {
        return "running: nothing yet".to_owned();
    }
    let version = &model["version"];
    let version = if version.is_null() {
        "a bundle without a number".to_owned()
    } else {
        format!("version {}", told(version))
    };
    let (name, model_type) = (told(&model["name"]), told(&model["model_type"]));
    format!("running: {version} of {name} ({model_type}), bundle {}", told(&model["bundle_sha256"]))
}

fn registry(registry: &Value) -> String {
    if registry.is_null() {
        return "registry: none is followed".to_owned();
    }
    let url = told(&registry["url"]);
    match (registry["reachable"].as_bool(), registry["error"].as_str()) {
        (None, _) => format!("registry: {url}, not asked yet"),
        (Some(_), Some(error)) => {
            let last = &registry["last_answer"];
            let since = if last.is_null() { "never".to_owned() } else { told(last) };
            format!("registry: {url}, last answer {since}: {error}")
        }
        (Some(_), None) => format!("registry: {url}, answers"),
    }
}

fn refusal(refusal: &Value) -> String {
    let version = &refusal["version"];
    let what = if version.is_null() { "bundle" } else { "version" };
    let which = if version.is_null() { &refusal["bundle_sha256"] } else { version };
    format!("{what} {}: {}", told(which), told(&refusal["reason"]))
}

/// A value as text; control characters of a foreign agent do not reach the terminal.
fn told(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_was_taken_back_is_told_with_how_to_allow_it() {
        let refused =
            json!({ "version": 4, "bundle_sha256": "ab12", "reason": "it trapped\u{1b}[2J", "at": "x" });
        let report = Report {
            url: "http://127.0.0.1:8000/".to_owned(),
            health: json!({
                "status": "ok", "version": "0.1.0",
                "model": { "name": "RUL", "version": 3, "model_type": "GRU", "bundle_sha256": "cd34" },
                "probation": null,
                "registry": { "url": "http://r/", "reachable": false, "last_answer": null, "error": "it is away" },
                "refused": refused, "reports": { "waiting": 7 },
            }),
            refused: json!([refused]),
        };
        assert_eq!(
            report.text(),
            "overhaul-edge 0.1.0 at http://127.0.0.1:8000/\n\
             running: version 3 of RUL (GRU), bundle cd34\n\
             registry: http://r/, last answer never: it is away\n\
             taken back: version 4: it trapped [2J\n  \
             allow it again: curl -X DELETE http://127.0.0.1:8000/refused/ab12\n\
             reports: 7 wait for the registry"
        );
        assert!(!report.is_as_wanted());
    }
}
