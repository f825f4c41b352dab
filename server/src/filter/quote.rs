//! Quoted strings: a value's or a key's, taken verbatim, and a list's, with Python's escapes.
//!
//! `MLflow` reads both kinds with different tools, and so the two differ:
//!
//! - A single value or a key is what stands between its quotes, character by character. A doubled quote
//!   does not end it, and neither does a quote after a backslash (unless it is the last of its kind in the
//!   text, so that `'C:\'` ends); both stay in the value as they were written. A value with a `'` in it is
//!   best written in `"`.
//! - A string in a list is a Python literal, as `repr` writes it.

/// The length of what stands between quotes, given the text after the opening one; `None` when none closes.
pub(super) fn verbatim_end(text: &str, quote: char) -> Option<usize> {
    let last = text.rfind(quote)?;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at <= last {
        let next_is_quote = bytes.get(at + 1).is_some_and(|&next| char::from(next) == quote);
        match char::from(*bytes.get(at)?) {
            c if c == quote && !next_is_quote => return Some(at),
            c if c == quote => at += 2,
            '\\' if next_is_quote && quote != '`' && at + 1 < last => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// The length of a list's string, given the text after its opening quote; `None` when none closes.
pub(super) fn literal_end(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| match c {
        _ if escaped => {
            escaped = false;
            None
        }
        '\\' => {
            escaped = true;
            None
        }
        c => (c == quote).then_some(at),
    })
}

/// What a list's string means, given what stands between its quotes.
///
/// The escapes are those of Python's string literals, without `\N{…}`; a backslash before anything else
/// stays. `None` when an escape names no character.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let escape = after.chars().next()?;
        let tail = &after[escape.len_utf8()..];
        let (character, tail) = match escape {
            '\\' | '\'' | '"' => (Some(escape), tail),
            '\n' => (None, tail),
            'a' => (Some('\u{7}'), tail),
            'b' => (Some('\u{8}'), tail),
            'f' => (Some('\u{c}'), tail),
            'n' => (Some('\n'), tail),
            'r' => (Some('\r'), tail),
            't' => (Some('\t'), tail),
            'v' => (Some('\u{b}'), tail),
            'x' => hexadecimal(tail, 2)?,
            'u' => hexadecimal(tail, 4)?,
            'U' => hexadecimal(tail, 8)?,
            '0'..='7' => octal(after)?,
            'N' => return None,
            _ => {
                out.push('\\');
                (Some(escape), tail)
            }
        };
        out.extend(character);
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

fn hexadecimal(text: &str, digits: usize) -> Option<(Option<char>, &str)> {
    let (code, tail) = text.split_at_checked(digits)?;
    if !code.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some((Some(char::from_u32(u32::from_str_radix(code, 16).ok()?)?), tail))
}

/// One to three octal digits, as in Python.
fn octal(text: &str) -> Option<(Option<char>, &str)> {
    let digits = text.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
    let (code, tail) = text.split_at_checked(digits)?;
    Some((Some(char::from_u32(u32::from_str_radix(code, 8).ok()?)?), tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verbatim(text: &str) -> Option<&str> {
        let quote = text.chars().next()?;
        verbatim_end(&text[1..], quote).map(|end| &text[1..=end])
    }

    #[test]
    fn a_value_is_what_stands_between_its_quotes() {
        assert_eq!(verbatim("'x' AND"), Some("x"));
        assert_eq!(verbatim("''"), Some(""));
        assert_eq!(verbatim("\"it's\""), Some("it's"));
        assert_eq!(verbatim("'it''s'"), Some("it''s"));
        assert_eq!(verbatim(r"'it\'s'"), Some(r"it\'s"));
        assert_eq!(verbatim(r"'C:\'"), Some(r"C:\"));
        assert_eq!(verbatim("`a``b`"), Some("a``b"));
        assert_eq!(verbatim(r"`a\` x `"), Some(r"a\"));
        assert_eq!(verbatim("'é'"), Some("é"));
        assert_eq!(verbatim("'x"), None);
        assert_eq!(verbatim("'x''"), None);
    }

    #[test]
    fn a_string_of_a_list_is_a_python_literal() {
        let means = |text: &str| unescape(text);
        assert_eq!(means(r"plain"), Some("plain".to_owned()));
        assert_eq!(means(r"it\'s"), Some("it's".to_owned()));
        assert_eq!(means(r"a\\b\n\t\x41\u00e9\U0001F600"), Some("a\\b\n\tAé😀".to_owned()));
        assert_eq!(means(r"\101\7"), Some("A\u{7}".to_owned()));
        assert_eq!(means(r"C:\dir"), Some(r"C:\dir".to_owned()));
        for refused in [r"\x4", r"\xzz", r"\ud800", r"\U99999999", r"\N{DASH}", "\\", r"\x+1"] {
            assert_eq!(means(refused), None, "{refused}");
        }
        assert_eq!(literal_end(r"a\'b' ,", '\''), Some(4));
        assert_eq!(literal_end(r"a\'b", '\''), None);
    }
}
