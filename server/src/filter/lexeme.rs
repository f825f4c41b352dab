//! What clauses are made of: words, numbers, strings, lists, and the white space between.

use winnow::ascii::{Caseless, digit1};
use winnow::combinator::{alt, not, opt, separated, terminated};
use winnow::error::{ContextError, ErrMode, ModalResult, ParserError as _};
use winnow::prelude::*;
use winnow::stream::LocatingSlice;
use winnow::token::{one_of, take_while};

use super::quote::{literal_end, unescape, verbatim_end};

pub(super) type Input<'a> = LocatingSlice<&'a str>;
pub(super) type Failure = ErrMode<ContextError<&'static str>>;
pub(super) type Outcome<O> = ModalResult<O, ContextError<&'static str>>;

const ITEM: &str = "expected a string in quotes: a list holds one or more strings";
const NEXT: &str = "expected a comma or the end of the list";
const UNCLOSED: &str = "expected a string that is closed";
const ESCAPE: &str = "expected a string whose escapes name characters; double each backslash";

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Text(&'a str),
    Number(&'a str),
    List(Vec<String>),
    /// `IS NULL` and `IS NOT NULL` have none.
    Nothing,
}

/// Nothing but this can stand here: a failure is the whole filter's, at this place.
pub(super) fn expected<'a, O>(
    mut parser: impl Parser<Input<'a>, O, Failure>,
    what: &'static str,
) -> impl Parser<Input<'a>, O, Failure> {
    move |input: &mut Input<'a>| {
        let start = input.checkpoint();
        parser.parse_next(input).map_err(|failure| match failure {
            ErrMode::Backtrack(_) => {
                input.reset(&start);
                refused(what)
            }
            failure => failure,
        })
    }
}

fn refused(what: &'static str) -> Failure {
    let mut error = ContextError::new();
    error.push(what);
    ErrMode::Cut(error)
}

pub(super) fn value<'a>(input: &mut Input<'a>) -> Outcome<Value<'a>> {
    let text = alt((verbatim('\''), verbatim('"'))).map(Value::Text);
    alt((text, number.map(Value::Number), list.map(Value::List))).parse_next(input)
}

fn number<'a>(input: &mut Input<'a>) -> Outcome<&'a str> {
    let fraction = ('.', opt(digit1)).void();
    let mantissa = alt(((digit1, opt(fraction)).void(), ('.', digit1).void()));
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    let number = (opt('-'), mantissa, opt(exponent)).take();
    terminated(number, not(one_of(|c: char| is_word(c) || c == '.'))).parse_next(input)
}

fn list(input: &mut Input<'_>) -> Outcome<Vec<String>> {
    ('(', space).parse_next(input)?;
    let mut items = vec![expected(item, ITEM).parse_next(input)?];
    loop {
        space(input)?;
        let comma = expected(alt((','.value(true), ')'.value(false))), NEXT).parse_next(input)?;
        space(input)?;
        if !comma || opt(')').parse_next(input)?.is_some() {
            return Ok(items);
        }
        items.push(expected(item, ITEM).parse_next(input)?);
    }
}

fn item(input: &mut Input<'_>) -> Outcome<String> {
    let start = input.checkpoint();
    let quote = one_of(['\'', '"']).parse_next(input)?;
    let Some(end) = literal_end(input, quote) else {
        input.reset(&start);
        return Err(refused(UNCLOSED));
    };
    let mut literal = terminated(|input: &mut Input<'_>| take_bytes(end, input).map(unescape), one_of(quote));
    let Some(text) = literal.parse_next(input)? else {
        input.reset(&start);
        return Err(refused(ESCAPE));
    };
    Ok(text)
}

/// A string taken character by character, see [`super::quote`].
pub(super) fn verbatim<'a>(quote: char) -> impl Parser<Input<'a>, &'a str, Failure> {
    move |input: &mut Input<'a>| {
        let start = input.checkpoint();
        one_of(quote).parse_next(input)?;
        let Some(end) = verbatim_end(input, quote) else {
            input.reset(&start);
            return Err(refused(UNCLOSED));
        };
        terminated(|input: &mut Input<'a>| take_bytes(end, input), one_of(quote)).parse_next(input)
    }
}

/// Takes as many bytes; the caller found a character's boundary there.
fn take_bytes<'a>(length: usize, input: &mut Input<'a>) -> Outcome<&'a str> {
    if input.is_char_boundary(length) {
        Ok(input.next_slice(length))
    } else {
        Err(ErrMode::from_input(input))
    }
}

pub(super) fn keyword<'a>(word: &'static str) -> impl Parser<Input<'a>, (), Failure> {
    (Caseless(word), not(one_of(is_word))).void()
}

pub(super) fn words<'a>(input: &mut Input<'a>) -> Outcome<&'a str> {
    separated::<_, _, (), _, _, _, _>(1.., word, '.').take().parse_next(input)
}

pub(super) fn word<'a>(input: &mut Input<'a>) -> Outcome<&'a str> {
    take_while(1.., is_word).parse_next(input)
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

pub(super) fn space(input: &mut Input<'_>) -> Outcome<()> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

pub(super) fn space1(input: &mut Input<'_>) -> Outcome<()> {
    take_while(1.., char::is_whitespace).void().parse_next(input)
}
