//! Every control is tested by the fixtures in its own file, and by changing its condition.

use std::{collections::BTreeMap, fs, path::Path};

use jiff::Timestamp;
use model::audit::Verdict;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{Examined, file::ControlFile};
use crate::estate::{Estate, Subject};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fixture {
    pub asset: Json,
    #[serde(default)]
    pub related: Vec<Json>,
    #[serde(default)]
    pub now: Option<Timestamp>,
    #[serde(default)]
    pub parameters: Map<String, Json>,
}

/// The verdicts that fixtures expect, by their names.
const KINDS: [(&str, Verdict); 5] = [
    ("pass", Verdict::Pass),
    ("fail", Verdict::Fail),
    ("unknown", Verdict::Unknown),
    ("not_applicable", Verdict::NotApplicable),
    ("manual", Verdict::Manual),
];

pub(super) fn files() -> Vec<(String, ControlFile)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("controls");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("text");
            let file = ControlFile::parse(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.file_stem().expect("a name").to_string_lossy().into_owned(), file)
        })
        .collect();
    files.sort_by(|one, another| one.0.cmp(&another.0));
    files
}

pub(super) fn fixtures(file: &ControlFile) -> BTreeMap<String, Vec<Fixture>> {
    serde_json::from_value(file.fixtures.clone())
        .unwrap_or_else(|error| panic!("{}: fixtures: {error}", file.id))
}

/// A fixture as it is examined: what it is called and expects, and its assets.
struct Case {
    name: String,
    expected: Verdict,
    subject: Subject,
    estate: Estate,
    now: Timestamp,
    pub parameters: Map<String, Json>,
}

fn cases(file: &ControlFile) -> Vec<Case> {
    let known = |kind: &str| KINDS.iter().find(|(name, _)| *name == kind).map(|found| found.1);
    let mut cases = Vec::new();
    for (kind, list) in fixtures(file) {
        let expected = known(&kind).unwrap_or_else(|| panic!("{}: `{kind}`", file.id));
        for (number, fixture) in list.into_iter().enumerate() {
            let subject = Subject::new(fixture.asset).expect("an asset");
            let related = fixture.related.into_iter().map(|json| Subject::new(json).expect("one"));
            cases.push(Case {
                name: format!("{} {kind} {number}", file.id),
                expected,
                estate: related.chain([subject.clone()]).collect(),
                subject,
                now: fixture.now.unwrap_or("2026-11-23T00:00:00Z".parse().expect("valid")),
                parameters: fixture.parameters,
            });
        }
    }
    cases
}

/// Returns what a control comes to on each of its fixtures, one after the other.
fn outcomes<'c>(
    file: &ControlFile,
    cases: &'c [Case],
) -> Result<impl Iterator<Item = (&'c Case, Examined)>, String> {
    let plain = file.clone().compile().map_err(|error| error.to_string())?;
    let file = file.clone();
    Ok(cases.iter().map(move |case| {
        let own = (!case.parameters.is_empty()).then(|| {
            let mut file = file.clone();
            file.parameters.extend(case.parameters.clone());
            file.compile().expect("compiles with the control's own parameters")
        });
        let control = own.as_ref().unwrap_or(&plain);
        (case, control.examine(&case.subject.at(case.now.into()), &case.estate))
    }))
}

#[test]
fn every_control_says_of_its_fixtures_what_they_expect() {
    let mut wrong = Vec::new();
    let files = files();
    assert!(files.len() > 90, "{} controls", files.len());
    for (name, file) in &files {
        assert_eq!(name, &file.id, "a file is called as its control");
        let cases = cases(file);
        for kind in [Verdict::Pass, Verdict::Fail, Verdict::Unknown] {
            if !file.manual && !cases.iter().any(|case| case.expected == kind) {
                wrong.push(format!("{name}: no fixture for {kind:?}"));
            }
        }
        let outcomes = match outcomes(file, &cases) {
            Ok(outcomes) => outcomes,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        for (case, Examined { verdict, evidence, .. }) in outcomes {
            let silent = verdict == Verdict::Fail && evidence == "the condition does not hold";
            if verdict != case.expected || silent {
                wrong.push(format!("{}: {verdict:?} ({evidence})", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every way to get one operator, constant or field of an expression wrong.
fn mutants(source: &str) -> Vec<String> {
    const SWAPS: [(&str, &str); 14] = [
        ("==", "!="),
        ("!=", "=="),
        ("<=", ">"),
        (">=", "<"),
        (" < ", " >= "),
        (" > ", " <= "),
        ("&&", "||"),
        ("||", "&&"),
        (".exists(", ".all("),
        (".all(", ".exists("),
        (".contains(", ".endsWith("),
        (".startsWith(", ".endsWith("),
        (".endsWith(", ".startsWith("),
        ("true", "false"),
    ];
    let mut mutants = vec![format!("!({source})")];
    for (from, to) in SWAPS {
        for (at, _) in source.match_indices(from) {
            let (before, after) = (&source[..at], &source[at + from.len()..]);
            mutants.push(format!("{before}{to}{after}"));
        }
    }
    // Fields: one that nothing has. Numbers: one more, and one less.
    let bytes = source.as_bytes();
    let is_word =
        |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let mut quoted = false;
    for at in 0..bytes.len() {
        quoted ^= bytes[at] == b'"' && (at == 0 || bytes[at - 1] != b'\\');
        if quoted || is_word(at.wrapping_sub(1)) || !is_word(at) {
            continue;
        }
        let end = (at..bytes.len()).find(|at| !is_word(*at)).unwrap_or(bytes.len());
        let (before, word, after) = (&source[..at], &source[at..end], &source[end..]);
        if let Ok(number) = word.parse::<i64>() {
            mutants.extend([1, -1].map(|by| format!("{before}{}{after}", number + by)));
        } else if before.ends_with('.') && !after.starts_with('(') {
            mutants.push(format!("{before}{word}_{after}"));
        }
    }
    // Texts: one that nothing in an asset is, a letter longer and a letter shorter.
    let mut quotes = source.match_indices('"').map(|(at, _)| at);
    while let (Some(start), Some(end)) = (quotes.next(), quotes.next()) {
        let (before, after) = (&source[..start], &source[end + 1..]);
        mutants.push(format!("{before}\"no such text\"{after}"));
    }
    mutants
}

#[test]
fn every_change_of_a_condition_changes_the_verdict_on_a_fixture() {
    let (mut survivors, mut count) = (Vec::new(), 0);
    for (_, file) in files() {
        let Some(source) = file.condition.clone() else { continue };
        let cases = cases(&file);
        for mutant in mutants(&source) {
            let changed = ControlFile { condition: Some(mutant.clone()), ..file.clone() };
            // What no longer compiles is noticed, too.
            let Ok(mut outcomes) = outcomes(&changed, &cases) else { continue };
            count += 1;
            if outcomes.all(|(case, examined)| case.expected == examined.verdict) {
                survivors.push(format!("{}: {}", file.id, mutant.replace('\n', " ")));
            }
        }
    }
    println!("{count} mutants");
    assert!(count > 1_500, "{count} mutants");
    assert!(survivors.is_empty(), "{} of {count}:\n{}", survivors.len(), survivors.join("\n"));
}
