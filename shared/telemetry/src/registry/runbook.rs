//! What to do, as Markdown: an entry for each alert, and the book of all.

use std::fmt::Write;

use super::{
    ALERTS, Alert, FACTS, METRICS, OBJECTIVES, OUTCOMES, Urgency, Verdict,
    objectives::{PERIOD_DAYS, TIERS},
};

/// Renders what to do about one alert, as it stands in the alert's policy.
#[must_use]
pub fn entry(alert: &Alert) -> String {
    let runbook = &alert.runbook;
    let mut text = format!("{}\n", runbook.means);
    for (title, steps) in [("Look", runbook.look), ("Act", runbook.act)] {
        let _ = write!(text, "\n**{title}**\n\n");
        for (number, step) in (1..).zip(steps) {
            let _ = writeln!(text, "{number}. {step}");
        }
    }
    text
}

/// Renders the whole book.
#[must_use]
pub fn book() -> String {
    let mut book = String::from(
        "# Runbook\n\nWhat each alert means and what to do about it. Made from `shared/telemetry`, as are the\n\
         alerts themselves: change it there.\n\n| alert | urgency | what is wrong |\n|---|---|---|\n",
    );
    for alert in ALERTS {
        let urgency = urgency(alert);
        let _ = writeln!(book, "| [{id}](#{id}) | {urgency} | {} |", alert.title, id = alert.id);
    }
    for alert in ALERTS {
        let _ = write!(book, "\n## {}\n\n{} ({}).\n\n", alert.id, alert.title, urgency(alert));
        book.push_str(&entry(alert));
    }
    promises(&mut book);
    words(&mut book);
    book
}

fn urgency(alert: &Alert) -> &'static str {
    match alert.urgency {
        Urgency::Page => "page",
        Urgency::Ticket => "ticket",
    }
}

fn promises(book: &mut String) {
    let _ =
        write!(book, "\n## What is promised\n\nOver {PERIOD_DAYS} days, for each function:\n\n");
    for objective in OBJECTIVES {
        let _ = writeln!(book, "- `{}`: {}", objective.name, objective.says);
    }
    let _ = write!(
        book,
        "\nThe budget of the first is watched at three speeds. Both windows have to be too fast, and\n\
         the short one needs some failures, so that one alone wakes nobody.\n\n\
         | alert | speed | over | and over | failures |\n|---|---|---|---|---|\n"
    );
    for tier in TIERS {
        let _ = writeln!(
            book,
            "| budget-{} | {} | {} min | {} min | {} |",
            tier.name,
            tier.burn,
            tier.long_seconds / 60,
            tier.short_seconds / 60,
            tier.failures_min
        );
    }
}

fn words(book: &mut String) {
    book.push_str(
        "\n## What lines say\n\nEach delivery and each request leaves one line with `outcome`:\n\n\
         | outcome | counts as | meaning |\n|---|---|---|\n",
    );
    for outcome in OUTCOMES {
        let verdict = match outcome.verdict {
            Verdict::Good => "good",
            Verdict::Bad => "bad",
            Verdict::Neither => "neither",
        };
        let _ = writeln!(book, "| `{}` | {verdict} | {} |", outcome.name, outcome.says);
    }
    book.push_str(
        "\nLines with `eventName`:\n\n| eventName | written by | severity | meaning |\n|---|---|---|---|\n",
    );
    for fact in FACTS {
        let level = format!("{:?}", fact.level).to_uppercase();
        let _ = writeln!(book, "| `{}` | {} | {level} | {} |", fact.name, fact.writer, fact.says);
    }
    book.push_str(
        "\nMetrics that are made of lines:\n\n| metric | lines | tells |\n|---|---|---|\n",
    );
    for metric in METRICS {
        let filter = metric.filter.replace('|', "\\|");
        let _ = writeln!(book, "| `{}` | `{filter}` | {} |", metric.name, metric.says);
    }
}
