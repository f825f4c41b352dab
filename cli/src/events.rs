//! What happened on a gateway, as one line.

use overhaul_client::api::{Cause, DropReason, Event, PredictionSummary, ReportEntry, Shadow, Statistics};

use crate::gateways::version;
use crate::output::{known, time};

/// A report's event without its kind; as it came when this release does not know it.
pub(crate) fn line(report: &ReportEntry) -> String {
    let Some(event) = report.event() else { return report.event.to_string() };
    match event {
        Event::Started(it) => {
            format!("overhaul-edge {} on {} for {}@{}", it.agent_version, it.platform, it.model, it.alias)
        }
        Event::Activated(it) => {
            let before = it.previous.map(|before| format!(" after {}", version(&before)));
            let cause = match it.cause {
                Cause::Alias => "the alias points at it",
                Cause::Resume => "it ran before",
                Cause::Fallback => "the one after it failed",
                Cause::Operator => "a person asked for it",
            };
            format!("version {}{}: {cause}", version(&it.running), before.unwrap_or_default())
        }
        Event::Refused(it) => format!("version {}: {}", version(&it.refused), it.reason),
        Event::FellBack(it) => format!(
            "from version {} to {}: {} ({} of {} predictions failed)",
            version(&it.from),
            version(&it.to),
            it.reason,
            it.failures,
            it.predictions
        ),
        Event::Predictions(it) => predictions(&it),
        Event::Prediction(it) => {
            let bounds = it.lower.zip(it.upper).map(|(lower, upper)| format!(" ({lower:.1} to {upper:.1})"));
            let flags =
                if it.flags.is_empty() { String::new() } else { format!(", {}", it.flags.join(", ")) };
            let (unit, cycle, rul) = (it.unit, it.cycle, it.rul);
            format!("unit {unit} at cycle {cycle}: {rul:.1} cycles{}{flags}", bounds.unwrap_or_default())
        }
        Event::Statistics(it) => statistics(&it),
        Event::Shadow(it) => shadow(&it),
        Event::Alert(it) => {
            let what = if it.raised { "raised" } else { "withdrawn" };
            let (unit, cycle, lower, threshold) = (it.unit, it.cycle, it.lower, it.threshold);
            format!(
                "{what}: unit {unit} at cycle {cycle}, at least {lower:.1} cycles left, threshold {threshold:.1}"
            )
        }
        Event::Dropped(it) => {
            let why = match it.reason {
                DropReason::Full => "the gateway's queue was full",
                DropReason::Unwritten => "they came too fast, or the gateway's disk took no more",
                DropReason::Refused => "the registry did not take them",
                DropReason::Unreadable => "the queue on the gateway's disk could not be read",
            };
            let when = it.from.zip(it.to).map(|(from, to)| format!(", from {} to {}", time(from), time(to)));
            let count = it.count.map_or_else(|| "an unknown number of".to_owned(), |count| count.to_string());
            format!("{count} reports are lost{}: {why}", when.unwrap_or_default())
        }
    }
}

fn predictions(it: &PredictionSummary) -> String {
    let (from, to) = (time(it.from), time(it.to));
    let spread = it.rul.map(|rul| format!(", RUL {:.1} to {:.1}, median {:.1}", rul.min, rul.max, rul.p50));
    let latency = it.latency.map(|latency| format!(", p50 {:.2} ms, p99 {:.2} ms", latency.p50, latency.p99));
    format!(
        "{} by version {}, {} failed{}{}; {from} to {to}",
        it.count,
        version(&it.running),
        it.failed,
        spread.unwrap_or_default(),
        latency.unwrap_or_default()
    )
}

fn statistics(it: &Statistics) -> String {
    let worst = it.features.iter().filter_map(|feature| Some((feature.psi?, &feature.name)));
    let worst = worst.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(psi, name)| format!("{name} at {psi:.3}"));
    let coverage = it.coverage.as_ref().map(|coverage| {
        let (covered, of) = (coverage.covered, coverage.predictions);
        format!("; {covered} of {of} intervals held what came true, meant for {}", coverage.level)
    });
    format!(
        "{} readings of {} units; largest population stability index: {}{}",
        it.readings,
        it.units,
        known(worst),
        coverage.unwrap_or_default()
    )
}

fn shadow(it: &Shadow) -> String {
    let divergence = it.divergence.map(|apart| {
        format!(
            ", apart by {:.2} cycles on average, {:.2} at p99, {:.2} at most",
            apart.mean, apart.p99, apart.max
        )
    });
    let (candidate, production) = (version(&it.candidate), version(&it.production));
    format!(
        "version {candidate} beside {production}: {} windows, {} failed, {} left out{}",
        it.windows,
        it.failures,
        it.skipped,
        divergence.unwrap_or_default()
    )
}
