//! HTML that cannot be broken out of: markup is written in this program, everything else is escaped.

use std::fmt::{Display, Write};

/// A piece of HTML.
#[derive(Debug, Clone, Default)]
pub(super) struct Html(String);

impl Html {
    /// Adds markup; `'static` keeps out everything that came from a user.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, escaped for an element's content and for a quoted attribute.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(Escaped(&mut self.0), "{text}");
        self
    }

    /// Adds an element without attributes that holds a text.
    pub(super) fn element(&mut self, tag: &'static str, text: impl Display) -> &mut Self {
        self.raw("<").raw(tag).raw(">").text(text).raw("</").raw(tag).raw(">\n")
    }

    /// Adds another piece.
    pub(super) fn put(&mut self, piece: &Html) -> &mut Self {
        self.0.push_str(&piece.0);
        self
    }

    /// Adds the inside of a drawing, whose texts its backend has escaped.
    pub(super) fn drawing(&mut self, drawing: &super::chart::Drawing) -> &mut Self {
        self.0.push_str(drawing.shapes());
        self
    }

    /// The text.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// Escapes what is written to it.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        Ok(())
    }
}
