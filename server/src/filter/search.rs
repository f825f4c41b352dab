//! A filter and an order of one search, every key and value of which is known to make sense there.

use super::error::{FilterError, Source};
use super::lexeme::Value;
use super::syntax::{self, Clause, Name};
use super::{MAX_BYTES, MAX_CLAUSES, MAX_ITEMS, MAX_KEYS};

/// The parameters' names in messages; the first is `filter_string` in some requests.
const FILTER: &str = "filter";
pub(super) const ORDER_BY: &str = "order_by";

/// What can be searched: which keys it has, and how each is compared.
pub trait Search: Copy + PartialEq + std::fmt::Debug + 'static {
    /// What is searched, as messages name it: `runs`.
    const NAME: &'static str;
    /// Whether an order that names a key twice is refused. `MLflow` refuses it in some searches; in the others
    /// the second one changes nothing and is dropped.
    const REFUSES_REPEATED_KEYS: bool;

    /// One condition; a row is found when all of a filter's hold.
    type Clause: Clone + PartialEq + std::fmt::Debug;
    /// What rows are ordered by.
    type Key: Clone + PartialEq + std::fmt::Debug;

    /// A clause of this search.
    fn clause(written: Clause<'_>) -> Result<Self::Clause, FilterError>;

    /// A key that this search orders by.
    fn key(written: &Name<'_>) -> Result<Self::Key, FilterError>;

    /// What a filter means beyond its clauses; nothing in most searches.
    fn close(_clauses: &mut Vec<Self::Clause>) {}

    /// The order when none is asked for.
    fn default_order() -> Vec<Ordering<Self::Key>> {
        Vec::new()
    }

    /// What follows the keys that were asked for, as far as they are not among them.
    fn tie_breakers() -> Vec<Ordering<Self::Key>>;

    /// The keys that together no two rows share. All are among the tie-breakers.
    fn identity() -> Vec<Self::Key>;
}

/// A filter of one search.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter<S: Search> {
    clauses: Vec<S::Clause>,
}

impl<S: Search> Filter<S> {
    /// Reads the filter of a request; an empty one, like an absent one, has no clauses.
    pub fn parse(filter: &str) -> Result<Self, FilterError> {
        limit(FILTER, filter)?;
        let source = Source::new(FILTER, filter);
        let written = if filter.is_empty() { Vec::new() } else { syntax::clauses(source)? };
        if let Some(clause) = written.get(MAX_CLAUSES) {
            let message = format_args!("a filter has at most {MAX_CLAUSES} clauses");
            return Err(source.error(clause.name.at, message));
        }
        for clause in &written {
            if matches!(&clause.value, Value::List(items) if items.len() > MAX_ITEMS) {
                let message = format_args!("a list has at most {MAX_ITEMS} strings");
                return Err(source.error(clause.value_at, message));
            }
        }
        let mut clauses = written.into_iter().map(S::clause).collect::<Result<_, _>>()?;
        S::close(&mut clauses);
        Ok(Self { clauses })
    }

    /// Its clauses, all of which hold for a row that is found.
    pub fn clauses(&self) -> &[S::Clause] {
        &self.clauses
    }
}

/// Which way a key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Lowest first.
    Ascending,
    /// Highest first.
    Descending,
}

/// One key that rows are ordered by.
#[derive(Debug, Clone, PartialEq)]
pub struct Ordering<K> {
    /// What is compared.
    pub key: K,
    /// Which way. What is missing comes last either way.
    pub direction: Direction,
}

impl<K> Ordering<K> {
    pub(super) fn ascending(key: K) -> Self {
        Self { key, direction: Direction::Ascending }
    }

    pub(super) fn descending(key: K) -> Self {
        Self { key, direction: Direction::Descending }
    }
}

/// The order of one search's rows: total, since it ends in keys that no two rows share.
#[derive(Debug, Clone, PartialEq)]
pub struct Order<S: Search> {
    keys: Vec<Ordering<S::Key>>,
}

impl<S: Search> Order<S> {
    /// Reads the order of a request, and completes it as `MLflow` does.
    pub fn parse<T: AsRef<str>>(order_by: &[T]) -> Result<Self, FilterError> {
        let mut keys = Vec::with_capacity(order_by.len());
        for (index, text) in order_by.iter().enumerate() {
            let text = text.as_ref();
            limit(ORDER_BY, text)?;
            let source = Source::entry(ORDER_BY, index, text);
            let (name, descending) = syntax::ordering(source)?;
            let direction = if descending { Direction::Descending } else { Direction::Ascending };
            keys.push((source, Ordering { key: S::key(&name)?, direction }));
        }
        Self::complete(keys)
    }

    /// Drops or refuses what is repeated, and adds the default order or the tie-breakers.
    pub(super) fn complete(written: Vec<(Source<'_>, Ordering<S::Key>)>) -> Result<Self, FilterError> {
        if written.len() > MAX_KEYS {
            let message = format_args!("an order has at most {MAX_KEYS} keys; found {}", written.len());
            return Err(FilterError::whole(ORDER_BY, message));
        }
        let mut keys = Vec::new();
        for (source, ordering) in written {
            if !has(&keys, &ordering.key) {
                keys.push(ordering);
            } else if S::REFUSES_REPEATED_KEYS {
                let key = source.shown(0, source.text().len());
                return Err(source.error(0, format_args!("`{key}` orders by a key that stands before it")));
            }
        }
        if keys.is_empty() {
            keys = S::default_order();
        }
        for tie_breaker in S::tie_breakers() {
            if !has(&keys, &tie_breaker.key) {
                keys.push(tie_breaker);
            }
        }
        // What follows the identity tells no rows apart.
        let identity = S::identity();
        let last = keys.iter().rposition(|ordering| identity.contains(&ordering.key));
        keys.truncate(last.map_or(keys.len(), |last| last + 1));
        Ok(Self { keys })
    }

    /// Its keys, the first of which weighs most.
    pub fn keys(&self) -> &[Ordering<S::Key>] {
        &self.keys
    }
}

fn has<K: PartialEq>(keys: &[Ordering<K>], key: &K) -> bool {
    keys.iter().any(|ordering| ordering.key == *key)
}

fn limit(parameter: &str, text: &str) -> Result<(), FilterError> {
    if text.len() > MAX_BYTES {
        let message = format_args!("it has {} bytes; at most {MAX_BYTES} are taken", text.len());
        return Err(FilterError::whole(parameter, message));
    }
    Ok(())
}
