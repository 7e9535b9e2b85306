//! Firestore's security rules, made from the permissions.

use std::{collections::BTreeMap, fmt::Write};

use super::{Fields, Permission, Role};

/// How a person's own document is told from others'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// Its id is the person's.
    Id,
    /// This field holds the person's id.
    Field(&'static str),
}

/// The documents that everybody reads who may come in: their own.
pub const OWN: [(&str, Own); 3] =
    [("grants", Own::Field("person")), ("preferences", Own::Id), ("users", Own::Id)];

const HEADER: &str = "\
rules_version = '2';

// Made from the permissions in `shared/model/src/access`: do not edit. A test compares
// the two and says how to make this file anew.
//
// People read documents here, and write through the API alone. What a person may read
// follows from their own document, not from their token, so that it changes at once.
service cloud.firestore {
  match /databases/{database}/documents {
    function person() {
      return get(/databases/$(database)/documents/users/$(request.auth.uid)).data;
    }

    // Active, and signed in after the last time that all sessions were ended.
    function present() {
      return request.auth != null
        && person().state == 'active'
        && request.auth.token.auth_time * 1000 >= person().sessions_since.toMillis();
    }

    // The roles that count only after a second factor, where none was shown.
    function uncounted() {
      return 'sign_in_second_factor' in request.auth.token.get('firebase', {})
        ? [] : person().get('second_factor_for', []);
    }

    function elevated(role, roles) {
      return role in roles
        && !(role in uncounted())
        && request.time < person().elevations.get(role, timestamp.value(0));
    }

    function has(roles) {
      return person().roles.removeAll(uncounted()).hasAny(roles)
";

const FOOTER: &str = "
    match /{document=**} {
      allow read, write: if false;
    }
  }
}
";

/// Returns the roles that may read whole documents of each collection.
#[must_use]
pub fn readers() -> BTreeMap<&'static str, Vec<Role>> {
    let mut readers: BTreeMap<_, Vec<Role>> = BTreeMap::new();
    for permission in Permission::ALL {
        for reads in permission.reads().iter().filter(|reads| reads.fields == Fields::All) {
            let roles = readers.entry(reads.collection).or_default();
            roles.extend(Role::ALL.iter().filter(|role| role.holds(*permission)));
            roles.sort_unstable();
            roles.dedup();
        }
    }
    readers
}

/// Returns the text of `terraform/firestore.rules`.
#[must_use]
pub fn firestore_rules() -> String {
    let mut text = HEADER.to_owned();
    for (place, role) in Role::ALL.iter().enumerate() {
        let end = if place + 1 == Role::ALL.len() { ";" } else { "" };
        let _ = writeln!(text, "        || elevated('{role}', roles){end}");
    }
    text.push_str("    }\n");
    let mut readers = readers();
    for (collection, _) in OWN {
        readers.entry(collection).or_default();
    }
    for (collection, roles) in readers {
        let names: Vec<_> = roles.iter().map(|role| format!("'{role}'")).collect();
        let own = OWN.iter().find(|(name, _)| *name == collection).map(|(_, own)| match own {
            Own::Id => "id == request.auth.uid".to_owned(),
            Own::Field(field) => format!("resource.data.{field} == request.auth.uid"),
        });
        let has = format!("has([{}])", names.join(", "));
        let condition = match own {
            None => has,
            Some(own) if roles.is_empty() => own,
            Some(own) => format!("({own} || {has})"),
        };
        let _ = write!(
            text,
            "\n    match /{collection}/{{id}} {{\n      allow read: if present()\n        && {condition};\n    }}\n"
        );
    }
    text.push_str(FOOTER);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_of_which_only_fields_may_be_read_is_not_read_whole() {
        let readers = readers();
        assert_eq!(readers["users"], [Role::Auditor, Role::Admin, Role::Owner]);
        assert_eq!(readers["findings"], Role::ALL);
    }

    #[test]
    fn what_nobody_else_may_read_is_one_s_own_alone() {
        let rules = firestore_rules();
        let of = |collection: &str| {
            let (_, rule) =
                rules.split_once(&format!("match /{collection}/{{id}}")).expect("a rule");
            rule.split(';').next().expect("a condition").to_owned()
        };
        assert!(of("preferences").ends_with("present()\n        && id == request.auth.uid"));
        assert!(of("users").contains("(id == request.auth.uid || has(["));
    }
}
