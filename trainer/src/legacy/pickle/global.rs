//! The names that a file may ask for. Each is a mark on data: none stands for code.

use std::ops::RangeInclusive;

use super::super::number::Kind;

/// Whose files are read: what else a pickle may contain differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::legacy) enum Dialect {
    /// `torch.save`: persistent ids name storages outside the pickle.
    Torch,
    /// `pickle.dump` or `joblib.dump` of an estimator: arrays' bytes may lie between the opcodes.
    Sklearn,
}

/// A name that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::legacy) enum Global {
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `_codecs.encode`: how protocols below 3 write `bytes`, as Latin-1 text.
    Encode,
    /// `copyreg._reconstructor`: how protocols below 2 write objects.
    Reconstructor,
    /// `builtins.object`, the base that `_reconstructor` is given.
    BaseObject,
    /// `numpy.ndarray`.
    NdArray,
    /// `numpy.dtype`.
    DType,
    /// `numpy._core.multiarray._reconstruct`: an array whose content is its state.
    Reconstruct,
    /// `numpy._core.numeric._frombuffer`: an array by protocol 5.
    FromBuffer,
    /// `numpy._core.multiarray.scalar`: one number with its type.
    Scalar,
    /// `torch._utils._rebuild_tensor(storage, offset, size, stride)`.
    RebuildTensor,
    /// `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata)`.
    RebuildTensorV2,
    /// `torch._utils._rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype, metadata)`.
    RebuildTensorV3,
    /// `torch._utils._rebuild_parameter(tensor, requires_grad, hooks)`.
    RebuildParameter,
    /// `torch.Size`.
    Size,
    /// `torch.device`.
    Device,
    /// A dtype such as `torch.float32`.
    TorchDType(Kind),
    /// The class of a typed storage such as `torch.FloatStorage`.
    Storage(Kind),
    /// `torch.storage.UntypedStorage`: bytes, whose format the tensor gives.
    UntypedStorage,
    /// `joblib.numpy_pickle.NumpyArrayWrapper`: stands before an array's bytes.
    ArrayWrapper,
    /// `sklearn.preprocessing._data.StandardScaler`.
    StandardScaler,
}

impl Global {
    /// The name's meaning in a dialect, or none when it is not read.
    pub(super) fn find(dialect: Dialect, module: &str, name: &str) -> Option<Self> {
        // Python 2's names of modules, and NumPy's before version 2, say the same.
        Some(match (module, name) {
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("_codecs", "encode") => Self::Encode,
            ("numpy", "ndarray") => Self::NdArray,
            ("numpy", "dtype") => Self::DType,
            ("numpy._core.multiarray" | "numpy.core.multiarray", "_reconstruct") => Self::Reconstruct,
            ("numpy._core.multiarray" | "numpy.core.multiarray", "scalar") => Self::Scalar,
            ("numpy._core.numeric" | "numpy.core.numeric", "_frombuffer") => Self::FromBuffer,
            _ => match dialect {
                Dialect::Torch => return Self::of_torch(module, name),
                Dialect::Sklearn => return Self::of_sklearn(module, name),
            },
        })
    }

    fn of_torch(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("torch._utils", "_rebuild_tensor") => Self::RebuildTensor,
            ("torch._utils", "_rebuild_tensor_v2") => Self::RebuildTensorV2,
            ("torch._utils", "_rebuild_tensor_v3") => Self::RebuildTensorV3,
            ("torch._utils", "_rebuild_parameter") => Self::RebuildParameter,
            ("torch.storage" | "torch", "UntypedStorage") => Self::UntypedStorage,
            ("torch", "Size") => Self::Size,
            ("torch", "device") => Self::Device,
            ("torch", _) => Kind::of_storage(name)
                .map(Self::Storage)
                .or_else(|| Kind::of_torch(name).map(Self::TorchDType))?,
            _ => return None,
        })
    }

    fn of_sklearn(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("copyreg" | "copy_reg", "_reconstructor") => Self::Reconstructor,
            ("builtins" | "__builtin__", "object") => Self::BaseObject,
            ("joblib.numpy_pickle", "NumpyArrayWrapper") => Self::ArrayWrapper,
            // scikit-learn before 0.22 had the module without the underscore.
            ("sklearn.preprocessing._data" | "sklearn.preprocessing.data", "StandardScaler") => {
                Self::StandardScaler
            }
            _ => return None,
        })
    }

    /// How many arguments a call of it has, or none when it is never called.
    pub(super) fn arguments(self) -> Option<RangeInclusive<usize>> {
        match self {
            Self::OrderedDict | Self::ArrayWrapper | Self::StandardScaler => Some(0..=0),
            Self::Size => Some(1..=1),
            Self::Device | Self::Encode | Self::Scalar => Some(1..=2),
            Self::Reconstructor | Self::Reconstruct | Self::RebuildParameter => Some(3..=3),
            Self::DType => Some(1..=3),
            Self::RebuildTensor => Some(4..=4),
            // NumPy 2.3 added the order of axes.
            Self::FromBuffer => Some(4..=5),
            Self::RebuildTensorV2 => Some(6..=7),
            Self::RebuildTensorV3 => Some(7..=8),
            Self::BaseObject
            | Self::NdArray
            | Self::TorchDType(_)
            | Self::Storage(_)
            | Self::UntypedStorage => None,
        }
    }

    /// Whether an object of it may be given a state.
    pub(super) fn has_state(self) -> bool {
        matches!(self, Self::DType | Self::Reconstruct | Self::ArrayWrapper | Self::StandardScaler)
    }

    /// The name, for a message.
    pub(in crate::legacy) fn name(self) -> &'static str {
        match self {
            Self::OrderedDict => "collections.OrderedDict",
            Self::Encode => "_codecs.encode",
            Self::Reconstructor => "copyreg._reconstructor",
            Self::BaseObject => "builtins.object",
            Self::NdArray => "numpy.ndarray",
            Self::DType => "numpy.dtype",
            Self::Reconstruct => "numpy's _reconstruct",
            Self::FromBuffer => "numpy's _frombuffer",
            Self::Scalar => "a numpy scalar",
            Self::RebuildTensor => "torch._utils._rebuild_tensor",
            Self::RebuildTensorV2 => "torch._utils._rebuild_tensor_v2",
            Self::RebuildTensorV3 => "torch._utils._rebuild_tensor_v3",
            Self::RebuildParameter => "torch._utils._rebuild_parameter",
            Self::Size => "torch.Size",
            Self::Device => "torch.device",
            Self::TorchDType(_) => "a torch dtype",
            Self::Storage(_) => "the class of a torch storage",
            Self::UntypedStorage => "torch.UntypedStorage",
            Self::ArrayWrapper => "joblib's NumpyArrayWrapper",
            Self::StandardScaler => "sklearn's StandardScaler",
        }
    }
}
