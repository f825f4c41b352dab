//! The number formats that PyTorch and NumPy store, each read as `f64`.

/// A format of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// IEEE 754 binary64.
    F64,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary16.
    F16,
    /// The upper half of a binary32.
    Bf16,
    /// A signed integer of so many bytes: 1, 2, 4 or 8.
    Signed(u8),
    /// An unsigned integer of so many bytes: 1, 2, 4 or 8.
    Unsigned(u8),
    /// One byte, 0 or 1.
    Bool,
}

impl Kind {
    /// The format behind `torch.<name>`, a `dtype`.
    pub(super) fn of_torch(name: &str) -> Option<Self> {
        Some(match name {
            "float64" => Self::F64,
            "float32" => Self::F32,
            "float16" => Self::F16,
            "bfloat16" => Self::Bf16,
            "int64" => Self::Signed(8),
            "int32" => Self::Signed(4),
            "int16" => Self::Signed(2),
            "int8" => Self::Signed(1),
            "uint64" => Self::Unsigned(8),
            "uint32" => Self::Unsigned(4),
            "uint16" => Self::Unsigned(2),
            "uint8" => Self::Unsigned(1),
            "bool" => Self::Bool,
            _ => return None,
        })
    }

    /// The format behind `torch.<name>`, the class of a typed storage.
    pub(super) fn of_storage(name: &str) -> Option<Self> {
        Self::of_torch(match name {
            "DoubleStorage" => "float64",
            "FloatStorage" => "float32",
            "HalfStorage" => "float16",
            "BFloat16Storage" => "bfloat16",
            "LongStorage" => "int64",
            "IntStorage" => "int32",
            "ShortStorage" => "int16",
            "CharStorage" => "int8",
            "ByteStorage" => "uint8",
            "BoolStorage" => "bool",
            _ => return None,
        })
    }

    /// The format behind NumPy's type code, its letter and its size in bytes.
    pub(super) fn of_numpy(code: &str) -> Option<Self> {
        Some(match code {
            "f8" => Self::F64,
            "f4" => Self::F32,
            "f2" => Self::F16,
            "i8" => Self::Signed(8),
            "i4" => Self::Signed(4),
            "i2" => Self::Signed(2),
            "i1" => Self::Signed(1),
            "u8" => Self::Unsigned(8),
            "u4" => Self::Unsigned(4),
            "u2" => Self::Unsigned(2),
            "u1" => Self::Unsigned(1),
            "b1" => Self::Bool,
            _ => return None,
        })
    }

    /// Bytes of one number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Signed(size) | Self::Unsigned(size) => usize::from(size),
            Self::Bool => 1,
        }
    }

    /// The number in [`Self::size`] bytes; integers beyond 2^53 are rounded. `big` is the bytes' order.
    pub(super) fn read(self, bytes: &[u8], big: bool) -> f64 {
        let place = |index: usize| if big { bytes.len() - 1 - index } else { index };
        let bits = (0..bytes.len().min(8))
            .fold(0, |bits, index| bits | u64::from(bytes[place(index)]) << (8 * index));
        match self {
            Self::F64 => f64::from_bits(bits),
            Self::F32 => f64::from(f32::from_bits(bits as u32)),
            Self::F16 => half(bits as u16),
            Self::Bf16 => f64::from(f32::from_bits((bits as u32) << 16)),
            Self::Signed(size) => {
                let unused = 64 - 8 * u32::from(size);
                ((bits << unused) as i64 >> unused) as f64
            }
            Self::Unsigned(_) => bits as f64,
            Self::Bool => f64::from(u8::from(bits != 0)),
        }
    }
}

/// IEEE 754 binary16: one sign, five exponent (bias 15) and ten fraction bits.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match i32::from(bits >> 10 & 0x1f) {
        0 => fraction * 2f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 0 { magnitude } else { -magnitude }
}
