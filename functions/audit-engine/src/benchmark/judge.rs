//! The verdict of every row.

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use model::audit::{Verdict, VerdictCounts};

use super::{Benchmark, Framework, Recommendation};
use crate::{assess::Assessment, control::Control};

/// The rows of a benchmark or framework with their verdicts.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    /// Whose rows these are.
    pub framework: Framework,
    /// What it is called, with its version.
    pub title: &'a str,
    /// Every row, in the publisher's order.
    pub rows: Vec<Judged<'a>>,
}

/// A row with its verdict.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// The publisher's number.
    pub number: &'a str,
    /// What it comes to; of frameworks, what the controls demand.
    pub title: Cow<'a, str>,
    /// The controls that decide it, in the order of their ids.
    pub controls: Vec<&'a Control>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, or what a person has to look at; empty when every control holds.
    pub evidence: String,
}

impl Table<'_> {
    /// Returns how often each verdict was given.
    #[must_use]
    pub fn counts(&self) -> VerdictCounts {
        let mut counts = VerdictCounts::default();
        self.rows.iter().for_each(|row| counts.count(row.verdict));
        counts
    }
}

/// Returns every row of every benchmark and framework, judged by an assessment.
#[must_use]
pub fn tables<'a>(assessment: &'a Assessment<'a>) -> Vec<Table<'a>> {
    Framework::ALL.into_iter().map(|framework| table(framework, assessment)).collect()
}

fn table<'a>(framework: Framework, assessment: &'a Assessment<'a>) -> Table<'a> {
    let mut mapped = BTreeMap::<&str, Vec<&Control>>::new();
    for control in &assessment.controls {
        for number in framework.numbers(&control.mappings) {
            mapped.entry(number).or_default().push(control);
        }
    }
    let benchmark = Benchmark::embedded().iter().find(|benchmark| benchmark.id == framework);
    let mut rows = Vec::new();
    for row in benchmark.into_iter().flat_map(|benchmark| &benchmark.rows) {
        let controls = mapped.remove(row.number.as_str()).unwrap_or_default();
        let (verdict, evidence) = if controls.is_empty() {
            by_people(row, assessment)
        } else {
            by_controls(&controls, assessment)
        };
        let title = Cow::Borrowed(row.title.as_str());
        rows.push(Judged { number: &row.number, title, controls, verdict, evidence });
    }
    // Of frameworks without a list of rows, those that some control is mapped to.
    let mut rest: Vec<_> = mapped.into_iter().collect();
    rest.sort_by(|(one, _), (another, _)| by_number(one, another));
    for (number, controls) in rest {
        let (verdict, evidence) = by_controls(&controls, assessment);
        let titles: Vec<_> = controls.iter().map(|control| control.title.as_str()).collect();
        let title = Cow::Owned(titles.join("; "));
        rows.push(Judged { number, title, controls, verdict, evidence });
    }
    let title = benchmark.map_or(framework.title(), |benchmark| &benchmark.title);
    Table { framework, title, rows }
}

/// Judges what only people can decide.
fn by_people(row: &Recommendation, assessment: &Assessment<'_>) -> (Verdict, String) {
    if row.asset_types.is_empty() {
        let place = "in the organization and its identity provider";
        return (Verdict::Manual, format!("somebody has to look {place} whether this holds"));
    }
    let present = row.asset_types.iter().filter_map(|asset_type| {
        let count = assessment.asset_types.get(asset_type)?;
        Some(format!("{count} of type {asset_type}"))
    });
    let present: Vec<_> = present.collect();
    if present.is_empty() {
        return (Verdict::NotApplicable, no_assets(row.asset_types.iter().map(String::as_str)));
    }
    let assets = present.join(", ");
    (Verdict::Manual, format!("somebody has to look whether this holds for the assets: {assets}"))
}

type Count = fn(&VerdictCounts) -> u64;

/// Judges by the worst of what some controls say.
fn by_controls(controls: &[&Control], assessment: &Assessment<'_>) -> (Verdict, String) {
    let types: BTreeSet<_> = controls
        .iter()
        .flat_map(|control| control.asset_types.iter().map(String::as_str))
        .collect();
    if !types.iter().any(|asset_type| assessment.asset_types.contains_key(*asset_type)) {
        return (Verdict::NotApplicable, no_assets(types));
    }
    let order: [(Verdict, &str, Count); 5] = [
        (Verdict::Fail, "fails", |counts| counts.fail),
        (Verdict::Unknown, "is unknown", |counts| counts.unknown),
        (Verdict::Manual, "is for people to judge", |counts| counts.manual),
        (Verdict::Exempt, "is exempt", |counts| counts.exempt),
        (Verdict::Pass, "holds", |counts| counts.pass),
    ];
    for (verdict, word, count) in order {
        let said: Vec<_> = controls
            .iter()
            .filter_map(|control| {
                let count = count(assessment.counts.get(control.id.as_str())?);
                (count > 0).then(|| format!("{} {word} on {count}", control.id))
            })
            .collect();
        if !said.is_empty() {
            return (verdict, said.join("; "));
        }
    }
    (Verdict::NotApplicable, "the assets of these types are none that it concerns".to_owned())
}

