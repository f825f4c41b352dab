//! Where tensors live, and libtorch's CUDA half when it is there.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use overhaul_bundle::Mistake;
use tch::{Cuda, Device};

/// libtorch's CUDA half, which a program linked to the CPU half does not load by itself.
const CUDA_LIBRARY: &str = "libtorch_cuda.so";
/// Set once the library was asked for, so that it is asked for once.
const ASKED: &str = "OVERHAUL_CUDA_ASKED";
/// The loader's list of libraries to load first.
const PRELOAD: &str = "LD_PRELOAD";

/// A `--device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice(Device);

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no device; give cpu, cuda or cuda:N");
        match text.to_ascii_lowercase().split_once(':') {
            None if text.eq_ignore_ascii_case("cpu") => Ok(Self(Device::Cpu)),
            None if text.eq_ignore_ascii_case("cuda") => Ok(Self(Device::Cuda(0))),
            Some(("cuda", index)) => {
                index.parse().map(|index| Self(Device::Cuda(index))).map_err(|_| wrong())
            }
            _ => Err(wrong()),
        }
    }
}

/// The device that was asked for, else a GPU if libtorch finds one, else the CPU.
pub fn resolve(choice: Option<Choice>) -> Result<Device, Mistake> {
    match choice {
        None => Ok(Device::cuda_if_available()),
        Some(Choice(Device::Cuda(index))) if index as i64 >= Cuda::device_count() => {
            let count = Cuda::device_count();
            Err(Mistake::new(format!(
                "--device cuda:{index}: libtorch finds {count} GPUs; name another, or --device cpu, or put a libtorch with CUDA where LD_LIBRARY_PATH finds it"
            )))
        }
        Some(Choice(device)) => Ok(device),
    }
}

/// A device's name as PyTorch writes it.
pub fn name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        _ => "cpu".to_owned(),
    }
}

/// Starts the program anew with libtorch's CUDA half when that lies beside the CPU half and is not loaded: one
/// binary serves both kinds of machine. Returns when there is nothing to load.
pub fn load_cuda() {
    if std::env::var_os(ASKED).is_some() || Cuda::is_available() {
        return;
    }
    let (Some(library), Ok(program)) = (cuda_library(), std::env::current_exe()) else { return };
    let mut preload = library.into_os_string();
    if let Some(already) = std::env::var_os(PRELOAD).filter(|already| !already.is_empty()) {
        preload.push(":");
        preload.push(already);
    }
    // It returns only when the program cannot be started anew; then this one goes on, on the CPU.
    let error =
        Command::new(program).args(std::env::args_os().skip(1)).env(PRELOAD, preload).env(ASKED, "1").exec();
    eprintln!("warning: cannot load {CUDA_LIBRARY}: {error}; going on without a GPU");
}

/// The CUDA half beside the CPU half that this process has loaded.
fn cuda_library() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let loaded = |name: &str| {
        maps.lines()
            .find(|line| line.ends_with(name))
            .and_then(|line| line.find('/').map(|start| &line[start..]))
    };
    if loaded(CUDA_LIBRARY).is_some() {
        return None;
    }
    let library = PathBuf::from(loaded("libtorch_cpu.so")?).with_file_name(CUDA_LIBRARY);
    library.is_file().then_some(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_as_pytorch_writes_them() {
        assert_eq!("cpu".parse(), Ok(Choice(Device::Cpu)));
        assert_eq!("CUDA".parse(), Ok(Choice(Device::Cuda(0))));
        assert_eq!("cuda:3".parse(), Ok(Choice(Device::Cuda(3))));
        for bad in ["gpu", "cuda:", "cuda:-1", "", "cpu:0"] {
            assert!(bad.parse::<Choice>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_gpu_that_is_not_there_is_refused() {
        let message = resolve(Some(Choice(Device::Cuda(99)))).unwrap_err().to_string();
        assert!(message.starts_with("--device cuda:99: libtorch finds "), "{message}");
    }
}
