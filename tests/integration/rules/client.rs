//! Firestore as a browser asks it: over HTTP, with the person's own token.

use model::access::rules::{OWN, Own};
use serde_json::{Value, json};
use testkit::{Emulators, Mesh};

use super::people::Person;

/// The id of everything that belongs to somebody else.
pub(super) const OTHERS: &str = "somebody";
const MISSING: &str = "missing";

/// Which documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The person's own.
    Own,
    /// Somebody else's.
    Others,
    /// One that is not there.
    Missing,
    /// All of them.
    Any,
}

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Get(Place),
    List(Place),
    /// The collections of this name below every document.
    ListEverywhere,
    Create,
    Update(Place),
    Delete(Place),
}

/// Returns the field that says whose a document is, where one does.
pub(super) fn owner_field(collection: &str) -> Option<&'static str> {
    OWN.iter().find_map(|(name, own)| match own {
        Own::Field(field) if *name == collection => Some(*field),
        _ => None,
    })
}

/// Returns the path of a document, below somebody else's where the collection is.
pub(super) fn path(collection: &str, id: &str) -> String {
    let segments = collection.split('/');
    let segments = segments.map(|name| if name.starts_with('{') { OTHERS } else { name });
    format!("{}/{id}", segments.collect::<Vec<_>>().join("/"))
}

/// Asks the emulator for documents of one project.
pub(super) struct Client {
    http: reqwest::Client,
    project: String,
    host: &'static str,
    /// The resource name of the root of all documents.
    root: String,
}

impl Client {
    pub(super) fn new(mesh: &Mesh) -> Self {
        Self {
            http: mesh.http.clone(),
            host: &Emulators::shared().firestore,
            root: format!("projects/{}/databases/(default)/documents", mesh.project),
            project: mesh.project.clone(),
        }
    }

    /// Loads the rules anew; the emulator then forgets what it evaluated.
    pub(super) async fn load_rules(&self) {
        let content = include_str!("../../../terraform/firestore.rules");
        let rules = json!({"rules": {"files": [{"name": "firestore.rules", "content": content}]}});
        let url =
            format!("http://{}/emulator/v1/projects/{}:securityRules", self.host, self.project);
        let answer = self.http.put(url).json(&rules).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    }

    /// Returns what the emulator evaluated since the rules were loaded.
    pub(super) async fn coverage(&self) -> Value {
        let url =
            format!("http://{}/emulator/v1/projects/{}:ruleCoverage", self.host, self.project);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Tries an operation and returns the status; a list that shows nothing counts as not
    /// found.
    pub(super) async fn ask(&self, person: &Person, collection: &str, operation: Operation) -> u16 {
        let own = person.uid.as_str();
        let id = |place| match place {
            Place::Own => own,
            Place::Missing => MISSING,
            Place::Others | Place::Any => OTHERS,
        };
        let name = |place| format!("{}/{}", self.root, path(collection, id(place)));
        let request = match operation {
            Operation::Get(place) => self.http.get(self.url(&name(place))),
            Operation::List(place) => {
                let parent = name(place);
                let parent = parent.rsplitn(3, '/').nth(2).unwrap_or_default();
                let url = format!("{}:runQuery", self.url(parent));
                self.http.post(url).json(&self.query(collection, place, id(place), false))
            }
            Operation::ListEverywhere => {
                let url = format!("{}:runQuery", self.url(&self.root));
                self.http.post(url).json(&self.query(collection, Place::Any, OTHERS, true))
            }
            Operation::Create => self.commit(json!({
                "update": {"name": format!("{}/{}", self.root, path(collection, "new"))},
                "currentDocument": {"exists": false},
            })),
            // What everybody would like to write about themselves.
            Operation::Update(place) => self.commit(json!({
                "update": {"name": name(place), "fields": {
                    "roles": {"arrayValue": {"values": [{"stringValue": "owner"}]}},
                }},
                "updateMask": {"fieldPaths": ["roles"]},
                "currentDocument": {"exists": true},
            })),
            Operation::Delete(place) => self.commit(json!({"delete": name(place)})),
        };
        let request = match person.token(&self.project) {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        match body.as_array().filter(|_| status == 200) {
            Some(results) if results.iter().all(|result| result.get("document").is_none()) => 404,
            _ => status,
        }
    }

    fn url(&self, name: &str) -> String {
        format!("http://{}/v1/{name}", self.host)
    }

    fn commit(&self, write: Value) -> reqwest::RequestBuilder {
        self.http.post(format!("{}:commit", self.url(&self.root))).json(&json!({"writes": [write]}))
    }

    fn query(&self, collection: &str, place: Place, id: &str, everywhere: bool) -> Value {
        let last = collection.rsplit('/').next().unwrap_or_default();
        let mut query = json!({
            "from": [{"collectionId": last, "allDescendants": everywhere}],
            "limit": 1,
        });
        if place != Place::Any {
            let (field, value) = match owner_field(collection) {
                Some(field) => (field, json!({"stringValue": id})),
                None => {
                    let name = format!("{}/{}", self.root, path(collection, id));
                    ("__name__", json!({"referenceValue": name}))
                }
            };
            query["where"] = json!({"fieldFilter": {
                "field": {"fieldPath": field}, "op": "EQUAL", "value": value,
            }});
        }
        json!({"structuredQuery": query})
    }
}
