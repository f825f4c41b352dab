//! Windows of units: one tensor of all readings, windows gathered from it by index, none copied ahead.

use tch::{Device, IndexOp as _, Kind, Tensor};

use super::Unit;

/// Windows over some units' readings. A window ends at some cycle of a unit and holds the
/// `length` readings up to it, oldest first; before a unit's first reading that reading is
/// repeated, exactly as [`overhaul_bundle::window::last_window`] does for a gateway.
#[derive(Debug)]
pub struct Windows {
    /// `[rows, features]`: the readings of all units, one after the other.
    readings: Tensor,
    /// `[count, 1]`: each window's last row.
    newest: Tensor,
    /// `[count, 1]`: the first row of each window's unit.
    oldest: Tensor,
    /// `[1, length]`: rows relative to the newest, `1 - length` to 0.
    offsets: Tensor,
    /// `[count, 1]`: cycles left after each window.
    labels: Tensor,
}

impl Windows {
    /// A window at every cycle for which `labels` has a label: `labels(unit)` answers the cycles
    /// left after each cycle of the unit, oldest first, `None` for a cycle to leave out.
    pub fn new<L>(units: &[Unit], length: usize, device: Device, labels: impl Fn(usize) -> L) -> Self
    where
        L: IntoIterator<Item = Option<f32>>,
    {
        let features = units.first().map_or(1, |unit| unit.features);
        let mut readings: Vec<f32> = Vec::new();
        let (mut newest, mut oldest, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for (index, unit) in units.iter().enumerate() {
            let first = (readings.len() / features) as i64;
            readings.extend_from_slice(&unit.readings);
            for (row, label) in (first..).zip(labels(index)) {
                let Some(label) = label else { continue };
                newest.push(row);
                oldest.push(first);
                kept.push(label);
            }
        }
        let tensor = |values: Tensor| values.to_device(device).unsqueeze(1);
        Self {
            readings: Tensor::from_slice(&readings).view([-1, features as i64]).to_device(device),
            newest: tensor(Tensor::from_slice(&newest)),
            oldest: tensor(Tensor::from_slice(&oldest)),
            labels: tensor(Tensor::from_slice(&kept)),
            offsets: Tensor::arange_start(1 - length as i64, 1, (Kind::Int64, device)).unsqueeze(0),
        }
    }

    /// A window at every cycle of units that failed at their last one.
    pub fn every_cycle(units: &[Unit], length: usize, device: Device) -> Self {
        Self::new(units, length, device, |unit| units[unit].remaining().map(Some))
    }

    /// One window for each unit, its last, with the cycles left after it.
    pub fn last_of_each(units: &[Unit], remaining: &[f32], length: usize, device: Device) -> Self {
        Self::new(units, length, device, |unit| {
            (1..=units[unit].cycles())
                .map(move |cycle| (cycle == units[unit].cycles()).then_some(remaining[unit]))
        })
    }

    /// The same windows over readings that a function made of these, such as normalised ones; it takes and
    /// answers `[rows, features]`.
    #[must_use]
    pub fn map_readings(self, function: impl FnOnce(&Tensor) -> Tensor) -> Self {
        Self { readings: function(&self.readings), ..self }
    }

    /// How many windows there are.
    pub fn count(&self) -> usize {
        self.newest.size()[0] as usize
    }

    /// All labels in the windows' order: cycles left, not capped.
    pub fn labels(&self) -> Vec<f32> {
        to_vec(&self.labels)
    }

    /// The windows at `positions` (int64 `[batch]`) as raw readings `[batch, length, features]`,
    /// and the cycles left after each as `[batch, 1]`.
    pub fn gather(&self, positions: &Tensor) -> (Tensor, Tensor) {
        self.at(positions, &self.oldest.index_select(0, positions))
    }

    /// The same windows as if there were at most so many readings of each unit's history, int64 `[batch, 1]`.
    pub fn gather_cut(&self, positions: &Tensor, histories: &Tensor) -> (Tensor, Tensor) {
        let oldest = self.oldest.index_select(0, positions);
        let met = self.newest.index_select(0, positions) - histories + 1;
        self.at(positions, &met.maximum(&oldest))
    }

    /// Windows whose units' readings begin at rows `oldest`, `[batch, 1]`.
    fn at(&self, positions: &Tensor, oldest: &Tensor) -> (Tensor, Tensor) {
        let newest = self.newest.index_select(0, positions);
        let rows = (newest + &self.offsets).maximum(oldest);
        let size = rows.size();
        let windows = self.readings.index_select(0, &rows.view(-1)).view([size[0], size[1], -1]);
        (windows, self.labels.index_select(0, positions))
    }

    /// Windows in order, at most `batch` at a time, as [`Self::gather`] gives them.
    pub fn batches(&self, batch: usize) -> impl Iterator<Item = (Tensor, Tensor)> + '_ {
        let all = Tensor::arange(self.count() as i64, (Kind::Int64, self.readings.device()));
        (0..self.count()).step_by(batch).map(move |start| {
            let end = (start + batch).min(self.count());
            self.gather(&all.i(start as i64..end as i64))
        })
    }
}

