//! From a clause as it was written to what it asks: which comparators and values its key takes.

use std::fmt;
use std::str::FromStr;

use super::MAX_PATTERN;
use super::comparison::{IdTest, KeyTest, NumberTest, Relation, TextTest};
use super::error::FilterError;
use super::lexeme::Value;
use super::syntax::{Clause, Comparator, Name};

/// What texts take.
pub(super) const TEXT: &[Comparator] =
    &[Comparator::Equal, Comparator::NotEqual, Comparator::Like, Comparator::ILike];

/// What texts take that are compared with lists as well.
pub(super) const TEXT_OR_LIST: &[Comparator] = &[
    Comparator::Equal,
    Comparator::NotEqual,
    Comparator::Like,
    Comparator::ILike,
    Comparator::In,
    Comparator::NotIn,
];

const KEY: &[Comparator] = &[
    Comparator::Equal,
    Comparator::NotEqual,
    Comparator::Like,
    Comparator::ILike,
    Comparator::IsNull,
    Comparator::IsNotNull,
];

const NUMBER: &[Comparator] = &[
    Comparator::Equal,
    Comparator::NotEqual,
    Comparator::Less,
    Comparator::LessOrEqual,
    Comparator::Greater,
    Comparator::GreaterOrEqual,
];

const ID: &[Comparator] = &[Comparator::Equal, Comparator::NotEqual, Comparator::In, Comparator::NotIn];

/// What stands before a key's dot, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entity {
    Attribute,
    Metric,
    Param,
    Tag,
    Dataset,
}

impl Name<'_> {
    /// The entity, by any of `MLflow`'s names for it; `None` when it is none.
    pub(super) fn entity(&self) -> Option<Entity> {
        match self.entity {
            None | Some("attribute" | "attributes" | "attr" | "run") => Some(Entity::Attribute),
            Some("metric" | "metrics") => Some(Entity::Metric),
            Some("parameter" | "parameters" | "param" | "params") => Some(Entity::Param),
            Some("tag" | "tags") => Some(Entity::Tag),
            Some("dataset" | "datasets") => Some(Entity::Dataset),
            Some(_) => None,
        }
    }

    /// The error for a key that a search does not have.
    pub(super) fn unknown(&self, search: &str, known: &str) -> FilterError {
        self.source.error(self.at, format_args!("a search of {search} has no `{self}`; it has {known}"))
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source.shown(self.at, self.end))
    }
}

impl Clause<'_> {
    /// A clause whose key is a text.
    pub(super) fn text(&self, allowed: &[Comparator]) -> Result<TextTest, FilterError> {
        self.allow(allowed)?;
        match (self.comparator, &self.value) {
            (Comparator::Equal, Value::Text(text)) => Ok(TextTest::Equal((*text).to_owned())),
            (Comparator::NotEqual, Value::Text(text)) => Ok(TextTest::NotEqual((*text).to_owned())),
            (Comparator::Like | Comparator::ILike, Value::Text(text)) if text.len() > MAX_PATTERN => {
                let length = text.len();
                let message = format_args!("the pattern has {length} bytes; at most {MAX_PATTERN} are taken");
                Err(self.name.source.error(self.value_at, message))
            }
            (Comparator::Like, Value::Text(text)) => Ok(TextTest::Like((*text).to_owned())),
            (Comparator::ILike, Value::Text(text)) => Ok(TextTest::ILike((*text).to_owned())),
            (Comparator::In, Value::List(texts)) => Ok(TextTest::In(texts.clone())),
            (Comparator::NotIn, Value::List(texts)) => Ok(TextTest::NotIn(texts.clone())),
            (Comparator::In | Comparator::NotIn, _) => Err(self.wrong("a list such as ('a', 'b')")),
            _ => Err(self.wrong("a string in quotes")),
        }
    }

    /// A clause whose key may be missing.
    pub(super) fn key(&self) -> Result<KeyTest, FilterError> {
        self.allow(KEY)?;
        match self.comparator {
            Comparator::IsNull => Ok(KeyTest::IsNull),
            Comparator::IsNotNull => Ok(KeyTest::IsNotNull),
            _ => self.text(TEXT).map(KeyTest::Text),
        }
    }

    /// A clause whose key is a number; `kind` says which numbers it takes.
    pub(super) fn number<T: FromStr>(&self, kind: &str) -> Result<NumberTest<T>, FilterError> {
        self.allow(NUMBER)?;
        let relation = match self.comparator {
            Comparator::NotEqual => Relation::NotEqual,
            Comparator::Less => Relation::Less,
            Comparator::LessOrEqual => Relation::LessOrEqual,
            Comparator::Greater => Relation::Greater,
            Comparator::GreaterOrEqual => Relation::GreaterOrEqual,
            _ => Relation::Equal,
        };
        let Value::Number(number) = self.value else { return Err(self.wrong(kind)) };
        let value = number.parse().map_err(|_| self.wrong(kind))?;
        Ok(NumberTest { relation, value })
    }

    /// A clause whose key is an experiment's id.
    pub(super) fn ids(&self) -> Result<IdTest, FilterError> {
        self.allow(ID)?;
        let kind = "experiment ids: integers in quotes";
        let id = |text: &str| text.trim().parse().map_err(|_| self.wrong(kind));
        match (self.comparator, &self.value) {
            (Comparator::Equal, Value::Text(text)) => Ok(IdTest::In(vec![id(text)?])),
            (Comparator::NotEqual, Value::Text(text)) => Ok(IdTest::NotIn(vec![id(text)?])),
            (Comparator::In, Value::List(texts)) => {
                texts.iter().map(|text| id(text)).collect::<Result<_, _>>().map(IdTest::In)
            }
            (Comparator::NotIn, Value::List(texts)) => {
                texts.iter().map(|text| id(text)).collect::<Result<_, _>>().map(IdTest::NotIn)
            }
            (Comparator::In | Comparator::NotIn, _) => Err(self.wrong("a list such as ('1', '2')")),
            _ => Err(self.wrong(kind)),
        }
    }

    /// The same clause, with a number that stands for its digits as a text.
    pub(super) fn with_number_as_text(mut self) -> Self {
        if let Value::Number(number) = self.value {
            self.value = Value::Text(number);
        }
        self
    }

    /// The same clause, with a text that stands for the number in it.
    pub(super) fn with_text_as_number(mut self) -> Self {
        if let Value::Text(text) = self.value {
            self.value = Value::Number(text);
        }
        self
    }

    fn allow(&self, allowed: &[Comparator]) -> Result<(), FilterError> {
        if allowed.contains(&self.comparator) {
            return Ok(());
        }
        let takes: Vec<&str> = allowed.iter().map(|comparator| comparator.as_str()).collect();
        let (name, is) = (self.name, self.comparator.as_str());
        let message = format!("`{name}` takes {}; found `{is}`", takes.join(", "));
        Err(self.name.source.error(self.comparator_at, message))
    }

    fn wrong(&self, takes: &str) -> FilterError {
        let source = self.name.source;
        let (name, is) = (self.name, self.comparator.as_str());
        let found = source.shown(self.value_at, self.end);
        source.error(self.value_at, format_args!("`{name} {is}` takes {takes}; found `{found}`"))
    }
}

impl Comparator {
    fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Like => "LIKE",
            Self::ILike => "ILIKE",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
            Self::IsNull => "IS NULL",
            Self::IsNotNull => "IS NOT NULL",
        }
    }
}
