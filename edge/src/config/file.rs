//! What the file says: TOML whose keys and types are checked, each mistake with its line.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::keys::{self, KEYS, Kind, SECTIONS};
use super::nearest::nearest;

/// Where the file lies when nobody names one.
pub const USUAL: &str = "/etc/overhaul-edge/config.toml";
/// A file of settings is a page; more is none.
const MOST_BYTES: u64 = 1 << 20;

/// A file that was read.
#[derive(Debug, Clone, Default)]
pub struct File {
    path: PathBuf,
    text: String,
    values: BTreeMap<&'static str, (toml::Value, usize)>,
    sections: BTreeMap<&'static str, usize>,
}

impl File {
    /// Reads the file at `named`, else the usual one if it is there; what is wrong with it is told beside what is
    /// right.
    pub(super) fn read(named: Option<&Path>) -> (Option<Self>, Vec<String>) {
        let path = named.unwrap_or(Path::new(USUAL));
        let shown = path.display();
        let text = match text(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound && named.is_none() => return (None, Vec::new()),
            Err(e) => {
                return (
                    None,
                    vec![format!("{shown} cannot be read: {e}; name a file that can, with --config")],
                );
            }
        };
        let mut file = Self { path: path.to_owned(), text, ..Self::default() };
        let mistakes = file.parse();
        (Some(file), mistakes)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A key's value and its line.
    pub(super) fn value(&self, path: &str) -> Option<&(toml::Value, usize)> {
        self.values.get(path)
    }

    /// The line of a section, if it is there.
    pub(super) fn section_line(&self, name: &str) -> Option<usize> {
        self.sections.get(name).copied()
    }

    /// A table that is read as a whole; `None` when it is not there. A mistake in it is one line.
    pub(super) fn section<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, String> {
        // It was parsed before, so that it can be parsed.
        let Ok(root) = DeTable::parse(&self.text) else { return Ok(None) };
        let found = root.into_inner().into_iter().find(|(key, _)| key.get_ref() == name);
        let Some((_, table)) = found else { return Ok(None) };
        let mut track = serde_path_to_error::Track::new();
        let deserializer = serde_path_to_error::Deserializer::new(ValueDeserializer::from(table), &mut track);
        T::deserialize(deserializer).map(Some).map_err(|e| {
            let inside = track.path().to_string();
            let place = if inside == "." { name.to_owned() } else { format!("{name}.{inside}") };
            let start = e.span().map_or(0, |span| span.start);
            self.at(start, &section_problem(name, &place, e.message()))
        })
    }

    fn parse(&mut self) -> Vec<String> {
        let text = std::mem::take(&mut self.text);
        let mut mistakes = Vec::new();
        match DeTable::parse(&text) {
            Ok(root) => self.take_root(&text, root.into_inner(), &mut mistakes),
            Err(e) => {
                let start = e.span().map_or(0, |span| span.start);
                mistakes.push(self.line_of(&text, start, &format!("this is no TOML: {}", e.message())));
            }
        }
        self.text = text;
        mistakes
    }

    fn take_root(&mut self, text: &str, root: DeTable<'_>, mistakes: &mut Vec<String>) {
        // In the order of the file, as a person goes through it.
        let mut entries: Vec<_> = root.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let (name, start) = (key.get_ref().as_ref(), key.span().start);
            if let Some(section) = SECTIONS.iter().find(|section| **section == name) {
                if value.get_ref().is_table() {
                    self.sections.insert(section, line(text, start));
                } else {
                    mistakes.push(self.line_of(text, start, &format!("{name} is a table: write [{name}]")));
                }
            } else if keys::is_table(name) {
                let DeValue::Table(table) = value.into_inner() else {
                    mistakes.push(self.line_of(text, start, &no_table(name)));
                    continue;
                };
                let mut inside: Vec<_> = table.into_iter().collect();
                inside.sort_by_key(|(key, _)| key.span().start);
                for (key, value) in inside {
                    let path = format!("{name}.{}", key.get_ref());
                    self.take(text, &path, key.span().start, &value, mistakes);
                }
            } else {
                self.take(text, name, start, &value, mistakes);
            }
        }
    }

    /// Takes one key's value in.
    fn take(
        &mut self,
        text: &str,
        path: &str,
        start: usize,
        value: &Spanned<DeValue<'_>>,
        mistakes: &mut Vec<String>,
    ) {
        let Some(key) = keys::find(path) else {
            mistakes.push(self.line_of(text, start, &unknown(path)));
            return;
        };
        let is_right = matches!(
            (key.kind, value.get_ref()),
            (Kind::Text | Kind::Size, DeValue::String(_)) | (Kind::Count | Kind::Size, DeValue::Integer(_))
        );
        let shown = &text[value.span()];
        match toml::Value::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(value) if is_right => {
                self.values.insert(key.path, (value, line(text, start)));
            }
            _ => {
                let example = match key.kind {
                    Kind::Count => format!("a whole number is wanted, such as {}", key.example),
                    _ => format!("a text in quotes is wanted, such as \"{}\"", key.example),
                };
                let first = shown.lines().next().unwrap_or_default();
                mistakes.push(self.line_of(text, start, &format!("{path} = {first}: {example}")));
            }
        }
    }

    /// A mistake at an offset into the text.
    fn at(&self, start: usize, problem: &str) -> String {
        self.line_of(&self.text, start, problem)
    }

    fn line_of(&self, text: &str, start: usize, problem: &str) -> String {
        format!("{}, line {}: {problem}", self.path.display(), line(text, start))
    }
}

fn text(path: &Path) -> io::Result<String> {
    let file = fs::File::open(path)?;
    let mut text = String::new();
    io::Read::read_to_string(&mut io::Read::take(file, MOST_BYTES + 1), &mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 1 MiB"));
    }
    Ok(text)
}

fn line(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    before.bytes().filter(|byte| *byte == b'\n').count() + 1
}

fn unknown(path: &str) -> String {
    let tables = KEYS.iter().filter_map(|key| Some(key.path.split_once('.')?.0));
    let candidates = KEYS.iter().map(|key| key.path).chain(tables).chain(SECTIONS.iter().copied());
    suggest(path, nearest(path, candidates))
}

fn suggest(path: &str, meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("there is no key {path:?}; did you mean {meant:?}?"),
        None => {
            format!(
                "there is no key {path:?}; remove it (`overhaul-edge check-config` without it lists all keys)"
            )
        }
    }
}

fn no_table(name: &str) -> String {
    let inside: Vec<&str> =
        KEYS.iter().filter_map(|key| key.path.strip_prefix(name)?.strip_prefix('.')).collect();
    format!("{name} is a table: write [{name}] with {}", inside.join(", "))
}

/// What serde says of a section, in this house's words. A table without a field says which are known:
/// "unknown field `a`, expected one of `b`, `c`".
fn section_problem(name: &str, place: &str, message: &str) -> String {
    let message = message.trim();
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return format!("{place}: {message}");
    };
    let mut quoted = rest.split('`');
    let field = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.skip(1).step_by(2).collect();
    // The path ends in the field itself, or in the table that it is in.
    let table = place.strip_suffix(field).and_then(|table| table.strip_suffix('.')).unwrap_or(place);
    debug_assert!(table.starts_with(name));
    let candidates: Vec<String> = known.iter().map(|known| format!("{table}.{known}")).collect();
    let path = format!("{table}.{field}");
    suggest(&path, nearest(&path, candidates.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests;