/// A tensor's numbers, row-major, as floats on the CPU.
pub fn to_vec(tensor: &Tensor) -> Vec<f32> {
    let flat = tensor.detach().to_device(Device::Cpu).to_kind(Kind::Float).contiguous().view(-1);
    let mut values = vec![0.0; flat.size()[0] as usize];
    let count = values.len();
    flat.copy_data(&mut values, count);
    values
}

#[cfg(test)]
mod tests {
    use overhaul_bundle::window::last_window;

    use super::*;

    const FEATURES: usize = 5;

    fn units() -> Vec<Unit> {
        let unit = |id: u32, cycles: usize| Unit {
            id,
            name: id.to_string(),
            features: FEATURES,
            readings: (0..cycles * FEATURES).map(|n| (id * 100_000) as f32 + n as f32).collect(),
        };
        vec![unit(1, 7), unit(2, 2), unit(3, 4)]
    }

    #[test]
    fn a_window_is_the_one_a_gateway_makes_of_the_same_readings() {
        let units = units();
        let windows = Windows::every_cycle(&units, 4, Device::Cpu);
        let expected: Vec<f32> = units
            .iter()
            .flat_map(|unit| (1..=unit.cycles()).map(move |cycle| &unit.readings[..cycle * FEATURES]))
            .flat_map(|readings| last_window(readings, FEATURES, 4).unwrap().values)
            .collect();
        let gathered: Vec<f32> = windows.batches(3).flat_map(|(window, _)| to_vec(&window)).collect();
        assert_eq!(gathered, expected);
        assert_eq!(windows.labels()[..8], [6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn a_window_with_less_history_is_the_one_of_a_unit_that_was_met_later() {
        let units = units();
        let windows = Windows::every_cycle(&units, 4, Device::Cpu);
        let (cut, labels) =
            windows.gather_cut(&Tensor::from_slice(&[6i64, 7]), &Tensor::from_slice(&[2i64, 4]).unsqueeze(1));
        let met = &units[0].readings[5 * FEATURES..];
        let expected = [met, &units[1].readings[..FEATURES]]
            .map(|readings| last_window(readings, FEATURES, 4).unwrap().values);
        assert_eq!(to_vec(&cut), expected.concat());
        assert_eq!(to_vec(&labels), [0.0, 1.0]);
    }

    #[test]
    fn a_test_unit_has_its_last_window_only() {
        let units = units();
        let windows = Windows::last_of_each(&units, &[30.0, 20.0, 10.0], 3, Device::Cpu);
        assert_eq!(windows.labels(), [30.0, 20.0, 10.0]);
        let (gathered, _) = windows.gather(&Tensor::from_slice(&[1i64]));
        assert_eq!(to_vec(&gathered), last_window(&units[1].readings, FEATURES, 3).unwrap().values);
    }
}
