//! A model's predictors, one a thread: windows that arrive together are predicted together.
//!
//! A worker takes whatever waits, up to a batch, as soon as it is free: nobody waits for a batch to fill, and a
//! window waits at most for the calls that are under way. The first worker stays for as long as the model; more,
//! one a core at most, come when windows wait and go when none did for a while, so that memory at rest is one's.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::sandbox::{Predictor, Sandbox, SandboxError};

/// The most windows of one call, as the component has a plan for.
const BATCH: usize = 64;
/// Windows that the component's kernels compute at a time. What is beyond a whole number of these goes with the next
/// batch, which it fills.
const TILE: usize = 8;
/// The most windows that wait; one more is turned away.
const MAX_WAITING: usize = 4096;
/// How long a worker that is not the only one waits for work before it ends.
const IDLE: Duration = Duration::from_mins(1);
/// The host's side of a call needs little; the component's stack lies elsewhere.
const STACK: usize = 2 << 20;

/// A model's workers. They end when this is dropped, after what waits.
pub(super) struct Workers {
    shared: Arc<Shared>,
}

struct Shared {
    sandbox: Sandbox,
    onnx: Arc<[u8]>,
    /// Numbers in one window.
    window: usize,
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// When some of them were taken last.
    taken: Option<Instant>,
    workers: usize,
    idle: usize,
    /// The predictor that loading the model made, for the first worker.
    first: Option<Predictor>,
    ended: bool,
}

/// One window, and who waits for its answer.
struct Job {
    window: Vec<f32>,
    since: Instant,
    asker: Asker,
}

/// What is answered for one window.
type Outcome = Result<f32, SandboxError>;
/// Where it goes, and where it comes.
type Asker = oneshot::Sender<Outcome>;
type Answer = oneshot::Receiver<Outcome>;

/// Why a prediction was not made.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The component refused, or failed.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// Too many windows wait already.
    #[error("{MAX_WAITING} predictions wait already; send fewer at a time")]
    Busy,
    /// The thread that predicted is gone: the program is ending.
    #[error("the agent is shutting down")]
    Ending,
}

impl CallError {
    /// True when the version is to blame, and another one may well answer the same question.
    pub fn blames_the_version(&self) -> bool {
        matches!(self, Self::Sandbox(error) if !matches!(error, SandboxError::Engine(_)))
    }
}

impl Workers {
    /// Workers for windows of `window` numbers, answered with one; `first` has the model loaded.
    pub(super) fn new(sandbox: Sandbox, onnx: Arc<[u8]>, window: usize, first: Predictor) -> Self {
        let most = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let state = Mutex::new(State { first: Some(first), ..State::default() });
        Self { shared: Arc::new(Shared { sandbox, onnx, window, most, state, changed: Condvar::new() }) }
    }

    /// Predicts windows, all or none; answers in their order.
    pub(super) async fn predict(&self, windows: Vec<Vec<f32>>) -> Result<Vec<f32>, CallError> {
        let mut answers = Vec::with_capacity(windows.len());
        for answer in self.submit(windows)? {
            answers.push(answer.await.map_err(|_| CallError::Ending)??);
        }
        Ok(answers)
    }

    /// As [`Workers::predict`], off the async threads.
    pub(super) fn predict_blocking(&self, windows: Vec<Vec<f32>>) -> Result<Vec<f32>, CallError> {
        let answers = self.submit(windows)?.into_iter().map(oneshot::Receiver::blocking_recv);
        answers.map(|answer| Ok(answer.map_err(|_| CallError::Ending)??)).collect()
    }

    /// Whether windows wait and no worker has taken any for this long.
    pub(super) fn is_stuck(&self, patience: Duration) -> bool {
        let state = self.shared.lock();
        state.waiting.front().is_some_and(|job| {
            let since = state.taken.map_or(job.since, |taken| taken.max(job.since));
            since.elapsed() > patience
        })
    }

