//! What a page promises: it stands alone, breaks on nothing, and says the truth in words.

use super::sample::{plausible, score, smallest};
use super::*;

/// A name that breaks out of whatever does not escape it.
const HOSTILE: &str = "</title></style><script>alert(\"1\")</script>'\"><img src=x onerror=alert(1)>&";

fn page(report: &Report) -> String {
    render(report).unwrap()
}

#[test]
fn nothing_that_a_user_names_becomes_markup() {
    let mut report = plausible(10, 3);
    let clean = page(&report).matches('<').count();
    for name in [
        &mut report.header.name,
        &mut report.header.architecture,
        &mut report.header.dataset,
        &mut report.header.device,
        &mut report.header.timestamp,
        &mut report.header.trainer,
        &mut report.reproduce.command,
        &mut report.reproduce.dataset_sha256,
    ] {
        HOSTILE.clone_into(name);
    }
    report.reproduce.git_commit = Some(HOSTILE.to_owned());
    report.reproduce.settings[0] = (HOSTILE.to_owned(), HOSTILE.to_owned());
    let page = page(&report);
    assert_eq!(page.matches('<').count(), clean);
    assert!(!page.contains("<script") && !page.contains("<img"));
    assert!(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&quot;&gt;&lt;img"));
}

#[test]
fn a_page_loads_nothing_and_runs_nothing() {
    let page = page(&plausible(100, 20));
    for foreign in ["http:", "https:", "//", "url(", "@import", "<script", "<link", "<img", "<iframe"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    // An attribute's value is the only place for a quote.
    let names = page.split('"').step_by(2).filter_map(|text| text.rsplit(' ').next());
    assert!(!names.into_iter().any(|name| name.starts_with("on") && name.ends_with('=')));
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn every_section_is_there_and_linked_whatever_the_report() {
    for report in [plausible(100, 20), smallest()] {
        let page = page(&report);
        for (anchor, title, _) in SECTIONS {
            assert!(page.contains(&format!("<section id=\"{anchor}\">\n<h2>{title}</h2>")), "{anchor}");
            assert!(page.contains(&format!("<a href=\"#{anchor}\">")), "{anchor}");
        }
    }
}

#[test]
fn every_figure_says_what_it_shows_and_no_anchor_stands_twice() {
    let page = page(&plausible(100, 20));
    assert_eq!(page.matches("role=\"img\"").count(), 3 + 1 + 1 + 1 + 12);
    assert_eq!(page.matches("<desc id=").count(), page.matches("role=\"img\"").count());
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn every_element_is_closed_in_its_turn() {
    for report in [plausible(60, 5), smallest()] {
        let page = page(&report);
        let mut open = Vec::new();
        for tag in page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
            let name = tag.trim_start_matches('/').split_whitespace().next().unwrap();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed));
            } else if !(tag.ends_with('/') || ["meta", "!DOCTYPE"].contains(&name)) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn the_same_report_gives_the_same_page() {
    assert_eq!(page(&plausible(100, 20)), page(&plausible(100, 20)));
}

#[test]
fn a_page_stays_small_however_much_was_tested() {
    assert!(page(&plausible(260, 250)).len() < 600_000);
    let mut large = plausible(20_000, 1_000);
    large.epochs = large.epochs.iter().cycle().take(5_000).cloned().collect();
    assert!(page(&large).len() < 1_000_000, "{}", page(&large).len());
}

#[test]
fn a_report_with_as_little_as_there_can_be_is_a_page() {
    assert!(!page(&smallest()).contains("version 12"));
    let mut empty = smallest();
    empty.epochs.clear();
    empty.test.clear();
    empty.lives.clear();
    let page = page(&empty);
    assert!(page.contains("No epoch was recorded") && page.contains("No unit was tested"));
}

#[test]
fn values_that_are_all_the_same_or_out_of_any_proportion_are_drawn() {
    for value in [0.0, 1e-300, 125.0, -40.0, 1e15] {
        let mut report = plausible(30, 4);
        for last in report
            .test
            .iter_mut()
            .map(|unit| &mut unit.last)
            .chain(report.lives.iter_mut().flat_map(|life| &mut life.windows))
        {
            *last = Prediction { predicted: value, truth: value, ends: Some((value, value)) };
        }
        for epoch in &mut report.epochs {
            *epoch = Epoch { loss: value, validation_rmse: value, learning_rate: Some(value) };
        }
        report.best_epoch = u32::MAX;
        report.lives[0].windows.clear();
        report.lives[1].first_cycle = u32::MAX;
        page(&report);
    }
}

#[test]
fn edges_and_caps_that_leave_nothing_between_them_are_no_problem() {
    for (cap, near) in [(30.0, 30.0), (20.0, 30.0), (1e15, 0.0)] {
        let mut report = plausible(30, 4);
        (report.rul_cap, report.near_failure) = (cap, near);
        report.interval = Some(Interval { level: 0.9, edges: Vec::new() });
        assert!(page(&report).contains("Predicted any"));
    }
}

#[test]
fn a_number_that_is_none_is_refused_by_its_name() {
    let mut report = plausible(3, 1);
    report.test[1].last.predicted = f64::NAN;
    assert!(render(&report).unwrap_err().to_string().contains("test unit 2 is NaN"));
    let mut report = plausible(3, 1);
    report.epochs[4].loss = f64::INFINITY;
    assert!(render(&report).unwrap_err().to_string().contains("the loss of epoch 5"));
}

#[test]
fn a_model_that_beats_its_baseline_is_said_to_and_by_how_much() {
    let page = page(&plausible(100, 4));
    assert!(
        page.contains(
            "Beats the ridge baseline by 1.61 cycles RMSE on the test units (13.13 against 14.74)."
        )
    );
    assert!(page.contains("Over 3 seeds: RMSE 13.13 ± 0.29; 3 of 3 beat the ridge baseline."));
    assert!(!page.contains("DOES NOT"));
}

#[test]
fn a_model_that_does_not_beat_its_baseline_is_said_not_to() {
    let mut report = plausible(100, 4);
    for ridge in [13.13, 12.0] {
        report.ridge = Some(score(ridge));
        let page = page(&report);
        let said = format!(
            "DOES NOT beat the ridge baseline in RMSE on the test units (13.13 against {ridge:.2}): use the \
             baseline or train on."
        );
        assert!(page.contains(&said));
    }
}

#[test]
fn an_interval_that_holds_too_little_is_said_to() {
    let mut report = plausible(100, 4);
    assert!(page(&report).contains("90 % interval holds the capped RUL of"));
    for unit in &mut report.test {
        unit.last.ends = Some((unit.last.truth + 1.0, unit.last.truth + 2.0));
    }
    assert!(page(&report).contains("of 0 % of 100 test units: fewer than it promises, beyond chance."));
}

#[test]
fn late_and_early_differ_by_shape_and_not_by_colour_alone() {
    let mut report = plausible(2, 0);
    let at = |truth, predicted| Prediction { predicted, truth, ends: None };
    (report.test[0].last, report.test[1].last) = (at(50.0, 60.0), at(50.0, 40.0));
    let page = page(&report);
    // The figures of predictions and of errors have one of each.
    assert_eq!(page.matches("<polygon fill=\"#D55E00\"").count(), 2);
    assert_eq!(page.matches("fill=\"#0072B2\" stroke=\"none\"").count(), 2 + report.epochs.len() * 3);
    assert!(page.contains("late ▲") && page.contains("early ●"));
}

/// Not a claim: writes the pages that a person looks at after a change of style.
#[test]
#[ignore = "writes pages to look at into the directory for temporary files"]
fn pages_to_look_at() {
    let mut poor = plausible(100, 6);
    poor.ridge = Some(score(12.0));
    poor.best_epoch = 15;
    for unit in poor.test.iter_mut().filter(|unit| unit.last.predicted > 62.5) {
        unit.last.predicted += 25.0;
        unit.last.ends = unit.last.ends.map(|(low, high)| (low + 35.0, high + 35.0));
    }
    for (name, report) in [("good", plausible(100, 60)), ("poor", poor), ("smallest", smallest())] {
        std::fs::write(std::env::temp_dir().join(format!("page-{name}.html")), page(&report)).unwrap();
    }
}
