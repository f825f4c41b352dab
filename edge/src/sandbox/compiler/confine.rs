//! What the compiling process does to itself before it reads a byte of the component.
//!
//! It sets its own limits, so that no `unsafe` code has to run between fork and exec.
//!
//! Memory is limited as *data* (`RLIMIT_DATA`: private writable mappings), not as address space
//! (`RLIMIT_AS`): the allocator reserves 64 MiB of addresses for each thread without using them, so a limit on
//! addresses would refuse on a machine with many cores what passes on one with few. Linux counts
//! mappings as data since 4.7.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::process;
use std::thread;

use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, getrlimit, nice, set_parent_process_death_signal, setrlimit,
};

use crate::sandbox::limits::CompileLimits;

/// The most threads that compile. More would need more memory than the limit on machines with many cores.
const THREADS: u64 = 4;
/// The largest file that may be written, in bytes: the compiled form. Overhaul's own has 16 MB.
pub(super) const LARGEST_FORM: u64 = 256 << 20;
/// How much lower the priority is: the agent's predictions go on beside it, at three times its share.
const NICER: i32 = 5;

/// How many threads compile: one a core, but not too many.
pub(super) fn threads() -> u64 {
    thread::available_parallelism().map_or(1, |cores| (cores.get() as u64).min(THREADS))
}

/// The arguments of `overhaul-edge compile` that say how to confine itself.
pub(super) fn arguments(limits: &CompileLimits) -> [OsString; 6] {
    let seconds = limits.time.as_secs() + 1;
    let numbers = [u64::from(process::id()), limits.memory_bytes, seconds * THREADS];
    let [parent, memory, seconds] = numbers.map(|number| OsString::from(number.to_string()));
    ["--parent".into(), parent, "--memory-bytes".into(), memory, "--cpu-seconds".into(), seconds]
}

/// Confines this process for good: so much memory, so much of the processor, no longer alive than
/// its parent, no core dumps, low priority, and the first to go when the system runs out of memory.
pub fn confine(parent: u32, memory_bytes: u64, cpu_seconds: u64) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have ended before that.
    if getppid().map(Pid::as_raw_pid) != i32::try_from(parent).ok() {
        return Err(io::Error::other("the agent that wanted this compiled has ended"));
    }
    // The processor's limit ends the process at its upper value, but says so at the lower.
    let limits = [
        (Resource::Core, 0, 0),
        (Resource::Data, memory_bytes, memory_bytes),
        (Resource::Cpu, cpu_seconds, cpu_seconds + 5),
        (Resource::Fsize, LARGEST_FORM, LARGEST_FORM),
    ];
    for (resource, current, maximum) in limits {
        // Whoever started the agent may have set a lower limit, which nobody but root may raise.
        let least = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit { current: Some(current.min(least)), maximum: Some(maximum.min(least)) };
        setrlimit(resource, limit)?;
    }
    nice(NICER)?;
    // Some containers keep this file from being written; the kernel then chooses by size alone.
    if let Err(e) = fs::write("/proc/self/oom_score_adj", "1000") {
        tracing::debug!("cannot volunteer for the system's choice when memory runs out: {e}");
    }
    Ok(())
}
