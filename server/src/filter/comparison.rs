//! What a filter asks of one value, once its type is known.

/// What is asked of a text.
///
/// Comparison is by characters, case included; only `ILike` folds case (by Unicode's lower case where the
/// database does, of ASCII letters at least). In a pattern `%` stands for any characters and `_` for any
/// one; nothing escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// `= 'text'`
    Equal(String),
    /// `!= 'text'`; a missing text does not match.
    NotEqual(String),
    /// `LIKE 'pattern'`
    Like(String),
    /// `ILIKE 'pattern'`
    ILike(String),
    /// `IN ('a', 'b')`, of one text at least.
    In(Vec<String>),
    /// `NOT IN ('a', 'b')`, of one text at least; a missing text does not match.
    NotIn(Vec<String>),
}

/// What is asked of a parameter or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyTest {
    /// It is there, and its text passes.
    Text(TextTest),
    /// `IS NULL`: it is not there.
    IsNull,
    /// `IS NOT NULL`: it is there, whatever its text.
    IsNotNull,
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What is asked of a number; a missing number does not match, whatever the relation.
///
/// A metric that is NaN matches `!=` and nothing else, as in IEEE 754.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberTest<T> {
    /// The relation of the number to `value`.
    pub relation: Relation,
    /// What it is compared with. Never NaN; infinite when written larger than an `f64` goes (`1e999`).
    pub value: T,
}

/// What is asked of an experiment's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdTest {
    /// `= '1'` or `IN ('1', '2')`, of one id at least.
    In(Vec<i64>),
    /// `!= '1'` or `NOT IN ('1', '2')`, of one id at least.
    NotIn(Vec<i64>),
}
