//! A model's predictors: made when needed, one a core at most, so that memory at rest is one's.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::Semaphore;

use crate::sandbox::{Predictor, Sandbox, SandboxError};

/// The most calls that wait for a predictor; one more is turned away.
const MAX_WAITING: usize = 256;

/// A model's predictors.
pub(super) struct Pool {
    sandbox: Sandbox,
    onnx: Arc<[u8]>,
    idle: Mutex<Vec<Predictor>>,
    /// One permit for each predictor there may be.
    running: Semaphore,
    /// One permit for each call that runs or waits.
    admitted: Semaphore,
}

/// Why a prediction was not made.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The component refused, or failed.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// Too many calls wait already.
    #[error("more than {MAX_WAITING} predictions wait already; send fewer at a time")]
    Busy,
    /// The thread that predicted is gone: the program is ending.
    #[error("the agent is shutting down")]
    Ending,
}

impl Pool {
    pub(super) fn new(sandbox: Sandbox, onnx: Arc<[u8]>, first: Predictor) -> Self {
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            sandbox,
            onnx,
            idle: Mutex::new(vec![first]),
            running: Semaphore::new(cores),
            admitted: Semaphore::new(cores + MAX_WAITING),
        }
    }

    /// Predicts on a thread for blocking work, once a predictor is free.
    pub(super) async fn predict(self: Arc<Self>, windows: Vec<f32>) -> Result<Vec<f32>, CallError> {
        let _admitted = self.admitted.try_acquire().map_err(|_| CallError::Busy)?;
        let permit = self.running.acquire().await.map_err(|_| CallError::Ending)?;
        // The permit must outlive the work even if the caller goes away: the thread gives it back.
        permit.forget();
        let pool = Arc::clone(&self);
        let work = tokio::task::spawn_blocking(move || {
            let _permit = GiveBack(&pool.running);
            pool.predict_here(&windows)
        });
        work.await.map_err(|_| CallError::Ending)?.map_err(CallError::from)
    }

    /// Predicts on this thread.
    pub(super) fn predict_here(&self, windows: &[f32]) -> Result<Vec<f32>, SandboxError> {
        let idle = self.lock().pop();
        let mut predictor = match idle {
            Some(predictor) => predictor,
            None => self.sandbox.instantiate_shared(Arc::clone(&self.onnx))?,
        };
        let answer = predictor.predict(windows);
        self.lock().push(predictor);
        answer
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Predictor>> {
        // Nothing panics while the lock is held, so a poisoned list is still a right one.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives a forgotten permit back, whatever happens.
struct GiveBack<'a>(&'a Semaphore);

impl Drop for GiveBack<'_> {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}
