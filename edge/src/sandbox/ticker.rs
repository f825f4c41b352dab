//! The clock of an engine: one thread that counts epochs while a call is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

/// The length of one epoch. A deadline is missed by at most two of these.
const TICK: Duration = Duration::from_millis(10);

/// Counts an engine's epochs while at least one call is under way; sleeps otherwise.
///
/// A call costs two additions to a counter. Only the first one after a pause also wakes the clock.
pub(super) struct Ticker {
    shared: Arc<Shared>,
    clock: Thread,
}

/// All orderings are sequentially consistent: a call raises `calls` before it looks at `asleep`, the clock
/// raises `asleep` before it looks at `calls`, so that one of them sees the other.
struct Shared {
    calls: AtomicUsize,
    asleep: AtomicBool,
    stopped: AtomicBool,
}

/// A call under way; the clock runs while it lives.
pub(super) struct Call<'a>(&'a Shared);

impl Ticker {
    /// Starts the engine's one clock thread; it ends with the ticker.
    pub(super) fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            calls: AtomicUsize::new(0),
            asleep: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        });
        let (clock, engine) = (Arc::clone(&shared), engine.weak());
        let thread = thread::Builder::new().name("sandbox-clock".to_owned()).stack_size(64 << 10).spawn(
            move || {
                while clock.wait_for_a_call() {
                    thread::sleep(TICK);
                    let Some(engine) = engine.upgrade() else { return };
                    engine.increment_epoch();
                }
            },
        )?;
        Ok(Self { shared, clock: thread.thread().clone() })
    }

    /// Lets the clock run until the answer is dropped.
    pub(super) fn call(&self) -> Call<'_> {
        self.shared.calls.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.load(Ordering::SeqCst) {
            self.clock.unpark();
        }
        Call(&self.shared)
    }

    /// The epochs that a duration surely covers.
    pub(super) fn epochs(duration: Duration) -> u64 {
        // One more, because the current epoch may end at once.
        u64::try_from(duration.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u64::MAX - 1) + 1
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.clock.unpark();
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Shared {
    /// Waits until a call is under way; false when the ticker is gone.
    fn wait_for_a_call(&self) -> bool {
        self.asleep.store(true, Ordering::SeqCst);
        // Parking may end for no reason, and ends at once after an unpark that came before.
        while self.calls.load(Ordering::SeqCst) == 0 && !self.stopped.load(Ordering::SeqCst) {
            thread::park();
        }
        self.asleep.store(false, Ordering::SeqCst);
        !self.stopped.load(Ordering::SeqCst)
    }
}