fn no_assets<'t>(types: impl IntoIterator<Item = &'t str>) -> String {
    format!("0 assets of type {}", types.into_iter().collect::<Vec<_>>().join(", "))
}

/// Orders `A.8.2` before `A.8.10`.
fn by_number(one: &str, another: &str) -> Ordering {
    let parts = |number: &str| {
        let letters = number.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').to_owned();
        let figures = number.get(letters.len()..).unwrap_or_default();
        (letters, figures.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>())
    };
    parts(one).cmp(&parts(another)).then_with(|| one.cmp(another))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{
        assess::{Assessor, Keep},
        control::ControlSet,
        estate::{Estate, Subject},
    };

    fn judged(assets: &[Json]) -> Vec<(Framework, String, Verdict, String)> {
        let now = "2026-11-23T00:00:00Z".parse().expect("a time");
        let mut assessor = Assessor::new(ControlSet::embedded(), now, Keep::Notable);
        for asset in assets {
            let subject = Subject::new(asset.clone()).expect("an asset");
            assessor.examine(&subject, &Estate::default());
        }
        let assessment = assessor.finish();
        let rows = tables(&assessment).into_iter().flat_map(|table| {
            let framework = table.framework;
            table
                .rows
                .into_iter()
                .map(move |row| (framework, row.number.to_owned(), row.verdict, row.evidence))
        });
        rows.collect()
    }

    fn check(assets: &[Json], framework: Framework, number: &str, verdict: Verdict, said: &str) {
        let rows = judged(assets);
        let row = rows.iter().find(|row| row.0 == framework && row.1 == number).expect(number);
        assert_eq!(row.2, verdict, "{row:?}");
        assert!(row.3.contains(said), "{row:?}");
    }

    fn bucket(uniform: bool) -> Json {
        json!({
            "name": format!("//storage.googleapis.com/{uniform}"),
            "assetType": "storage.googleapis.com/Bucket",
            "resource": {"data": {"name": uniform.to_string(), "iamConfiguration": {
                "uniformBucketLevelAccess": {"enabled": uniform},
            }}},
        })
    }

    #[test]
    fn every_row_is_there_whatever_the_estate_has() {
        for assets in [vec![], vec![bucket(true)]] {
            let rows = judged(&assets);
            let count = |framework| rows.iter().filter(|row| row.0 == framework).count();
            assert_eq!((count(Framework::CisGcpV4), count(Framework::CisGcpV5)), (84, 93));
            assert!(count(Framework::Iso27001) > 5 && count(Framework::Soc2) > 3);
            assert!(rows.iter().all(|row| row.2 == Verdict::Pass || !row.3.is_empty()));
        }
        let passing = judged(&[]).into_iter().filter(|row| row.2 == Verdict::Pass).count();
        assert_eq!(passing, 0, "nothing passes for want of assets");
    }

    #[test]
    fn a_row_is_as_bad_as_the_worst_of_its_controls() {
        use Framework::CisGcpV5 as Cis;
        use Verdict::{Fail, Manual, NotApplicable, Pass, Unknown};
        let (good, bad) = (bucket(true), bucket(false));
        let silent = json!({
            "name": "//storage.googleapis.com/silent",
            "assetType": "storage.googleapis.com/Bucket",
            "iamPolicy": {"bindings": []},
        });
        check(std::slice::from_ref(&good), Cis, "5.2", Pass, "GCS-02 holds on 1");
        check(&[good.clone(), bad.clone(), silent.clone()], Cis, "5.2", Fail, "GCS-02 fails on 1");
        check(&[good.clone(), silent], Cis, "5.2", Unknown, "GCS-02 is unknown on 1");
        let none = "0 assets of type storage.googleapis.com/Bucket";
        check(&[], Cis, "5.2", NotApplicable, none);
        check(&[good], Cis, "1.1.1", Manual, "in the organization");
        check(&[bad], Framework::Soc2, "CC6.1", Fail, "GCS-02 fails on 1");
    }

    #[test]
    fn numbers_are_ordered_as_people_order_them() {
        let mut numbers = ["CC6.10", "A.8.10", "A.8.2", "CC6.2", "A.5.30"];
        numbers.sort_by(|one, another| by_number(one, another));
        assert_eq!(numbers, ["A.5.30", "A.8.2", "A.8.10", "CC6.2", "CC6.10"]);
    }
}
