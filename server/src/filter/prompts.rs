//! `MLflow`'s prompts: registered models that a tag marks, and that searches of models leave out.
//!
//! The client appends ``AND tag.`mlflow.prompt.is_prompt` != 'true'`` to what it asks of registered models.
//! Most of them have no such tag, and are to be found. So a filter on this tag is no filter on a tag:
//!
//! - When the filter's first clause on it is `= 'true'` or `!= 'false'` (the value in any case), prompts are
//!   searched, and all clauses on it hold as those on any tag do: of rows that have it.
//! - Otherwise, whatever its clauses on it, and also when it has none, they are dropped, and prompts are not
//!   found: neither a registered model with the tag `= 'true'`, nor any version of a model of which some
//!   version has it.

use super::comparison::TextTest;

/// The tag that marks a prompt, and each of its versions, with the value `true`.
pub const IS_PROMPT: &str = "mlflow.prompt.is_prompt";

/// Replaces the clauses on [`IS_PROMPT`] by `not_prompt`, unless it is prompts that are searched.
pub(super) fn close<C>(clauses: &mut Vec<C>, not_prompt: C, tag: impl Fn(&C) -> Option<(&str, &TextTest)>) {
    let on_prompt = |clause: &C| tag(clause).is_some_and(|(key, _)| key == IS_PROMPT);
    let first = clauses.iter().find(|clause| on_prompt(clause)).and_then(&tag);
    let searched = match first {
        Some((_, TextTest::Equal(value))) => value.eq_ignore_ascii_case("true"),
        Some((_, TextTest::NotEqual(value))) => value.eq_ignore_ascii_case("false"),
        _ => false,
    };
    if !searched {
        clauses.retain(|clause| !on_prompt(clause));
        clauses.push(not_prompt);
    }
}
