//! Four floats at a time: a `v128` in WebAssembly, elsewhere an array that the compiler vectorises.
//!
//! In WebAssembly [`madd`] is `f32x4.relaxed_madd`: one instruction that rounds once on a CPU that has it
//! (x86-64 with FMA, aarch64), a product and a sum that round each on one that has not. No other
//! relaxed instruction is used, so answers are the same bits on all CPUs that fuse.

pub(super) use arithmetic::{Lanes, add, clamped, div, madd, mul, splat, spread, sub};

/// Floats in [`Lanes`].
pub(super) const LANES: usize = 4;

#[cfg(target_arch = "wasm32")]
mod arithmetic {
    use core::arch::wasm32::{
        f32x4_add, f32x4_div, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, f32x4_sub, i32x4_shuffle, v128,
    };

    pub(crate) type Lanes = v128;

    #[inline(always)]
    pub(crate) fn splat(value: f32) -> Lanes {
        f32x4_splat(value)
    }

    /// Each of four values in all lanes.
    #[inline(always)]
    pub(crate) fn spread(values: Lanes) -> [Lanes; 4] {
        [
            i32x4_shuffle::<0, 0, 0, 0>(values, values),
            i32x4_shuffle::<1, 1, 1, 1>(values, values),
            i32x4_shuffle::<2, 2, 2, 2>(values, values),
            i32x4_shuffle::<3, 3, 3, 3>(values, values),
        ]
    }

    #[inline(always)]
    pub(crate) fn add(left: Lanes, right: Lanes) -> Lanes {
        f32x4_add(left, right)
    }

    #[inline(always)]
    pub(crate) fn sub(left: Lanes, right: Lanes) -> Lanes {
        f32x4_sub(left, right)
    }

    #[inline(always)]
    pub(crate) fn mul(left: Lanes, right: Lanes) -> Lanes {
        f32x4_mul(left, right)
    }

    #[inline(always)]
    pub(crate) fn div(left: Lanes, right: Lanes) -> Lanes {
        f32x4_div(left, right)
    }

    /// `left * right + addend`.
    #[inline(always)]
    pub(crate) fn madd(left: Lanes, right: Lanes, addend: Lanes) -> Lanes {
        #[cfg(target_feature = "relaxed-simd")]
        return core::arch::wasm32::f32x4_relaxed_madd(left, right, addend);
        #[cfg(not(target_feature = "relaxed-simd"))]
        return f32x4_add(f32x4_mul(left, right), addend);
    }

    /// Each value within `-limit` to `limit`; NaN stays NaN.
    #[inline(always)]
    pub(crate) fn clamped(value: Lanes, limit: f32) -> Lanes {
        f32x4_pmax(f32x4_pmin(value, f32x4_splat(limit)), f32x4_splat(-limit))
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod arithmetic {
    pub(crate) type Lanes = [f32; 4];

    #[inline(always)]
    fn each(left: Lanes, right: Lanes, of: impl Fn(f32, f32) -> f32) -> Lanes {
        [of(left[0], right[0]), of(left[1], right[1]), of(left[2], right[2]), of(left[3], right[3])]
    }

    #[inline(always)]
    pub(crate) fn splat(value: f32) -> Lanes {
        [value; 4]
    }

    /// Each of four values in all lanes.
    #[inline(always)]
    pub(crate) fn spread(values: Lanes) -> [Lanes; 4] {
        values.map(splat)
    }

    #[inline(always)]
    pub(crate) fn add(left: Lanes, right: Lanes) -> Lanes {
        each(left, right, |left, right| left + right)
    }

    #[inline(always)]
    pub(crate) fn sub(left: Lanes, right: Lanes) -> Lanes {
        each(left, right, |left, right| left - right)
    }

    #[inline(always)]
    pub(crate) fn mul(left: Lanes, right: Lanes) -> Lanes {
        each(left, right, |left, right| left * right)
    }

    #[inline(always)]
    pub(crate) fn div(left: Lanes, right: Lanes) -> Lanes {
        each(left, right, |left, right| left / right)
    }

    /// `left * right + addend`; fused only where that is one instruction.
    #[inline(always)]
    pub(crate) fn madd(left: Lanes, right: Lanes, addend: Lanes) -> Lanes {
        if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
            [0, 1, 2, 3].map(|lane| left[lane].mul_add(right[lane], addend[lane]))
        } else {
            add(mul(left, right), addend)
        }
    }

    /// Each value within `-limit` to `limit`; NaN stays NaN.
    #[inline(always)]
    pub(crate) fn clamped(value: Lanes, limit: f32) -> Lanes {
        value.map(|value| {
            let value = if limit < value { limit } else { value };
            if value < -limit { -limit } else { value }
        })
    }
}
