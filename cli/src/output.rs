//! Tables, times and JSON on standard output.

use std::io::{self, Write as _};
use std::process::ExitCode;

use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use jiff::Timestamp;
use overhaul_bundle::Metadata;
use serde::Serialize;

/// Prints a command's answer; a reader that went away (`| head`) is no error.
pub(crate) fn print(text: &str) -> ExitCode {
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(e) => overhaul_bundle::mistake::report(&e),
    }
}

/// An answer for programs.
pub(crate) fn json(answer: &impl Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(answer)?)
}

/// A table with a header.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    table.add_rows(rows.into_iter().map(|row| row.map(|cell| plain(&cell))));
    table.trim_fmt()
}

/// A time in UTC, to the second.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Text from elsewhere without control characters, which a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Names joined by commas.
pub(crate) fn joined<T: ToString>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(|name| name.to_string()).collect::<Vec<_>>().join(", ")
}

/// A value, or a dash when it is not known.
pub(crate) fn known(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// A number with so many digits after the point, or a dash when it is not known.
pub(crate) fn rounded(value: Option<f64>, digits: usize) -> String {
    known(value.map(|value| format!("{value:.digits$}")))
}

/// The same in cycles.
pub(crate) fn cycles(value: Option<f64>, digits: usize) -> String {
    known(value.map(|value| format!("{value:.digits$} cycles")))
}

/// Layers and their width, or a dash when they are not known.
pub(crate) fn layers(metadata: &Metadata) -> String {
    known(metadata.layers.zip(metadata.hidden_size).map(|(layers, width)| format!("{layers} of {width}")))
}
