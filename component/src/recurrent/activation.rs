//! Sigmoid and tanh as quotients of polynomials, left undivided so that a cell divides fewer times.
//!
//! Source of the polynomials: Eigen's `ptanh` (also TensorFlow's and tract's), odd 13th over even 6th degree.
//! Largest errors found: tanh 2.8e-7 (3.9e-7 where products and sums round each), sigmoid 2.1e-7 (2.6e-7).

use super::lanes::{Lanes, add, clamped, madd, mul, splat};

/// From here on tanh is 1 in float32, as far as the quotient tells.
const LIMIT: f32 = 7.905_311;
const NUMERATOR: [f32; 7] = [
    -2.760_768_5e-16,
    2.000_188e-13,
    -8.604_672e-11,
    5.122_297e-8,
    1.485_722_4e-5,
    6.372_619_3e-4,
    4.893_524_6e-3,
];
const DENOMINATOR: [f32; 4] = [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_6e-3, 4.893_525e-3];

/// A quotient not yet divided: `over / under`.
#[derive(Clone, Copy)]
pub(super) struct Quotient {
    pub(super) over: Lanes,
    pub(super) under: Lanes,
}

/// `tanh(x)`; `under` is within 0.004 and 1.
#[inline(always)]
pub(super) fn tanh(x: Lanes) -> Quotient {
    let x = clamped(x, LIMIT);
    let square = mul(x, x);
    let over = polynomial(&NUMERATOR, square);
    let under = polynomial(&DENOMINATOR, square);
    Quotient { over: mul(over, x), under }
}

/// A polynomial of a square, its highest factor first.
#[inline(always)]
fn polynomial<const FACTORS: usize>(factors: &[f32; FACTORS], square: Lanes) -> Lanes {
    let mut sum = splat(factors[0]);
    for factor in &factors[1..] {
        sum = madd(sum, square, splat(*factor));
    }
    sum
}

/// `sigmoid(2 x)` = `(1 + tanh(x)) / 2`. Twice, because half of a sum costs nothing where the weights
/// are halved beforehand (a power of two: exact).
#[inline(always)]
pub(super) fn sigmoid_of_twice(x: Lanes) -> Quotient {
    let Quotient { over, under } = tanh(x);
    Quotient { over: mul(splat(0.5), add(under, over)), under }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recurrent::lanes::div;

    fn value(of: impl Fn(Lanes) -> Quotient, x: f32) -> f64 {
        let Quotient { over, under } = of(splat(x));
        let [value, ..] = bytemuck::cast::<Lanes, [f32; 4]>(div(over, under));
        f64::from(value)
    }

    /// About four million floats spread evenly over all bit patterns that are finite.
    fn floats() -> impl Iterator<Item = f32> {
        (0..=u32::MAX).step_by(1021).map(f32::from_bits).filter(|x| x.is_finite())
    }

    #[test]
    fn tanh_is_within_4e_7_of_the_true_one() {
        for x in floats() {
            let found = value(tanh, x);
            assert!((found - f64::from(x).tanh()).abs() < 4e-7, "tanh({x}) is {found}");
            assert!(found.abs() <= 1.0, "tanh({x}) is {found}");
        }
    }

    #[test]
    fn a_small_tanh_is_right_to_its_last_bits() {
        for x in floats().filter(|x| (1e-30..1.0).contains(&x.abs())) {
            let (found, exact) = (value(tanh, x), f64::from(x).tanh());
            assert!(((found - exact) / exact).abs() < 5e-7, "tanh({x}) is {found}");
        }
    }

    #[test]
    fn sigmoid_is_within_3e_7_of_the_true_one() {
        for x in floats() {
            let found = value(sigmoid_of_twice, x / 2.0);
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((found - exact).abs() < 3e-7, "sigmoid({x}) is {found}");
            assert!((0.0..=1.0).contains(&found), "sigmoid({x}) is {found}");
        }
    }

    #[test]
    fn nan_stays_nan() {
        assert!(value(tanh, f32::NAN).is_nan());
        assert!(value(sigmoid_of_twice, f32::NAN).is_nan());
    }
}
