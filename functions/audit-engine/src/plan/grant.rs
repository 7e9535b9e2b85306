//! Grants: resources that are bindings of another resource's policy.

use serde_json::{Value as Json, json};

use super::{
    Resource,
    convert::{Planned, converted, filled},
    table::{Mapping, mapping},
    target::{Found, find},
};
use crate::cel::unknown;

/// A resource that says who may do what with another one.
#[derive(Debug)]
pub(super) struct Grant<'p> {
    pub resource: &'p Resource,
    /// The type that it grants on.
    pub mapping: &'static Mapping,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One member more.
    Member,
    /// All members of one role.
    Binding,
    /// Everything.
    Policy,
}

impl<'p> Grant<'p> {
    /// Returns the grant that a resource is.
    pub(super) fn of(resource: &'p Resource) -> Option<Self> {
        let kinds = [
            ("_iam_member", Kind::Member),
            ("_iam_binding", Kind::Binding),
            ("_iam_policy", Kind::Policy),
        ];
        kinds.into_iter().find_map(|(suffix, kind)| {
            let mapping = mapping(resource.kind.strip_suffix(suffix)?)?;
            (!mapping.grants_by.is_empty()).then_some(Self { resource, mapping, kind })
        })
    }

    /// Returns the name of what it grants on, when that is known.
    pub(super) fn target(&self) -> Option<&'p str> {
        self.resource.text(self.mapping.grants_by)
    }

    /// Returns its bindings; what is not known stands in them as unknown.
    fn bindings(&self) -> Vec<Json> {
        let change = &self.resource.change;
        let (after, later) = (&change.after, &change.after_unknown);
        let field = |name| {
            let value = after.get(name).unwrap_or(&Json::Null);
            converted(name, value, later.get(name).unwrap_or(&Json::Null))
        };
        if self.kind == Kind::Policy {
            let policy = self.resource.text("policy_data");
            let policy = policy.and_then(|text| serde_json::from_str::<Json>(text).ok());
            return match policy {
                Some(policy) => {
                    policy.get("bindings").and_then(Json::as_array).cloned().unwrap_or_default()
                }
                None => vec![unknown()],
            };
        }
        let members = match self.kind {
            Kind::Member => json!([field("member").unwrap_or_else(unknown)]),
            _ => field("members").unwrap_or_else(unknown),
        };
        let mut binding = json!({
            "role": field("role").unwrap_or_else(unknown),
            "members": members,
        });
        if let Some(condition) = field("condition") {
            binding["condition"] = condition;
        }
        vec![binding]
    }
}

/// Puts the bindings of grants into the policies of what they grant on.
pub(super) fn apply<'p>(assets: &mut Vec<Planned<'p>>, grants: &[Grant<'p>], configuration: &Json) {
    for grant in grants {
        match find(assets, grant, configuration) {
            Found::One(index) => {
                if let Some(asset) = assets.get_mut(index) {
                    asset.bindings.extend(grant.bindings());
                    asset.complete |= grant.kind == Kind::Policy;
                }
            }
            // It may be one whose name is not known yet.
            Found::Elsewhere(name) => {
                doubt(assets, grant, |asset| asset.path.is_none());
                assets.push(elsewhere(grant, path(grant, name)));
            }
            // It may be any of them.
            Found::Nobody => {
                doubt(assets, grant, |_| true);
                assets.push(elsewhere(grant, None));
            }
        }
    }
}

/// Says of assets of the grant's type that others may have been let in.
fn doubt(assets: &mut [Planned<'_>], grant: &Grant<'_>, which: impl Fn(&Planned<'_>) -> bool) {
    let of_kind = assets.iter_mut().filter(|asset| asset.mapping.kind == grant.mapping.kind);
    of_kind.filter(|asset| which(asset)).for_each(|asset| asset.complete = false);
}

/// Returns the full name of what a grant names.
fn path(grant: &Grant<'_>, name: &str) -> Option<String> {
    if name.contains('/') {
        return Some(name.to_owned());
    }
    let template = grant.mapping.name;
    let last = template.rsplit('{').next().and_then(|end| end.split('}').next());
    filled(
        template,
        |field| {
            if Some(field) == last { Some(name) } else { grant.resource.text(field) }
        },
    )
}

/// Returns what the plan tells nothing of but a grant.
fn elsewhere<'p>(grant: &Grant<'p>, path: Option<String>) -> Planned<'p> {
    Planned {
        mapping: grant.mapping,
        address: &grant.resource.address,
        resource: None,
        path,
        data: serde_json::Map::new(),
        bindings: grant.bindings(),
        complete: grant.kind == Kind::Policy,
        has_policy: true,
    }
}
