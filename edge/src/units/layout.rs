//! Which columns a reading's values belong to: each list of columns once, under a number.

use std::sync::{Arc, PoisonError, RwLock};

/// A list of columns. Readings are kept with their columns' names, so that a model with other columns can read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Its number on this gateway, from 1.
    pub id: u32,
    /// The columns, in the order of the values.
    pub columns: Vec<String>,
}

/// All layouts that readings were kept in: one for each list of columns that a model had.
#[derive(Debug, Default)]
pub struct Layouts(RwLock<Vec<Arc<Layout>>>);

impl Layouts {
    /// The layout with these columns.
    pub fn of(&self, columns: &[String]) -> Arc<Layout> {
        let find = |all: &[Arc<Layout>]| all.iter().rev().find(|layout| layout.columns == columns).cloned();
        if let Some(found) = find(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return found;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        find(&all).unwrap_or_else(|| {
            let id = all.iter().map(|layout| layout.id).max().unwrap_or(0) + 1;
            let layout = Arc::new(Layout { id, columns: columns.to_vec() });
            all.push(Arc::clone(&layout));
            layout
        })
    }

    /// The layout with a number that was given out.
    pub fn get(&self, id: u32) -> Option<Arc<Layout>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|layout| layout.id == id).cloned()
    }

    /// Takes in the layouts of an earlier run.
    pub(super) fn restore(&self, layouts: Vec<Layout>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(layouts.into_iter().map(Arc::new));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_columns_are_the_same_layout_and_another_order_is_another() {
        let layouts = Layouts::default();
        let columns = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let first = layouts.of(&columns("a b"));
        assert_eq!(layouts.of(&columns("a b")), first);
        let second = layouts.of(&columns("b a"));
        assert_ne!(second.id, first.id);
        assert_eq!(layouts.get(second.id), Some(second));
        let restored = Layouts::default();
        restored.restore(vec![Layout { id: 7, columns: columns("a b") }]);
        assert_eq!((restored.of(&columns("a b")).id, restored.of(&columns("c")).id), (7, 8));
    }
}
