//! A user's mistake against a fault: the exit code and the error lines of every Overhaul program.

use std::error::Error;
use std::process::ExitCode;

use crate::BundleError;
use crate::names::InvalidName;

/// Something the user asked for that cannot be: one line with the thing, the value and the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Mistake(String);

impl Mistake {
    /// A mistake with its one line.
    pub fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }
}

/// True when some error in the chain is the user's to mend.
pub fn is_mistake(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&e| e.source()).any(|e| {
        e.is::<Mistake>()
            || e.is::<InvalidName>()
            || e.downcast_ref::<BundleError>().is_some_and(|e| !e.is_fault())
    })
}

/// Prints an error to standard error, a mistake as its one line and a fault as its chain of
/// causes, and answers the exit code: 2 for a mistake, 1 for a fault.
pub fn report(error: &(dyn Error + 'static)) -> ExitCode {
    let causes = causes(error);
    if is_mistake(error) {
        eprintln!("error: {}", causes.join(": "));
        return ExitCode::from(2);
    }
    eprintln!("error: {}", causes[0]);
    for cause in &causes[1..] {
        eprintln!("  caused by: {cause}");
    }
    ExitCode::from(1)
}

/// What an error and its causes say. Some libraries' errors repeat what their causes say: nothing is said twice.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut causes: Vec<String> =
        std::iter::successors(Some(error), |&e| e.source()).map(ToString::to_string).collect();
    causes.dedup_by(|cause, said| said.contains(cause.as_str()));
    causes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layer {
        text: &'static str,
        source: Option<Box<Layer>>,
    }

    #[test]
    fn no_cause_says_again_what_stands_in_the_line_before() {
        let layers =
            ["refused", "cannot reach it: refused", "refused", "cannot reach it: refused", "cannot list"];
        let error = layers.into_iter().fold(None, |source, text| Some(Box::new(Layer { text, source })));
        assert_eq!(causes(error.unwrap().as_ref()), ["cannot list", "cannot reach it: refused"]);
    }
}
