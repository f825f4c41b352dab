//! The grammar of every filter and order, to clauses whose keys and values are not looked at yet.
//!
//! ```text
//! filter     = clause *( AND clause )
//! clause     = name comparator value | name ( IS NULL | IS NOT NULL )
//! name       = [ entity "." ] key
//! key        = word *( "." word ) | "`…`" | "\"…\"" | "'…'"      ; the last after an entity only
//! comparator = "=" | "!=" | "<" | "<=" | ">" | ">=" | LIKE | ILIKE | IN | NOT IN
//! value      = "'…'" | "\"…\"" | number | "(" string *( "," string ) [ "," ] ")"
//! number     = [ "-" ] ( digits [ "." [ digits ] ] | "." digits ) [ e [ "+" | "-" ] digits ]
//! order      = name [ ASC | DESC ]
//! ```
//!
//! Words are letters, digits and `_`; keywords are taken in any case. Nothing nests, so nothing recurses.

use winnow::combinator::{alt, eof, opt, preceded, separated, terminated};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location as _};
use winnow::token::take_while;

use super::error::{FilterError, Source};
use super::lexeme::{
    Failure, Input, Outcome, Value, expected, keyword, space, space1, value, verbatim, word, words,
};

const NAME: &str = "expected a key such as name, metrics.accuracy or tags.`my team`";
const KEY: &str = "expected the key after the dot; write one with other characters than letters, digits, _ \
                   and . in backticks";
const COMPARATOR: &str = "expected a comparator (=, !=, <, <=, >, >=, LIKE, ILIKE, IN, NOT IN, IS NULL or \
                          IS NOT NULL) after the key, which goes in backticks when it has other characters \
                          than letters, digits, _ and .";
const VALUE: &str = "expected a value: a string in quotes, a number, or a list of strings in parentheses";
const END: &str = "expected AND or the end of the filter, which joins clauses by AND only, without OR, \
                   parentheses or functions";
const ORDER_END: &str = "expected ASC, DESC or the end";

/// How a key is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    ILike,
    In,
    NotIn,
    IsNull,
    IsNotNull,
}

/// A key as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Name<'a> {
    /// Where it was written.
    pub source: Source<'a>,
    /// Its first byte in the source.
    pub at: usize,
    /// What stands before the first dot.
    pub entity: Option<&'a str>,
    /// What stands after it, without quotes.
    pub key: &'a str,
    /// The byte after its last one.
    pub end: usize,
}

/// A clause as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause<'a> {
    pub name: Name<'a>,
    pub comparator: Comparator,
    /// The comparator's first byte.
    pub comparator_at: usize,
    pub value: Value<'a>,
    /// The value's first byte.
    pub value_at: usize,
    /// The byte after the last one.
    pub end: usize,
}

/// The clauses of a filter.
pub(super) fn clauses<'a>(source: Source<'a>) -> Result<Vec<Clause<'a>>, FilterError> {
    let clause = |input: &mut Input<'a>| clause(source, input);
    let clauses = separated(1.., terminated(clause, space), terminated(keyword("AND"), space));
    let filter = preceded(space, terminated(clauses, expected(eof, END)));
    parse(source, filter)
}

/// The key of an order, and whether it was written with `DESC`.
pub(super) fn ordering<'a>(source: Source<'a>) -> Result<(Name<'a>, bool), FilterError> {
    let name = |input: &mut Input<'a>| name(source, input);
    let direction = opt(preceded(space1, alt((keyword("ASC").value(false), keyword("DESC").value(true)))))
        .map(Option::unwrap_or_default);
    let order = preceded(space, (name, terminated(direction, (space, expected(eof, ORDER_END)))));
    parse(source, order)
}

fn parse<'a, O>(
    source: Source<'a>,
    mut parser: impl Parser<Input<'a>, O, Failure>,
) -> Result<O, FilterError> {
    parser.parse(LocatingSlice::new(source.text())).map_err(|error| {
        let expected = error.inner().context().next().copied().unwrap_or(END);
        source.error(error.offset(), format_args!("{expected}; found {}", source.found(error.offset())))
    })
}

fn clause<'a>(source: Source<'a>, input: &mut Input<'a>) -> Outcome<Clause<'a>> {
    let name = terminated(|input: &mut Input<'a>| name(source, input), space).parse_next(input)?;
    let comparator_at = input.current_token_start();
    let comparator = expected(comparator, COMPARATOR).parse_next(input)?;
    let end = input.current_token_start();
    if matches!(comparator, Comparator::IsNull | Comparator::IsNotNull) {
        return Ok(Clause { name, comparator, comparator_at, value: Value::Nothing, value_at: end, end });
    }
    space(input)?;
    let value_at = input.current_token_start();
    let value = expected(value, VALUE).parse_next(input)?;
    Ok(Clause { name, comparator, comparator_at, value, value_at, end: input.current_token_start() })
}

fn name<'a>(source: Source<'a>, input: &mut Input<'a>) -> Outcome<Name<'a>> {
    let at = input.current_token_start();
    let first = alt((verbatim('`'), verbatim('"'), word.verify(|word: &str| !is_reserved(word))));
    let first = expected(first, NAME).parse_next(input)?;
    let key = alt((verbatim('`'), verbatim('"'), verbatim('\''), words)).verify(|key: &str| !key.is_empty());
    let key = opt(preceded('.', expected(key, KEY))).parse_next(input)?;
    let end = input.current_token_start();
    Ok(match key {
        Some(key) => Name { source, at, entity: Some(first), key, end },
        None => Name { source, at, entity: None, key: first, end },
    })
}

/// Words that begin no clause, so that `NOT name = 'x'` is not read as a key `NOT`.
fn is_reserved(word: &str) -> bool {
    ["AND", "OR", "NOT"].iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

fn comparator(input: &mut Input<'_>) -> Outcome<Comparator> {
    let sign = take_while(1.., ['<', '>', '=', '!', '~']).verify_map(|sign: &str| match sign {
        "=" => Some(Comparator::Equal),
        "!=" => Some(Comparator::NotEqual),
        "<" => Some(Comparator::Less),
        "<=" => Some(Comparator::LessOrEqual),
        ">" => Some(Comparator::Greater),
        ">=" => Some(Comparator::GreaterOrEqual),
        _ => None,
    });
    let word = alt((
        keyword("LIKE").value(Comparator::Like),
        keyword("ILIKE").value(Comparator::ILike),
        keyword("IN").value(Comparator::In),
        (keyword("NOT"), space1, keyword("IN")).value(Comparator::NotIn),
        (keyword("IS"), space1, keyword("NULL")).value(Comparator::IsNull),
        (keyword("IS"), space1, keyword("NOT"), space1, keyword("NULL")).value(Comparator::IsNotNull),
    ));
    alt((sign, word)).parse_next(input)
}
