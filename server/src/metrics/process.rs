//! What the system says of this process; 0 for what it does not say.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time now, in seconds since 1970, by the system's clock.
pub(super) fn start() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64)
}

/// Bytes of memory (the manual page `proc_pid_statm(5)`).
pub(super) fn resident_memory() -> i64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: Option<i64> = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0) * rustix::param::page_size() as i64
}

/// Files, sockets included.
pub(super) fn open_files() -> i64 {
    fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory_and_files() {
        assert!((1 << 20..1 << 40).contains(&resident_memory()), "{}", resident_memory());
        assert!(open_files() >= 3);
        assert!(start() > 1_700_000_000);
    }
}
