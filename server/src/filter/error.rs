//! What is wrong with a filter or an order, and where.

use std::fmt::Display;

/// How much of what was written a message repeats, in characters.
const SHOWN: usize = 60;

/// A filter or an order that is not taken: one line with the place, what was found there, and what is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FilterError(String);

impl FilterError {
    /// An error of the parameter as a whole.
    pub(super) fn whole(parameter: &str, message: impl Display) -> Self {
        Self(format!("{parameter}: {message}"))
    }
}

/// A text that somebody wrote, and the parameter that it came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    parameter: &'static str,
    index: Option<usize>,
    text: &'a str,
}

impl<'a> Source<'a> {
    /// The text of a parameter.
    pub(super) fn new(parameter: &'static str, text: &'a str) -> Self {
        Self { parameter, index: None, text }
    }

    /// The text of one entry of a parameter that is a list.
    pub(super) fn entry(parameter: &'static str, index: usize, text: &'a str) -> Self {
        Self { parameter, index: Some(index), text }
    }

    pub(super) fn text(self) -> &'a str {
        self.text
    }

    /// An error at a byte of the text, shown as a column: characters, counted from 1.
    pub(super) fn error(self, at: usize, message: impl Display) -> FilterError {
        let column = self.text.get(..at).map_or(0, |before| before.chars().count()) + 1;
        let parameter = self.parameter;
        FilterError(match self.index {
            Some(index) => format!("{parameter}[{index}], column {column}: {message}"),
            None => format!("{parameter}, column {column}: {message}"),
        })
    }

    /// What stands between two bytes of the text, for a message.
    pub(super) fn shown(self, from: usize, to: usize) -> String {
        let Some(written) = self.text.get(from..to) else { return String::new() };
        let mut shown: String =
            written.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
        if written.chars().nth(SHOWN).is_some() {
            shown.push('…');
        }
        shown
    }

    /// The word, sign or quoted beginning that stands at a byte of the text, for a message.
    pub(super) fn found(self, at: usize) -> String {
        let rest = self.text.get(at..).unwrap_or_default();
        let Some(first) = rest.chars().next() else { return "the end".to_owned() };
        let class = class(first);
        let length = match class {
            Class::Other => first.len_utf8(),
            Class::Quote => rest.len(),
            Class::Word | Class::Sign => rest.find(|c| self::class(c) != class).unwrap_or(rest.len()),
        };
        format!("`{}`", self.shown(at, at + length))
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    Word,
    Sign,
    Quote,
    Other,
}

fn class(c: char) -> Class {
    match c {
        '_' => Class::Word,
        _ if c.is_alphanumeric() => Class::Word,
        '<' | '>' | '=' | '!' | '~' => Class::Sign,
        '\'' | '"' | '`' => Class::Quote,
        _ => Class::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        let source = Source::new("filter", "é = 'x' ü");
        assert_eq!(source.error(9, "here").to_string(), "filter, column 9: here");
        assert_eq!(source.error(0, "here").to_string(), "filter, column 1: here");
    }

    #[test]
    fn what_was_found_is_one_word_one_sign_or_a_shortened_string() {
        let source = Source::new("filter", "name == 'x'\u{7}OR(");
        assert_eq!(source.found(0), "`name`");
        assert_eq!(source.found(5), "`==`");
        assert_eq!(source.found(8), "`'x' OR(`");
        assert_eq!(source.found(14), "`(`");
        assert_eq!(source.found(15), "the end");
        let long = format!("'{}", "x".repeat(1000));
        assert!(Source::new("filter", &long).found(0).chars().count() < 70);
    }
}
