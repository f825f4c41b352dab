//! The clock of an engine: one thread that counts epochs while a call is under way.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::Engine;

/// The length of one epoch. A deadline is missed by at most two of these.
const TICK: Duration = Duration::from_millis(10);

/// Counts an engine's epochs while at least one call is under way; sleeps otherwise.
pub(super) struct Ticker {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    calls: usize,
    stopped: bool,
}

/// A call under way; the clock runs while it lives.
pub(super) struct Call<'a>(&'a Shared);

impl Ticker {
    /// Starts the engine's one clock thread; it ends with the ticker.
    pub(super) fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State { calls: 0, stopped: false }),
            changed: Condvar::new(),
        });
        let (clock, engine) = (Arc::clone(&shared), engine.weak());
        thread::Builder::new().name("sandbox-clock".to_owned()).stack_size(64 << 10).spawn(move || {
            while clock.wait_for_a_call() {
                thread::sleep(TICK);
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        })?;
        Ok(Self { shared })
    }

    /// Lets the clock run until the answer is dropped.
    pub(super) fn call(&self) -> Call<'_> {
        self.shared.change(|state| state.calls += 1);
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
        self.shared.change(|state| state.stopped = true);
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.calls -= 1);
    }
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut State)) {
        // Nothing panics while the lock is held, so a poisoned state is still a right one.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until a call is under way; false when the ticker is gone.
    fn wait_for_a_call(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.calls == 0 && !state.stopped {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.stopped
    }
}
