//! The settings as TOML that can be used as a file, with where each value came from.

use std::fmt::Write as _;

use super::keys::{KEYS, Kind, SECTIONS};
use super::{Config, Layers, Origin};

/// Every key: with its value and where that came from, or in a comment when it is not set.
pub fn show(config: &Config) -> String {
    let mut text = match config.layers.file() {
        Some(file) => format!("# file: {}\n", file.display()),
        None => "# no file\n".to_owned(),
    };
    let mut table = "";
    for key in KEYS {
        let (inside, name) = key.path.split_once('.').unwrap_or(("", key.path));
        if inside != table {
            table = inside;
            text += "\n[";
            text += table;
            text += "]\n";
        }
        let line = match config.layers.given(key.path) {
            None => format!("# {name} is not set\n"),
            Some(given) => {
                let is_number =
                    key.kind != Kind::Text && given.text.bytes().all(|byte| byte.is_ascii_digit());
                let value = if is_number { given.text } else { toml::Value::String(given.text).to_string() };
                format!("{name} = {value}  # {}\n", given.origin)
            }
        };
        text += &line;
    }
    for section in SECTIONS {
        let _ = writeln!(text);
        text += &shown_section(config, section);
    }
    text
}

/// A table that is read as a whole, as it is in the file.
fn shown_section(config: &Config, name: &str) -> String {
    let Some(line) = config.layers.section_line(name) else { return format!("# [{name}] is not set\n") };
    let Some(table) = raw(&config.layers, name) else { return String::new() };
    let whole = toml::Table::from_iter([(name.to_owned(), toml::Value::Table(table))]);
    format!("# {}\n{whole}", Origin::File(line))
}

/// A section as it is written, whatever it is for.
pub(super) fn raw(layers: &Layers, name: &str) -> Option<toml::Table> {
    layers.section(name).ok().flatten()
}
