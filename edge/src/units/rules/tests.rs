//! Each rule as a claim, and the law that the order of arrival does not matter inside the window.

use proptest::prelude::*;

use super::*;

const BOUNDS: Bounds = Bounds { window: 5, kept: 8, max_ahead: 1000 };

/// A unit with one column, and the readings it was sent.
#[derive(Default)]
struct Unit {
    kept: Kept,
    layouts: Layouts,
}

impl Unit {
    fn send(&mut self, readings: &[(u64, f32)]) -> Taken {
        let incoming: Vec<Incoming> = readings
            .iter()
            .map(|&(cycle, value)| Incoming { cycle: Some(cycle), values: vec![value] })
            .collect();
        self.take(&incoming).unwrap().taken
    }

    fn take(&mut self, incoming: &[Incoming]) -> Result<Brought, TooFarAhead> {
        let layout = self.layouts.of(&["a".to_owned()]);
        take(&mut self.kept, incoming, &layout, &self.layouts, BOUNDS)
    }

    fn all(&self) -> Vec<(u64, f32)> {
        self.kept.last(99).map(|reading| (reading.cycle, reading.values[0])).collect()
    }
}

fn in_order(cycles: impl IntoIterator<Item = u64>) -> Vec<(u64, f32)> {
    cycles.into_iter().map(|cycle| (cycle, cycle as f32)).collect()
}

#[test]
fn newer_readings_are_appended_and_the_oldest_go() {
    let mut unit = Unit::default();
    assert_eq!(unit.send(&in_order(1..=10)), Taken { accepted: 10, ..Taken::default() });
    assert_eq!(unit.all(), in_order(3..=10));
}

