//! Memory that ran out, on a GPU or not, as one line that says the batch size to try.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use overhaul_bundle::Mistake;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs work on tensors of which libtorch may say that memory ran out.
///
/// `tch` turns libtorch's exceptions into panics; the one about memory is the user's to mend, the others go on.
pub fn guard<T>(batch_size: u32, work: impl FnOnce() -> T) -> Result<T, Mistake> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let message = info.payload_as_str().unwrap_or_default();
            if !(GUARDED.get() && is_about_memory(message)) {
                report(info);
            }
        }));
    });
    GUARDED.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    done.map_err(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str).unwrap_or_default();
        if !is_about_memory(message) {
            panic::resume_unwind(payload);
        }
        let half = (batch_size / 2).max(1);
        Mistake::new(format!("memory ran out with --batch-size {batch_size}; try --batch-size {half}"))
    })
}

/// libtorch's words on a GPU, and on a CPU.
fn is_about_memory(message: &str) -> bool {
    message.contains("out of memory") || message.contains("can't allocate memory")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind, Tensor};

    #[test]
    fn memory_that_runs_out_names_the_batch_size_to_try() {
        let much = || Tensor::zeros([1 << 50], (Kind::Float, Device::Cpu));
        let message = guard(256, much).unwrap_err().to_string();
        assert_eq!(message, "memory ran out with --batch-size 256; try --batch-size 128");
        assert_eq!(guard(256, || 3).unwrap(), 3);
    }

    #[test]
    fn other_faults_stay_faults() {
        let wrong = || Tensor::zeros([2], (Kind::Float, Device::Cpu)).view([3]);
        assert!(panic::catch_unwind(|| guard(256, wrong)).is_err());
    }
}
