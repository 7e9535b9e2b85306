//! What controls look at, and what they say when it is missing.

use model::asset::{Asset, Binding};
use serde_json::{Map, Value};

use super::Verdict;

/// Anybody, or anybody with a Google account.
const EVERYBODY: [&str; 2] = ["allUsers", "allAuthenticatedUsers"];

/// Returns the resource's data, or the verdict that it is missing.
pub(super) fn data(asset: &Asset) -> Result<&Map<String, Value>, Verdict> {
    asset
        .resource
        .as_ref()
        .map(|resource| &resource.data)
        .filter(|data| !data.is_empty())
        .ok_or_else(|| Verdict::Unknown("resource.data".into()))
}

/// Returns the bindings of the IAM policy, or the verdict that it is missing.
pub(super) fn bindings(asset: &Asset) -> Result<&[Binding], Verdict> {
    let policy = asset.iam_policy.as_ref();
    policy
        .map(|policy| policy.bindings.as_slice())
        .ok_or_else(|| Verdict::Unknown("iamPolicy".into()))
}

/// Returns the text at a path of the data.
pub(super) fn text<'a>(asset: &'a Asset, path: &[&str]) -> Option<&'a str> {
    asset.data(path)?.as_str().filter(|text| !text.is_empty())
}

/// Says which binding lets everybody in, if one does.
pub(super) fn public_binding(bindings: &[Binding], role: Option<&str>) -> Option<String> {
    bindings.iter().filter(|binding| role.is_none_or(|role| binding.role == role)).find_map(
        |binding| {
            let member = binding.members.iter().find(|m| EVERYBODY.contains(&m.as_str()))?;
            Some(format!("`{member}` holds `{}`", binding.role))
        },
    )
}

/// Makes a verdict of a check that may end early because evidence is missing.
pub(super) fn verdict(result: Result<Verdict, Verdict>) -> Verdict {
    match result {
        Ok(verdict) | Err(verdict) => verdict,
    }
}

/// Judges a policy: no binding, of any role, may let everybody in.
pub(super) fn not_public(asset: &Asset) -> Verdict {
    verdict(bindings(asset).map(|bindings| Verdict::of(public_binding(bindings, None))))
}
