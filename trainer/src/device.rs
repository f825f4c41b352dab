//! Where tensors live.

use std::str::FromStr;

use overhaul_bundle::Mistake;
use tch::{Cuda, Device};

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
