//! What training wants of its process before it starts: libtorch's CUDA half where it is there, and memory that is kept.
//!
//! Both are settings of the loader and of the C library, read once when a program starts. So a program that lacks
//! them starts itself anew, with the same arguments.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use tch::Cuda;

/// libtorch's CUDA half, which a program linked to the CPU half does not load by itself.
const CUDA_LIBRARY: &str = "libtorch_cuda.so";
/// The loader's list of libraries to load first.
const PRELOAD: &str = "LD_PRELOAD";
/// Set once the program was started anew, so that it is once.
const LAUNCHED: &str = "OVERHAUL_LAUNCHED";
/// glibc's settings (mallopt(3)) by which it keeps memory that was freed instead of giving it back to the system: the
/// next batch asks for as much again. An LSTM spent 45 % of its time on that.
const MEMORY: [(&str, &str); 2] = [("MALLOC_MMAP_MAX_", "0"), ("MALLOC_TRIM_THRESHOLD_", "4294967296")];

/// Starts the program anew as training wants it; returns when it is so already. One binary serves machines with and
/// without a GPU: where libtorch's CUDA half lies beside the CPU half that is loaded, it is loaded as well.
pub fn for_training() {
    if std::env::var_os(LAUNCHED).is_some() {
        return;
    }
    let mut settings: Vec<(&str, OsString)> = MEMORY
        .iter()
        .filter(|(name, _)| std::env::var_os(name).is_none())
        .map(|(name, value)| (*name, OsString::from(value)))
        .collect();
    if let Some(library) = cuda_library() {
        let mut preload = library.into_os_string();
        if let Some(already) = std::env::var_os(PRELOAD).filter(|already| !already.is_empty()) {
            preload.push(":");
            preload.push(already);
        }
        settings.push((PRELOAD, preload));
    }
    let Ok(program) = std::env::current_exe() else { return };
    // It returns only when the program cannot be started anew; then this one goes on as it is.
    let error =
        Command::new(program).args(std::env::args_os().skip(1)).envs(settings).env(LAUNCHED, "1").exec();
    eprintln!("warning: cannot start anew for training: {error}; going on without a GPU");
}

/// The CUDA half beside the CPU half that this process has loaded, if it is not loaded too.
fn cuda_library() -> Option<PathBuf> {
    if Cuda::is_available() {
        return None;
    }
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let loaded = |name: &str| {
        let line = maps.lines().find(|line| line.ends_with(name))?;
        line.find('/').map(|start| &line[start..])
    };
    if loaded(CUDA_LIBRARY).is_some() {
        return None;
    }
    let library = PathBuf::from(loaded("libtorch_cpu.so")?).with_file_name(CUDA_LIBRARY);
    library.is_file().then_some(library)
}
