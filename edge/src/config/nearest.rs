//! The key that was probably meant by one that does not exist.

/// Below this likeness two names have nothing to do with each other (Jaro and Winkler's measure, 0 to 1).
const LIKE: f64 = 0.8;
/// What one slip in a name of three letters or more counts at least, which that measure thinks little of in a short one.
const SLIP: f64 = 0.85;

/// The candidate that is most like `name`, compared as a whole and by what stands behind the last dot, since a key
/// may be right and in the wrong table.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |candidate: &str| {
        let is_slip = candidate.len() > 2 && strsim::osa_distance(name, candidate) == 1;
        let whole = strsim::jaro_winkler(name, candidate).max(if is_slip { SLIP } else { 0.0 });
        // Of two that are alike, the one in the same table.
        whole.max(0.99 * strsim::jaro_winkler(last(name), last(candidate)))
    };
    let rated = candidates.into_iter().map(|candidate| (likeness(candidate), candidate));
    let (best, candidate) = rated.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best >= LIKE).then_some(candidate)
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_and_a_key_in_the_wrong_table_find_what_was_meant() {
        let keys = ["tls", "registry", "data-dir", "tls.certificate", "tls.key", "probation.failures"];
        for (typed, meant) in [
            ("regsitry", Some("registry")),
            ("data_dir", Some("data-dir")),
            ("tls.certifcate", Some("tls.certificate")),
            ("certificate", Some("tls.certificate")),
            ("tls-certificate", Some("tls.certificate")),
            ("probation.failure", Some("probation.failures")),
            ("tsl.key", Some("tls.key")),
            ("colour", None),
        ] {
            assert_eq!(nearest(typed, keys), meant, "{typed}");
        }
    }
}
