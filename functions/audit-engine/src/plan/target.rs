//! What a grant grants on.

use serde_json::Value as Json;

use super::{Resource, convert::Planned, grant::Grant};

/// What a grant grants on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'p> {
    /// This asset.
    One(usize),
    /// Something that is not in the plan, by its name.
    Elsewhere(&'p str),
    /// The plan does not tell.
    Nobody,
}

pub(super) fn find<'p>(
    assets: &[Planned<'p>],
    grant: &Grant<'p>,
    configuration: &Json,
) -> Found<'p> {
    let of_kind =
        || assets.iter().enumerate().filter(|(_, a)| a.mapping.kind == grant.mapping.kind);
    if let Some(name) = grant.target() {
        let mut named = of_kind().filter(|(_, asset)| is_named(asset, grant.resource, name));
        return match (named.next(), named.next()) {
            (Some((index, _)), None) => Found::One(index),
            (Some(_), Some(_)) => Found::Nobody,
            // The same thing has other long names, with the project's number for example.
            (None, _) if of_kind().any(|(_, asset)| may_be(asset, name)) => Found::Nobody,
            (None, _) => Found::Elsewhere(name),
        };
    }
    let Some(referred) = referred(grant, configuration) else { return Found::Nobody };
    let same = |resource: &Resource| {
        resource.name == referred && resource.module_address == grant.resource.module_address
    };
    let all: Vec<_> = of_kind().filter(|(_, asset)| asset.resource.is_some_and(same)).collect();
    let indexed = |resource: &Resource| resource.index == grant.resource.index;
    match all.as_slice() {
        [(index, _)] => Found::One(*index),
        all => {
            // With `count` or `for_each` on both, the same key is meant.
            let mut keyed = all.iter().filter(|(_, asset)| asset.resource.is_some_and(indexed));
            match (keyed.next(), keyed.next()) {
                (Some((index, _)), None) => Found::One(*index),
                _ => Found::Nobody,
            }
        }
    }
}

/// Tells whether an asset is what a grant names, in full or by its last part.
fn is_named(asset: &Planned<'_>, grant: &Resource, name: &str) -> bool {
    let Some(path) = asset.path.as_deref() else { return false };
    if name.contains('/') {
        return path == name;
    }
    let same = |field: &str| {
        let own = asset.resource.and_then(|resource| resource.text(field));
        own.zip(grant.text(field)).is_none_or(|(one, another)| one == another)
    };
    path.rsplit('/').next() == Some(name) && same("project") && same("location")
}

fn may_be(asset: &Planned<'_>, name: &str) -> bool {
    let path = asset.path.as_deref().unwrap_or_default();
    name.contains('/') && path.rsplit('/').next() == name.rsplit('/').next()
}

/// Returns the name of the resource that the configuration of a grant refers to.
fn referred<'c>(grant: &Grant<'_>, configuration: &'c Json) -> Option<&'c str> {
    let resource = grant.resource;
    let mut module = configuration.get("root_module")?;
    for name in module_names(resource.module_address.as_deref().unwrap_or_default()) {
        module = module.get("module_calls")?.get(name)?.get("module")?;
    }
    let resources = module.get("resources")?.as_array()?;
    let is_it = |one: &&Json| {
        one.get("type").and_then(Json::as_str) == Some(&resource.kind)
            && one.get("name").and_then(Json::as_str) == Some(&resource.name)
    };
    let expressions = resources.iter().find(is_it)?.get("expressions")?;
    let references = expressions.get(grant.mapping.grants_by)?.get("references")?.as_array()?;
    references.iter().filter_map(Json::as_str).find_map(|reference| {
        let rest = reference.strip_prefix(grant.mapping.kind)?.strip_prefix('.')?;
        rest.split(['.', '[']).next()
    })
}

/// Returns the names in an address such as `module.a["x"].module.b`.
fn module_names(address: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = address;
    while let Some(after) = rest.trim_start_matches('.').strip_prefix("module.") {
        let end = after.find(['.', '[']).unwrap_or(after.len());
        names.push(&after[..end]);
        rest = &after[end..];
        if rest.starts_with('[') {
            // A key is a number or a quoted text, which may hold anything but a quote.
            let close = match rest.strip_prefix("[\"") {
                Some(key) => key.find("\"]").map(|at| at + 4),
                None => rest.find(']').map(|at| at + 1),
            };
            rest = close.and_then(|at| rest.get(at..)).unwrap_or_default();
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_named_without_their_keys() {
        assert_eq!(module_names(""), Vec::<&str>::new());
        assert_eq!(module_names("module.a"), ["a"]);
        assert_eq!(module_names("module.a[\"x.module.y\"].module.b[0]"), ["a", "b"]);
    }
}
