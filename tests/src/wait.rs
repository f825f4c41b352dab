//! Waiting for what must come.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// How long anything may take on a machine that does much else; nothing waits for it in vain.
const PATIENCE: Duration = Duration::from_mins(2);

/// Asks until the answer is there; after two minutes the last error, with `what` was waited for.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return Ok(answer),
            Err(error) if start.elapsed() > PATIENCE => {
                return Err(error).with_context(|| format!("waited {} s for {what}", PATIENCE.as_secs()));
            }
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}
