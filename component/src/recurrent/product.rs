//! Row vectors times packed weights, in tiles whose sums stay in registers.
//!
//! Each sum is one chain over the columns, first to last, whatever the tile and the number of rows: a
//! row's sums have the same bits alone and among others.

use super::lanes::{LANES, Lanes, madd, splat, spread};
use super::panels::Panels;

/// Sums of one row and one group: of four gates, or of three and of a part that a cell keeps apart.
pub(super) type Gates = [Lanes; 4];

/// Row vectors of one length, one after the other, each filled up with zeros to whole lanes.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) values: &'a [Lanes],
    pub(super) count: usize,
}

/// Where sums begin.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// With what a group's sums of every row start with.
    Bias(&'a [Gates]),
    /// With what is there.
    Sums,
}

/// Adds each row's products with every panel to its sums, `[rows, groups]`, `PRODUCTS` of each four
/// from the `first` one on.
///
/// `upwards` says which group comes first: a caller that takes turns finds the last ones' weights still
/// in the nearest cache.
pub(super) fn product<const PRODUCTS: usize>(
    panels: &Panels<PRODUCTS>,
    rows: Rows<'_>,
    upwards: bool,
    from: From<'_>,
    first: usize,
    sums: &mut [Gates],
) {
    let groups = panels.groups();
    let mut tile = |shape: (usize, usize), row: usize, group: usize| {
        let place = Place { row, group, groups, first };
        match shape {
            (8, _) => tile::<PRODUCTS, 8, 1>(panels, rows, place, from, sums),
            (4, _) => tile::<PRODUCTS, 4, 1>(panels, rows, place, from, sums),
            (3, _) => tile::<PRODUCTS, 3, 1>(panels, rows, place, from, sums),
            (2, _) => tile::<PRODUCTS, 2, 1>(panels, rows, place, from, sums),
            (_, 4) => tile::<PRODUCTS, 1, 4>(panels, rows, place, from, sums),
            (_, 3) => tile::<PRODUCTS, 1, 3>(panels, rows, place, from, sums),
            (_, 2) => tile::<PRODUCTS, 1, 2>(panels, rows, place, from, sums),
            _ => tile::<PRODUCTS, 1, 1>(panels, rows, place, from, sums),
        }
    };
    if rows.count == 1 {
        let mut done = 0;
        while done < groups {
            let count = next(groups - done).min(4);
            tile((1, count), 0, if upwards { done } else { groups - done - count });
            done += count;
        }
        return;
    }
    for turn in 0..groups {
        let mut row = 0;
        while row < rows.count {
            let count = next(rows.count - row);
            tile((count, 1), row, if upwards { turn } else { groups - 1 - turn });
            row += count;
        }
    }
}

/// The next tile of what is left: never a lone one where two smaller tiles do.
fn next(left: usize) -> usize {
    match left {
        8.. => 8,
        5..8 => left.div_ceil(2),
        _ => left,
    }
}

/// Where a tile lies in the sums.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    group: usize,
    groups: usize,
    first: usize,
}

// A function of its own for each shape: registers are shared out function by function. Indexed loops
// throughout: the compiler unrolls these, and so keeps the sums in registers.
#[expect(
    clippy::manual_memcpy,
    reason = "what is copied as a slice goes through memory, and comes back for each product"
)]
#[inline(never)]
fn tile<const PRODUCTS: usize, const ROWS: usize, const GROUPS: usize>(
    panels: &Panels<PRODUCTS>,
    rows: Rows<'_>,
    place: Place,
    from: From<'_>,
    sums: &mut [Gates],
) {
    let Place { row, group, groups, first } = place;
    let fours = panels.fours();
    let mut values: [&[Lanes]; ROWS] = [&[]; ROWS];
    let mut weights: [&[[[Lanes; PRODUCTS]; LANES]]; GROUPS] = [&[]; GROUPS];
    let mut tile = [[[splat(0.0); PRODUCTS]; GROUPS]; ROWS];
    for g in 0..GROUPS {
        weights[g] = panels.panel(group + g);
        for r in 0..ROWS {
            let sums = &mut sums[(row + r) * groups + group + g];
            if let From::Bias(bias) = from {
                *sums = bias[group + g];
            }
            for product in 0..PRODUCTS {
                tile[r][g][product] = sums[first + product];
            }
        }
    }
    for (r, values) in values.iter_mut().enumerate() {
        *values = &rows.values[(row + r) * fours..][..fours];
    }
    // A turn costs what its sums cost to put away and to fetch, because the sandbox looks at its clock in each.
    // More columns in a turn were no faster.
    for four in 0..fours {
        multiply(&mut tile, &values, &weights, four);
    }
    for r in 0..ROWS {
        for g in 0..GROUPS {
            let sums = &mut sums[(row + r) * groups + group + g];
            for product in 0..PRODUCTS {
                sums[first + product] = tile[r][g][product];
            }
        }
    }
}

/// Adds the products of four columns.
#[inline(always)]
fn multiply<const PRODUCTS: usize, const ROWS: usize, const GROUPS: usize>(
    tile: &mut [[[Lanes; PRODUCTS]; GROUPS]; ROWS],
    values: &[&[Lanes]; ROWS],
    weights: &[&[[[Lanes; PRODUCTS]; LANES]]; GROUPS],
    four: usize,
) {
    let mut spreads = [[splat(0.0); LANES]; ROWS];
    for r in 0..ROWS {
        spreads[r] = spread(values[r][four]);
    }
    for lane in 0..LANES {
        for g in 0..GROUPS {
            for product in 0..PRODUCTS {
                let weight = weights[g][four][lane][product];
                for r in 0..ROWS {
                    tile[r][g][product] = madd(weight, spreads[r][lane], tile[r][g][product]);
                }
            }
        }
    }
}