    fn submit(&self, windows: Vec<Vec<f32>>) -> Result<Vec<Answer>, CallError> {
        let shared = &self.shared;
        // A batch is cut by length: a window of another one would shift its neighbours.
        if let Some(wrong) = windows.iter().find(|window| window.len() != shared.window) {
            let line = format!("{} values for a window of {}", wrong.len(), shared.window);
            return Err(SandboxError::WrongShape(line).into());
        }
        let mut state = shared.lock();
        if state.waiting.len() + windows.len() > MAX_WAITING {
            return Err(CallError::Busy);
        }
        let since = Instant::now();
        let answers = windows.into_iter().map(|window| {
            let (asker, answer) = oneshot::channel();
            state.waiting.push_back(Job { window, since, asker });
            answer
        });
        let answers = answers.collect();
        if state.idle > 0 {
            shared.changed.notify_one();
        } else if state.workers < shared.most {
            let worker = Arc::clone(shared);
            let thread = thread::Builder::new().name("predict".to_owned()).stack_size(STACK);
            match thread.spawn(move || worker.work()) {
                Ok(_) => state.workers += 1,
                // The others go on; without any, nobody would ever answer.
                Err(e) if state.workers == 0 => {
                    state.waiting.clear();
                    return Err(SandboxError::Engine(format!("cannot start a thread: {e}")).into());
                }
                Err(_) => {}
            }
        }
        Ok(answers)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    /// One worker's life.
    fn work(&self) {
        let mut place = Place { shared: self, held: true, idle: false };
        let mut predictor = self.lock().first.take();
        let mut values = Vec::new();
        while let Some(jobs) = self.take(&mut place) {
            let answers;
            (answers, predictor) = self.serve(jobs, predictor, &mut values);
            // Before the answers, because the next questions may follow on them at once.
            place.rest(&mut self.lock());
            for (job, answer) in answers {
                // Whoever asked may be gone.
                let _ = job.send(answer);
            }
        }
    }

    /// What waits, up to a batch; `None` when this worker is to end and has given its place up.
    fn take(&self, place: &mut Place<'_>) -> Option<Vec<Job>> {
        let mut state = self.lock();
        loop {
            if !state.waiting.is_empty() {
                place.resume(&mut state);
                let count = match state.waiting.len().min(BATCH) {
                    few @ ..TILE => few,
                    many => many - many % TILE,
                };
                let jobs = state.waiting.drain(..count).collect();
                state.taken = Some(Instant::now());
                if !state.waiting.is_empty() && state.idle > 0 {
                    self.changed.notify_one();
                }
                return Some(jobs);
            }
            if state.ended {
                place.give_up(&mut state);
                return None;
            }
            place.rest(&mut state);
            let (woken, waited) =
                self.changed.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if waited.timed_out() && state.waiting.is_empty() && state.workers > 1 {
                place.give_up(&mut state);
                return None;
            }
        }
    }

    /// The answers of jobs; gives the predictor back unless none could be made.
    fn serve(
        &self,
        jobs: Vec<Job>,
        predictor: Option<Predictor>,
        values: &mut Vec<f32>,
    ) -> (Vec<(Asker, Outcome)>, Option<Predictor>) {
        let mut predictor = match predictor.map_or_else(|| self.fresh(), Ok) {
            Ok(predictor) => predictor,
            Err(e) => return (jobs.into_iter().map(|job| (job.asker, Err(e.clone()))).collect(), None),
        };
        values.clear();
        values.extend(jobs.iter().flat_map(|job| &job.window));
        let answers = match predictor.predict(values) {
            Ok(answers) => {
                jobs.into_iter().zip(answers).map(|(job, answer)| (job.asker, Ok(answer))).collect()
            }
            Err(error) => self.serve_apart(jobs, error, &mut predictor),
        };
        (answers, Some(predictor))
    }

    /// One window of a batch failed, nobody knows which: each is predicted alone, so that only it is lost.
    fn serve_apart(
        &self,
        jobs: Vec<Job>,
        error: SandboxError,
        predictor: &mut Predictor,
    ) -> Vec<(Asker, Outcome)> {
        let mut error = Some(error).filter(|_| jobs.len() == 1);
        let deadline = self.sandbox.limits().deadline;
        let answers = jobs.into_iter().map(|job| {
            let answer = match error.take() {
                Some(error) => Err(error),
                None if job.since.elapsed() >= deadline => Err(SandboxError::Deadline(deadline)),
                None => predictor.predict(&job.window).map(|answers| answers[0]),
            };
            (job.asker, answer)
        });
        answers.collect()
    }

    fn fresh(&self) -> Result<Predictor, SandboxError> {
        self.sandbox.instantiate_shared(Arc::clone(&self.onnx))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held, so a poisoned state is still a right one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker's place among the workers, given up however the worker ends.
struct Place<'a> {
    shared: &'a Shared,
    held: bool,
    idle: bool,
}

impl Place<'_> {
    /// The worker waits for work, or is about to.
    fn rest(&mut self, state: &mut State) {
        state.idle += usize::from(!std::mem::replace(&mut self.idle, true));
    }

    /// The worker has work.
    fn resume(&mut self, state: &mut State) {
        state.idle -= usize::from(std::mem::take(&mut self.idle));
    }

    fn give_up(&mut self, state: &mut State) {
        self.resume(state);
        state.workers -= usize::from(std::mem::take(&mut self.held));
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.held {
            let shared = self.shared;
            self.give_up(&mut shared.lock());
        }
    }
}
