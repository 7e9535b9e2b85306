//! What functions may do to each other, as their manifests say it.

use std::{collections::BTreeSet, sync::Arc};

use function::manifest::{Kind, Manifest};
use model::access::api::{ModuleRight, Principal};

/// The text of every function's manifest, gathered when this one is built.
const MANIFESTS: &[&str] = include!(concat!(env!("OUT_DIR"), "/manifests.rs"));

/// The account that Eventarc, Pub/Sub and Scheduler call functions with.
const INVOKER: &str = "mesh-invoker";

/// One function, or the transports, and its rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The function's name.
    pub name: String,
    /// Its service account.
    pub account: String,
    /// What it may do: `call:FUNCTION`, `publish:TOPIC`, `read:TOPIC` or
    /// `deliver:FUNCTION/TRIGGER`.
    pub rights: BTreeSet<String>,
}

/// Every module. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modules(Arc<[Module]>);

impl Modules {
    /// Takes the functions of this repository, in a project.
    ///
    /// # Errors
    /// What is wrong with a manifest.
    pub fn built_in(project: &str) -> Result<Self, Vec<String>> {
        Self::read(MANIFESTS, project)
    }

    fn read(manifests: &[&str], project: &str) -> Result<Self, Vec<String>> {
        let mut modules = Vec::new();
        let mut delivered = BTreeSet::new();
        for text in manifests {
            let manifest = Manifest::parse(text)?;
            let calls = manifest.calls.iter().map(|function| format!("call:{function}"));
            let publishes = manifest.publishes.iter().map(|topic| format!("publish:{topic}"));
            let mut rights: BTreeSet<_> = calls.chain(publishes).collect();
            for (id, trigger) in &manifest.triggers {
                match trigger.kind() {
                    Some(Kind::Http(_)) | None => continue,
                    Some(Kind::Pubsub(pubsub)) => {
                        rights.insert(format!("read:{}", pubsub.topic));
                    }
                    Some(Kind::Firestore(_) | Kind::Schedule(_)) => {}
                }
                delivered.insert(format!("deliver:{}/{id}", manifest.name));
            }
            let account = manifest.service_account(project);
            modules.push(Module { name: manifest.name, account, rights });
        }
        let account = format!("{INVOKER}@{project}.iam.gserviceaccount.com");
        modules.push(Module { name: INVOKER.to_owned(), account, rights: delivered });
        Ok(Self(modules.into()))
    }

    /// Returns every module.
    #[must_use]
    pub fn all(&self) -> &[Module] {
        &self.0
    }

    /// Finds a module by its name or its account.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Module> {
        self.0.iter().find(|module| module.name == name || module.account == name)
    }

    /// Tells whether anybody is at the other end of a right: a topic that nobody reads, or
    /// a function that is not there, makes it one for nothing.
    fn is_met(&self, right: &str) -> bool {
        let anybody = |right: String| self.0.iter().any(|module| module.rights.contains(&right));
        match right.split_once(':') {
            Some(("publish", topic)) => anybody(format!("read:{topic}")),
            // What transports give up is published by them.
            Some(("read", "dead-letters")) => true,
            Some(("read", topic)) => anybody(format!("publish:{topic}")),
            Some(("call", function)) => self.named(function).is_some(),
            _ => true,
        }
    }

    /// Returns a module's rights; `used` counts how often it called a function.
    #[must_use]
    pub fn rights(&self, module: &Module, used: impl Fn(&str) -> u64) -> Vec<ModuleRight> {
        let right = |right: &String| {
            let used = right.strip_prefix("call:").map(&used);
            let unused = used == Some(0) || !self.is_met(right);
            ModuleRight { right: right.clone(), used, unused }
        };
        module.rights.iter().map(right).collect()
    }
}

impl Module {
    /// Names the module as one who may.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::Module { name: self.name.clone(), account: self.account.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRONT: &str = "
name: front
summary: Shows.
service: { cpu: 1, memory_mib: 128, timeout_seconds: 60, concurrency: 10, instances: { min: 0, max: 1 } }
triggers:
  api:  { http: { callers: [users] } }
  done: { pubsub: { topic: work-done } }
calls: [back]
publishes: [work-asked]
";
    const BACK: &str = "
name: back
summary: Works.
service: { cpu: 1, memory_mib: 128, timeout_seconds: 60, concurrency: 10, instances: { min: 0, max: 1 } }
triggers:
  api:     { http: { callers: [services] } }
  nightly: { schedule: { cron: '0 3 * * *', time_zone: Etc/UTC } }
publishes: [work-done]
";

    #[test]
    fn rights_follow_from_manifests_and_say_whether_they_are_used() {
        let modules = Modules::read(&[FRONT, BACK], "demo").expect("good manifests");
        let front = modules.named("front").expect("there");
        let shown = |calls: u64| {
            let rights = modules.rights(front, |function| {
                assert_eq!(function, "back");
                calls
            });
            let line = |right: &ModuleRight| (right.right.clone(), right.used, right.unused);
            rights.iter().map(line).collect::<Vec<_>>()
        };
        let expected = |calls, unused| {
            vec![
                ("call:back".to_owned(), Some(calls), unused),
                ("publish:work-asked".to_owned(), None, true),
                ("read:work-done".to_owned(), None, false),
            ]
        };
        assert_eq!(shown(0), expected(0, true));
        assert_eq!(shown(3), expected(3, false));
        let invoker = modules.named("mesh-invoker@demo.iam.gserviceaccount.com").expect("there");
        let delivered: Vec<_> = invoker.rights.iter().map(String::as_str).collect();
        assert_eq!(delivered, ["deliver:back/nightly", "deliver:front/done"]);
    }

    #[test]
    fn the_functions_of_this_repository_are_built_in() {
        let modules = Modules::built_in("demo").expect("good manifests");
        let own = modules.named("iam-control").expect("this one");
        assert_eq!(own.account, "iam-control@demo.iam.gserviceaccount.com");
        let invoker = modules.named(INVOKER).expect("the transports");
        assert!(invoker.rights.contains("deliver:iam-control/sweep"));
    }
}
