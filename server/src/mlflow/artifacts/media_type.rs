//! What a file is, by its name: what browsers and `MLflow`'s console show as text or as a picture, and nothing
//! that a browser would run.

/// Endings of names of text, and names without an ending, as `MLflow` knows them.
const TEXT: [&str; 27] = [
    "cfg",
    "cf",
    "cnf",
    "conf",
    "csv",
    "err",
    "hocon",
    "ini",
    "ipynb",
    "js",
    "json",
    "log",
    "md",
    "MLmodel",
    "MLproject",
    "prop",
    "properties",
    "py",
    "py3",
    "rst",
    "toml",
    "tsv",
    "txt",
    "xml",
    "yaml",
    "yml",
    "lock",
];

/// The `Content-Type` of a file.
pub(super) fn of(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default();
    match ending {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        ending if TEXT.contains(&ending) => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_and_pictures_are_called_so_and_what_a_browser_would_run_is_not() {
        for (name, wanted) in [
            ("MLmodel", "text/plain"),
            ("requirements.txt", "text/plain"),
            ("a.b.json", "text/plain"),
            ("loss.png", "image/png"),
            ("model.onnx", "application/octet-stream"),
            ("report.html", "application/octet-stream"),
            ("picture.svg", "application/octet-stream"),
            ("png", "image/png"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(super::of(name), wanted, "{name}");
        }
    }
}
