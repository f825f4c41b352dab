//! The readings that are kept of one unit, by cycle.

/// Readings in the order of their cycles, each cycle at most once.
///
/// All values lie in one list: with 10,000 units there are too many readings for an allocation each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    heads: Vec<Head>,
    values: Vec<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Head {
    cycle: u64,
    layout: u32,
    width: u32,
}

/// One reading that is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading<'a> {
    /// Its cycle.
    pub cycle: u64,
    /// The number of its [`Layout`](super::Layout).
    pub layout: u32,
    /// Its values; NaN where one is missing.
    pub values: &'a [f32],
}

impl Kept {
    /// How many readings there are.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The newest cycle.
    pub fn newest(&self) -> Option<u64> {
        self.heads.last().map(|head| head.cycle)
    }

    /// The oldest cycle.
    pub fn oldest(&self) -> Option<u64> {
        self.heads.first().map(|head| head.cycle)
    }

    /// The reading of a cycle.
    pub fn get(&self, cycle: u64) -> Option<Reading<'_>> {
        let place = self.place(cycle).ok()?;
        Some(self.reading(place, self.offset(place)))
    }

    /// The oldest cycle after this one.
    pub fn next_after(&self, cycle: u64) -> Option<u64> {
        let place = self.heads.partition_point(|head| head.cycle <= cycle);
        self.heads.get(place).map(|head| head.cycle)
    }

    /// How many of the newest readings belong together: each within `window` cycles of the next. What lies before a
    /// gap as long as a window is no part of one.
    pub fn joined(&self, window: usize) -> usize {
        let apart = |pair: &[Head]| pair[1].cycle - pair[0].cycle > window as u64;
        let gap = self.heads.windows(2).rposition(apart);
        gap.map_or(self.len(), |place| self.len() - place - 1)
    }

    /// The last `count` readings, oldest first, or all if there are fewer.
    pub fn last(&self, count: usize) -> impl Iterator<Item = Reading<'_>> {
        let first = self.len().saturating_sub(count);
        let mut offset = self.offset(first);
        (first..self.len()).map(move |place| {
            let reading = self.reading(place, offset);
            offset += reading.values.len();
            reading
        })
    }

    /// Puts a reading in its place; false, and nothing is done, if its cycle is there already.
    pub fn insert(&mut self, reading: Reading<'_>) -> bool {
        let Err(place) = self.place(reading.cycle) else { return false };
        let offset = self.offset(place);
        let Reading { cycle, layout, values } = reading;
        self.heads.insert(place, Head { cycle, layout, width: values.len() as u32 });
        self.values.splice(offset..offset, values.iter().copied());
        true
    }

    /// Leaves the last `count` readings.
    pub fn truncate(&mut self, count: usize) {
        let excess = self.len().saturating_sub(count);
        let offset = self.offset(excess);
        self.heads.drain(..excess);
        self.values.drain(..offset);
    }

    /// Gives memory back that no reading needs.
    pub fn shrink(&mut self) {
        self.heads.shrink_to_fit();
        self.values.shrink_to_fit();
    }

    fn place(&self, cycle: u64) -> Result<usize, usize> {
        // Nearly every reading is the newest.
        if self.newest().is_none_or(|newest| newest < cycle) {
            return Err(self.len());
        }
        self.heads.binary_search_by_key(&cycle, |head| head.cycle)
    }

    fn offset(&self, place: usize) -> usize {
        if place == self.len() {
            return self.values.len();
        }
        self.heads[..place].iter().map(|head| head.width as usize).sum()
    }

    fn reading(&self, place: usize, offset: usize) -> Reading<'_> {
        let Head { cycle, layout, width } = self.heads[place];
        Reading { cycle, layout, values: &self.values[offset..offset + width as usize] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn reading(cycle: u64, values: &[f32]) -> Reading<'_> {
        Reading { cycle, layout: values.len() as u32, values }
    }

    #[test]
    fn readings_lie_in_the_order_of_their_cycles_whatever_their_width() {
        let mut kept = Kept::default();
        for (cycle, values) in [(5, &[5.0, 5.5][..]), (2, &[2.0]), (9, &[9.0, 9.1, 9.2]), (7, &[])] {
            assert!(kept.insert(reading(cycle, values)));
        }
        assert!(!kept.insert(reading(7, &[1.0])));
        let all: Vec<_> = kept.last(99).map(|reading| (reading.cycle, reading.values.to_vec())).collect();
        assert_eq!(all, [(2, vec![2.0]), (5, vec![5.0, 5.5]), (7, vec![]), (9, vec![9.0, 9.1, 9.2])]);
        assert_eq!(kept.get(5), Some(reading(5, &[5.0, 5.5])));
        assert_eq!((kept.get(6), kept.next_after(5), kept.next_after(9)), (None, Some(7), None));
        assert_eq!(kept.last(2).map(|reading| reading.cycle).collect::<Vec<_>>(), [7, 9]);
        assert_eq!((kept.joined(2), kept.joined(1), Kept::default().joined(2)), (3, 1, 0));
        kept.truncate(2);
        assert_eq!((kept.len(), kept.oldest(), kept.newest()), (2, Some(7), Some(9)));
        assert_eq!(kept.get(9), Some(reading(9, &[9.0, 9.1, 9.2])));
    }

    proptest! {
        #[test]
        fn it_is_a_map_that_forgets_its_oldest(
            readings in proptest::collection::vec((0_u64..40, 0_usize..4), 0..80),
            count in 0_usize..20,
        ) {
            let mut kept = Kept::default();
            let mut model = BTreeMap::new();
            for (number, (cycle, width)) in readings.into_iter().enumerate() {
                let values = vec![number as f32; width];
                let fresh = kept.insert(reading(cycle, &values));
                prop_assert_eq!(fresh, !model.contains_key(&cycle));
                model.entry(cycle).or_insert(values);
            }
            kept.truncate(count);
            let expected: Vec<_> = model.into_iter().rev().take(count).rev().collect();
            let found: Vec<_> = kept.last(99).map(|one| (one.cycle, one.values.to_vec())).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
