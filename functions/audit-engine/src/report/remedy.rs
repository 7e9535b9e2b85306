//! What to do about one asset.

use crate::control::Remediation;

/// Returns the text and, in a paragraph of its own, the command for an asset.
pub(super) fn remedy(remediation: &Remediation, asset: &str) -> String {
    match command(remediation, asset) {
        Some(command) => format!("{}\n\n{command}", remediation.text),
        None => remediation.text.clone(),
    }
}

/// Returns the command with what the asset's name says filled in.
///
/// Whatever a shell could read as more than a word stays out: names come from whoever made
/// the asset, and people paste commands.
pub(super) fn command(remediation: &Remediation, asset: &str) -> Option<String> {
    let mut command = remediation.command.clone()?;
    let after = |marker: &str| {
        let (_, rest) = asset.split_once(marker)?;
        rest.split('/').next()
    };
    let values = [
        ("{name}", Some(asset)),
        ("{id}", asset.rsplit('/').next()),
        ("{project}", after("projects/")),
        (
            "{location}",
            after("locations/").or_else(|| after("zones/")).or_else(|| after("regions/")),
        ),
    ];
    for (place, value) in values {
        if let Some(value) = value.filter(|value| is_word(value)) {
            command = command.replace(place, value);
        }
    }
    Some(command)
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@%+".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_the_asset_unless_its_name_is_more_than_a_word() {
        let remediation = Remediation {
            text: "Do it.".to_owned(),
            command: Some("gcloud x {id} --region={location} --project={project}".to_owned()),
        };
        let name = "//run.googleapis.com/projects/p-1/locations/eu/services/ingest";
        let expected = "Do it.\n\ngcloud x ingest --region=eu --project=p-1";
        assert_eq!(remedy(&remediation, name), expected);
        let name = "//run.googleapis.com/projects/p-1/locations/eu/services/$(rm -r x)";
        let expected = "gcloud x {id} --region=eu --project=p-1";
        assert_eq!(command(&remediation, name).as_deref(), Some(expected));
    }
}
