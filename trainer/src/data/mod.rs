//! Run-to-failure data: files, units, splits, windows.
//!
//! | module | holds |
//! | --- | --- |
//! | [`schema`] | which columns a reading has, and which of them tell the operating condition |
//! | [`source`], [`archive`] | a folder or a zip that holds data files |
//! | [`fetch`] | NASA's C-MAPSS data, downloaded and checked |
//! | [`cmapss`] | one C-MAPSS file, parsed or refused |
//! | [`table`] | one CSV file of other data, and the file that describes its columns |
//! | [`field`] | one number of either, parsed or refused by its place |
//! | [`dataset`] | the files of one subset: training units, test units and their answers |
//! | [`hold_out`] | test units from run-to-failure units, for data that has no test files |
//! | [`split`] | which unit trains, validates, calibrates |
//! | [`conditions`] | the operating conditions that readings come from |
//! | [`scaler`] | mean and scale of each column, in each condition |
//! | [`windows`] | one tensor of readings, windows gathered by index |

pub mod archive;
pub mod cmapss;
pub mod conditions;
pub mod dataset;
pub mod fetch;
pub mod field;
pub mod hold_out;
pub mod scaler;
pub mod schema;
pub mod source;
pub mod split;
pub mod table;
pub mod unit;
pub mod windows;

pub use dataset::Dataset;
pub use schema::Schema;
pub use split::Split;
pub use unit::Unit;
pub use windows::Windows;
