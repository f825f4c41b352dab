//! The tables of what was measured.

use std::time::Duration;

use super::operation::Operation;
use super::{CONNECTIONS, VERSIONS};
use crate::load::Figures;
use crate::statistics::quantile;

/// What was measured of one server.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) name: String,
    /// From start to first answer, each start.
    pub(super) ready: Vec<Duration>,
    /// After the load, in MiB.
    pub(super) memory: f64,
    /// By operation, versions and connections.
    pub(super) figures: Vec<(Operation, u32, usize, Figures)>,
}

impl Measured {
    fn of(&self, operation: Operation, versions: u32, connections: usize) -> Option<Figures> {
        let same = |row: &&(Operation, u32, usize, Figures)| {
            (row.0, row.1, row.2) == (operation, versions, connections)
        };
        self.figures.iter().find(same).map(|row| row.3)
    }
}

/// Prints all of it, the ratios beside the aims.
pub(super) fn print(ours: &Measured, real: Option<&Measured>) {
    let real_name = real.map_or("mlflow", |real| &real.name);
    println!(
        "| operation | versions | connections | {} | p50 | p99 | {real_name} | p50 | p99 | ratio | aim |",
        ours.name
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for operation in Operation::ALL {
        for versions in VERSIONS {
            for connections in CONNECTIONS {
                let Some(mine) = ours.of(operation, versions, connections) else { continue };
                let peer = real.and_then(|real| real.of(operation, versions, connections));
                let theirs = peer.map_or_else(|| "– | – | –".to_owned(), |peer| cells(&peer));
                let ratio = peer.filter(|peer| peer.rate > 0.0);
                let ratio =
                    ratio.map_or_else(|| "–".to_owned(), |peer| format!("{:.0}", mine.rate / peer.rate));
                println!(
                    "| {} | {versions} | {connections} | {} | {theirs} | {ratio} | {:.0} |",
                    operation.name(),
                    cells(&mine),
                    operation.aim()
                );
            }
        }
    }
    println!();
    rest(ours, real);
}

fn rest(ours: &Measured, real: Option<&Measured>) {
    let worst = Operation::ALL.into_iter().flat_map(|operation| VERSIONS.map(|count| (operation, count)));
    let worst =
        worst.filter_map(|(operation, count)| ours.of(operation, count, 16)).map(|figures| figures.p99);
    let slower = Operation::ALL.into_iter().filter_map(|operation| {
        let [few, many] = VERSIONS.map(|count| ours.of(operation, count, 16));
        Some((few?.rate / many?.rate, operation))
    });
    let slower = slower.max_by(|a, b| a.0.total_cmp(&b.0));
    let theirs = |value: &dyn Fn(&Measured) -> String| real.map_or_else(|| "–".to_owned(), value);
    println!("| what | {} | {} | aim |", ours.name, theirs(&|real| real.name.clone()));
    println!("| --- | ---: | ---: | ---: |");
    println!(
        "| highest p99 at 16 connections | {} | | at most 5 ms |",
        milliseconds(worst.max().unwrap_or_default())
    );
    if let Some((times, operation)) = slower {
        println!(
            "| 100,000 versions against 1,000, the worst operation ({}) | {times:.2} times slower | | at most 2 |",
            operation.name()
        );
    }
    println!(
        "| from start to first answer | {:.2} s | {} | at most 0.2 s |",
        quantile(&ours.ready, 0.5).as_secs_f64(),
        theirs(&|real| format!("{:.1} s", quantile(&real.ready, 0.5).as_secs_f64()))
    );
    println!(
        "| memory after the load | {:.0} MiB | {} | at most 100 MiB |\n",
        ours.memory,
        theirs(&|real| format!("{:.0} MiB", real.memory))
    );
}

/// Answers a second, with the errors beside them, and the two times.
fn cells(figures: &Figures) -> String {
    let Figures { rate, p50, p99, errors } = *figures;
    if rate == 0.0 {
        return format!("no answer, {errors} errors | – | –");
    }
    let errors = if errors == 0 { String::new() } else { format!(" ({errors} errors)") };
    format!("{rate:.0}/s{errors} | {} | {}", milliseconds(p50), milliseconds(p99))
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}
