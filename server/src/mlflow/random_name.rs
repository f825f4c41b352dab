//! Names for runs and logged models that were given none: an adjective, a noun and a number, such as `steady-rotor-417`.

use uuid::Uuid;

const ADJECTIVES: [&str; 32] = [
    "able", "amber", "brave", "bright", "brisk", "calm", "clever", "cosmic", "eager", "fair", "gentle",
    "glad", "golden", "grand", "happy", "honest", "humble", "jolly", "keen", "kind", "lively", "lucky",
    "mellow", "merry", "nimble", "noble", "patient", "placid", "proud", "quiet", "steady", "sunny",
];

const NOUNS: [&str; 32] = [
    "badger", "bear", "beaver", "bison", "crane", "deer", "dove", "eagle", "finch", "fox", "gull", "hare",
    "hawk", "heron", "horse", "ibex", "lark", "lynx", "marten", "moose", "newt", "otter", "owl", "panda",
    "puffin", "raven", "robin", "seal", "stork", "swan", "trout", "wren",
];

/// A name that will hardly come twice, of at most 20 characters.
pub(super) fn random_name() -> String {
    // The bytes that a random UUID has no version or variant in.
    let bytes = Uuid::new_v4().into_bytes();
    let number = u16::from_le_bytes([bytes[0], bytes[1]]) % 1000;
    let adjective = ADJECTIVES[usize::from(bytes[2]) % ADJECTIVES.len()];
    let noun = NOUNS[usize::from(bytes[3]) % NOUNS.len()];
    format!("{adjective}-{noun}-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_differ() {
        let names: std::collections::HashSet<String> = (0..100).map(|_| random_name()).collect();
        assert!(names.len() > 90 && names.iter().all(|name| name.len() <= 20), "{names:?}");
    }
}
