//! What `mesh up` says when everything runs.

use std::collections::BTreeMap;

use model::{
    Document,
    asset::Asset,
    audit::Audit,
    check::{Check, CheckState},
    finding::{Finding, Severity},
    service::Service,
};
use store::{Direction, Query, Store, StoreError};

use crate::{seed::Person, stack::Stack, terminal::say};

/// How many documents of a kind are counted; counting reads each of them.
const COUNTED_MAX: usize = 20_000;

/// What is in a stack.
#[derive(Debug, Default)]
pub struct Counts {
    assets: Count,
    audit: Option<Audit>,
    findings: BTreeMap<Severity, usize>,
    services: Count,
    up: usize,
}

/// A number of documents, or the bound of counting.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    number: usize,
    more: bool,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.number, if self.more { " or more" } else { "" })
    }
}

/// Looks at each document that a query finds, up to the bound.
async fn each<D: Document + Clone>(
    store: &Store,
    query: Query<D>,
    mut look: impl FnMut(D),
) -> Result<Count, StoreError> {
    let mut count = Count::default();
    let mut after = None;
    loop {
        let page = store.list(&query.clone().after(after)).await?;
        count.number += page.items.len() + page.unreadable.len();
        page.items.into_iter().for_each(|stored| look(stored.document));
        after = page.next;
        count.more = after.is_some() && count.number >= COUNTED_MAX;
        if after.is_none() || count.more {
            return Ok(count);
        }
    }
}

impl Counts {
    /// Counts what is there.
    pub async fn of(store: &Store) -> Result<Self, StoreError> {
        let mut counts = Self {
            assets: each(store, Query::<Asset>::all(), |_| ()).await?,
            services: each(store, Query::<Service>::all(), |_| ()).await?,
            ..Self::default()
        };
        let newest = Query::<Audit>::all().order_by("as_of", Direction::Descending).page_size(1);
        let newest = store.list(&newest).await?.items.into_iter().next();
        counts.audit = newest.map(|stored| stored.document);
        let open = Query::<Finding>::all().equals("state", "open");
        let findings = &mut counts.findings;
        each(store, open, |finding| *findings.entry(finding.severity).or_default() += 1).await?;
        let up = &mut counts.up;
        let checks = Query::<Check>::all();
        each(store, checks, |check| *up += usize::from(check.state == CheckState::Up)).await?;
        Ok(counts)
    }

    fn findings(&self) -> String {
        let of = |severity| self.findings.get(&severity).copied().unwrap_or_default();
        let (critical, high) = (of(Severity::Critical), of(Severity::High));
        let (medium, low) = (of(Severity::Medium), of(Severity::Low));
        let all = critical + high + medium + low;
        format!("{all} open: {critical} critical, {high} high, {medium} medium, {low} low")
    }
}

/// Says what a run of the audit came to.
fn told(audit: &Audit) -> String {
    let verdicts = &audit.verdicts;
    let score = audit.score.map_or_else(
        || "no score".to_owned(),
        |score| format!("score {}.{:02} %", score / 100, score % 100),
    );
    format!("{score}: {} pass, {} fail, {} unknown", verdicts.pass, verdicts.fail, verdicts.unknown)
}

/// Prints where everything is, who can sign in, what is there, and what to try.
pub fn show(stack: &Stack, auth: bool, people: &[Person], counts: Option<&Counts>) {
    let base = stack.gateway_port();
    say("");
    say(format!("  page and API   http://127.0.0.1:{base}"));
    say(format!("  Firestore      127.0.0.1:{}", stack.firestore_port()));
    say(format!("  Pub/Sub        127.0.0.1:{}", stack.pubsub_port()));
    if auth {
        say(format!("  Auth           127.0.0.1:{}", stack.auth_port()));
    }
    for function in &stack.functions {
        say(format!("  {:13}  http://127.0.0.1:{}", function.name, function.port));
    }
    if !people.is_empty() {
        say("");
        let email = people.iter().map(|person| person.email.len()).max().unwrap_or_default();
        let password = people.iter().map(|person| person.password.len()).max().unwrap_or_default();
        for person in people {
            let roles = serde_json::to_value(&person.roles).unwrap_or_default();
            let roles = roles.as_array().into_iter().flatten().filter_map(|role| role.as_str());
            let roles = roles.collect::<Vec<_>>().join(", ");
            say(format!("  {:email$}  {:password$}  {roles}", person.email, person.password));
        }
    }
    if let Some(counts) = counts {
        say("");
        say(format!("  assets    {}", counts.assets));
        if let Some(audit) = &counts.audit {
            say(format!("  audit     {}", told(audit)));
        }
        say(format!("  findings  {}", counts.findings()));
        say(format!("  services  {} up of {}", counts.up, counts.services));
    }
    let place = if base == 8080 { String::new() } else { format!(" --port-base {base}") };
    say("");
    say("  Try next:");
    say(format!("    cargo mesh status{place}"));
    say(format!("    cargo mesh import FILE{place}"));
    say(format!("    cargo mesh logs -f{place}"));
    say("");
}