#[test]
fn the_accepted_readings_of_a_body_are_named_also_where_newer_ones_took_their_places() {
    let mut unit = Unit::default();
    let readings: Vec<Incoming> = [1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1]
        .map(|cycle| Incoming { cycle: Some(cycle), values: vec![cycle as f32] })
        .into();
    let brought = unit.take(&readings).unwrap();
    assert_eq!(brought.accepted, [0, 1, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(brought.kept, [3, 4, 5, 6, 7, 8, 9, 10]);
}

#[test]
fn a_reading_without_a_cycle_follows_the_newest() {
    let mut unit = Unit::default();
    let bare = |value| Incoming { cycle: None, values: vec![value] };
    let brought = unit.take(&[bare(1.0), Incoming { cycle: Some(4), values: vec![4.0] }, bare(5.0)]).unwrap();
    assert_eq!((brought.taken.accepted, brought.kept), (3, vec![1, 4, 5]));
    assert_eq!(unit.all(), in_order([1, 4, 5]));
}

#[test]
fn a_late_reading_is_put_in_its_place() {
    let mut unit = Unit::default();
    unit.send(&in_order([1, 2, 5]));
    assert_eq!(unit.send(&in_order([4, 3])), Taken { accepted: 2, late: 2, ..Taken::default() });
    assert_eq!(unit.all(), in_order(1..=5));
    // Also before the first, as long as there is room.
    assert_eq!(unit.send(&in_order([0])), Taken { accepted: 1, late: 1, ..Taken::default() });
}

#[test]
fn a_doubled_reading_is_ignored_and_the_first_of_two_that_differ_stays() {
    let mut unit = Unit::default();
    unit.send(&[(1, 1.0), (2, f32::NAN)]);
    let taken = unit.send(&[(1, 1.0), (2, f32::NAN), (1, 7.0), (2, 2.0)]);
    assert_eq!(taken, Taken { duplicate: 2, conflict: 2, ..Taken::default() });
    assert_eq!(unit.all()[0], (1, 1.0));
    assert!(unit.all()[1].1.is_nan());
}

#[test]
fn what_is_older_than_the_window_is_ignored_also_when_a_counter_starts_again() {
    let mut unit = Unit::default();
    unit.send(&in_order(101..=110));
    assert_eq!(unit.send(&in_order([102, 1, 2])), Taken { too_old: 3, ..Taken::default() });
    assert_eq!(unit.all(), in_order(103..=110));
    // A window that is not full takes no reading either that lies a whole window before it.
    let mut short = Unit::default();
    short.send(&in_order([110]));
    assert_eq!(
        short.send(&in_order([104, 105])),
        Taken { accepted: 1, late: 1, too_old: 1, ..Taken::default() }
    );
}

#[test]
fn a_gap_as_long_as_the_window_begins_it_anew_and_a_shorter_one_does_not() {
    let mut unit = Unit::default();
    unit.send(&in_order(1..=3));
    assert_eq!(unit.send(&in_order([8])), Taken { accepted: 1, ..Taken::default() });
    assert_eq!(unit.all(), in_order([1, 2, 3, 8]));
    assert_eq!(unit.kept.joined(BOUNDS.window), 4);
    assert_eq!(unit.send(&in_order([14])), Taken { accepted: 1, restarted_window: 1, ..Taken::default() });
    assert_eq!(unit.kept.joined(BOUNDS.window), 1);
    // A late reading closes the gap.
    assert_eq!(unit.send(&in_order([11])), Taken { accepted: 1, late: 1, ..Taken::default() });
    assert_eq!(unit.kept.joined(BOUNDS.window), 6);
}

#[test]
fn a_cycle_that_no_counter_reaches_is_refused() {
    let mut unit = Unit::default();
    unit.send(&in_order([7]));
    let far = Incoming { cycle: Some(1_700_000_000_000), values: vec![0.0] };
    let line = unit.take(std::slice::from_ref(&far)).unwrap_err().to_string();
    assert_eq!(
        line,
        "cycle 1700000000000 is 1699999999993 ahead of the unit's newest, 7; mend the cycle, \
         or DELETE the unit if it counts anew"
    );
    // The first reading of a unit may have any.
    assert!(Unit::default().take(&[far]).is_ok());
}

#[test]
fn a_reading_sent_again_after_a_swap_of_columns_is_a_duplicate_where_both_have_the_column() {
    let mut unit = Unit::default();
    unit.send(&[(1, 1.0)]);
    let wider = unit.layouts.of(&["b".to_owned(), "a".to_owned()]);
    let mut send = |values: &[f32]| {
        let readings = [Incoming { cycle: Some(1), values: values.to_vec() }];
        take(&mut unit.kept, &readings, &wider, &unit.layouts, BOUNDS).unwrap().taken
    };
    assert_eq!(send(&[9.0, 1.0]), Taken { duplicate: 1, ..Taken::default() });
    assert_eq!(send(&[9.0, 2.0]), Taken { conflict: 1, ..Taken::default() });
}

#[test]
fn holes_are_counted_between_the_first_and_the_last() {
    assert_eq!(holes([3, 4, 7, 9].into_iter()), 3);
    assert_eq!((holes([3].into_iter()), holes(std::iter::empty())), (0, 0));
}

proptest! {
    #[test]
    fn the_order_of_arrival_and_duplicates_do_not_matter_inside_the_window(
        order in Just((0..8_u64).collect::<Vec<_>>()).prop_shuffle(),
        again in proptest::collection::vec(0..8_u64, 0..8),
        cut in 0_usize..8,
    ) {
        // A window as long as what is kept, so that no order looks like a gap.
        let bounds = Bounds { window: 8, ..BOUNDS };
        let send = |readings: &[u64]| {
            let mut unit = Unit::default();
            let layout = unit.layouts.of(&["a".to_owned()]);
            let mut total = Taken::default();
            for part in [&readings[..cut], &readings[cut..]] {
                let incoming: Vec<_> = part
                    .iter()
                    .map(|&cycle| Incoming { cycle: Some(cycle), values: vec![cycle as f32] })
                    .collect();
                let taken = take(&mut unit.kept, &incoming, &layout, &unit.layouts, bounds).unwrap().taken;
                total.accepted += taken.accepted;
                total.duplicate += taken.duplicate;
                total.conflict += taken.conflict + taken.too_old + taken.restarted_window;
            }
            (unit.all(), total)
        };
        let shuffled: Vec<u64> = order.iter().chain(&again).copied().collect();
        let (kept, taken) = send(&shuffled);
        prop_assert_eq!(kept, in_order(0..8));
        prop_assert_eq!((taken.accepted, taken.duplicate, taken.conflict), (8, again.len(), 0));
    }

    #[test]
    fn a_body_leaves_no_more_than_is_kept_and_every_cycle_that_was_added(
        readings in proptest::collection::vec((0_u64..60, -1_f32..1.0), 0..60),
    ) {
        let mut unit = Unit::default();
        let incoming: Vec<_> = readings
            .iter()
            .map(|&(cycle, value)| Incoming { cycle: Some(cycle), values: vec![value] })
            .collect();
        let Brought { taken, accepted, kept: mut sorted } = unit.take(&incoming).unwrap();
        prop_assert!(unit.kept.len() <= BOUNDS.kept);
        prop_assert_eq!(accepted.len(), taken.accepted);
        prop_assert_eq!(taken.accepted + taken.duplicate + taken.conflict + taken.too_old, incoming.len());
        let cycles: Vec<u64> = unit.all().iter().map(|(cycle, _)| *cycle).collect();
        sorted.sort_unstable();
        prop_assert_eq!(&sorted, &cycles);
    }
}
