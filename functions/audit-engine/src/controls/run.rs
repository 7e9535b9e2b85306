//! Cloud Run services.
//!
//! Source: <https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services>.

use model::{Timestamp, asset::Asset, finding::Severity};
use serde_json::Value;

use super::{
    Control, Verdict,
    evidence::{bindings, data, public_binding, text, verdict},
};

const SERVICE: &str = "run.googleapis.com/Service";

pub(super) const CONTROLS: &[Control] = &[
    Control {
        id: "RUN-01",
        title: "Only services labelled as public can be invoked by everybody",
        severity: Severity::Critical,
        asset_type: SERVICE,
        check: invoker,
    },
    Control {
        id: "RUN-02",
        title: "Only services labelled as public take traffic from the internet",
        severity: Severity::Medium,
        asset_type: SERVICE,
        check: ingress,
    },
    Control {
        id: "RUN-03",
        title: "Services do not run as the default compute account",
        severity: Severity::High,
        asset_type: SERVICE,
        check: account,
    },
    Control {
        id: "RUN-05",
        title: "Images are pinned by digest",
        severity: Severity::Medium,
        asset_type: SERVICE,
        check: image,
    },
    Control {
        id: "RUN-07",
        title: "Secrets do not stand in environment variables",
        severity: Severity::High,
        asset_type: SERVICE,
        check: environment,
    },
    Control {
        id: "RUN-09",
        title: "The number of instances is bounded",
        severity: Severity::Low,
        asset_type: SERVICE,
        check: instances,
    },
];

/// The label by which the owner says that a service is meant for everybody.
fn labelled_public(asset: &Asset) -> bool {
    [&["labels", "mesh-public"][..], &["metadata", "labels", "mesh-public"]]
        .into_iter()
        .any(|path| text(asset, path) == Some("true"))
}

fn invoker(asset: &Asset, _: Timestamp) -> Verdict {
    verdict(bindings(asset).map(|bindings| {
        let open = public_binding(bindings, Some("roles/run.invoker"));
        Verdict::of(open.filter(|_| !labelled_public(asset)))
    }))
}

fn ingress(asset: &Asset, _: Timestamp) -> Verdict {
    let annotation = ["metadata", "annotations", "run.googleapis.com/ingress"];
    match text(asset, &["ingress"]).or_else(|| text(asset, &annotation)) {
        Some(ingress @ ("INGRESS_TRAFFIC_ALL" | "all")) if !labelled_public(asset) => {
            Verdict::Fail(format!("ingress is `{ingress}`"))
        }
        Some(_) => Verdict::Pass,
        None => Verdict::Unknown("ingress".into()),
    }
}

fn account(asset: &Asset, _: Timestamp) -> Verdict {
    let Some(template) = template(asset) else { return Verdict::Unknown("template".into()) };
    let account = template.get("serviceAccount").or_else(|| template.get("serviceAccountName"));
    match account.and_then(Value::as_str).filter(|account| !account.is_empty()) {
        None => Verdict::Fail("no account is set, so it runs as the default one".into()),
        Some(account) if account.ends_with("-compute@developer.gserviceaccount.com") => {
            Verdict::Fail(format!("it runs as `{account}`"))
        }
        Some(_) => Verdict::Pass,
    }
}

fn image(asset: &Asset, _: Timestamp) -> Verdict {
    let containers = containers(asset);
    if containers.is_empty() {
        return Verdict::Unknown("template.containers".into());
    }
    for container in containers {
        match container.get("image").and_then(Value::as_str) {
            None => return Verdict::Unknown("template.containers[].image".into()),
            Some(image) if !image.contains("@sha256:") => {
                return Verdict::Fail(format!("`{image}` names no digest"));
            }
            Some(_) => {}
        }
    }
    Verdict::Pass
}

fn environment(asset: &Asset, _: Timestamp) -> Verdict {
    let containers = containers(asset);
    if containers.is_empty() {
        return Verdict::Unknown("template.containers".into());
    }
    let variables = containers
        .into_iter()
        .filter_map(|container| container.get("env").and_then(Value::as_array))
        .flatten();
    let literal = variables.filter_map(|variable| {
        let name = variable.get("name")?.as_str()?;
        let value = variable.get("value")?.as_str()?;
        let secret = ["TOKEN", "SECRET", "PASSWORD", "KEY"].iter().any(|end| name.ends_with(end));
        (secret && !value.is_empty()).then_some(name)
    });
    // The value itself must not be repeated anywhere.
    let names: Vec<_> = literal.map(|name| format!("`{name}`")).collect();
    Verdict::of((!names.is_empty()).then(|| format!("{} hold literal values", names.join(", "))))
}

fn instances(asset: &Asset, _: Timestamp) -> Verdict {
    verdict(data(asset).map(|data| {
        let scaling = |value: Option<&Value>| {
            value?.get("scaling")?.get("maxInstanceCount")?.as_u64().filter(|count| *count > 0)
        };
        let annotation =
            ["spec", "template", "metadata", "annotations", "autoscaling.knative.dev/maxScale"];
        let service = data.get("scaling").and_then(|scaling| scaling.get("maxInstanceCount"));
        let bounded = scaling(data.get("template")).is_some()
            || service.and_then(Value::as_u64).is_some_and(|count| count > 0)
            || text(asset, &annotation).is_some();
        Verdict::of((!bounded).then(|| "no largest number of instances is set".into()))
    }))
}

/// Returns the revision template, of either shape.
fn template(asset: &Asset) -> Option<&Value> {
    asset.data(&["template"]).or_else(|| asset.data(&["spec", "template", "spec"]))
}

fn containers(asset: &Asset) -> Vec<&Value> {
    template(asset)
        .and_then(|template| template.get("containers"))
        .and_then(Value::as_array)
        .map(|containers| containers.iter().collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(id: &str, data: Value, expected: &Verdict) {
        let asset: Asset = serde_json::from_value(json!({
            "name": "//run.googleapis.com/s", "assetType": SERVICE, "resource": {"data": data},
        }))
        .expect("an asset");
        let now = "2026-11-23T00:00:00Z".parse().expect("valid");
        let control = CONTROLS.iter().find(|control| control.id == id).expect("a control");
        let verdict = (control.check)(&asset, now);
        match (expected, &verdict) {
            (Verdict::Fail(words), Verdict::Fail(found)) => {
                assert!(found.contains(words), "{found}")
            }
            _ => assert_eq!(&verdict, expected, "{id}"),
        }
    }

    #[test]
    fn both_shapes_of_a_service_are_read() {
        let default = "1-compute@developer.gserviceaccount.com";
        let fail = Verdict::Fail(default.into());
        check("RUN-03", json!({"template": {"serviceAccount": default}}), &fail);
        let v1 = json!({"spec": {"template": {"spec": {"serviceAccountName": default}}}});
        check("RUN-03", v1, &fail);
        check("RUN-03", json!({"template": {"serviceAccount": "a@b"}}), &Verdict::Pass);
    }

    #[test]
    fn a_public_label_allows_what_is_public() {
        let open = json!({"ingress": "INGRESS_TRAFFIC_ALL"});
        check("RUN-02", open, &Verdict::Fail("INGRESS_TRAFFIC_ALL".into()));
        let labelled = json!({"ingress": "INGRESS_TRAFFIC_ALL", "labels": {"mesh-public": "true"}});
        check("RUN-02", labelled, &Verdict::Pass);
    }

    #[test]
    fn a_literal_secret_is_named_and_not_shown() {
        let env = |variable: Value| json!({"template": {"containers": [{"env": [variable]}]}});
        let literal = json!({"name": "API_TOKEN", "value": "hush"});
        check("RUN-07", env(literal), &Verdict::Fail("`API_TOKEN` hold literal values".into()));
        let reference = json!({"name": "API_TOKEN", "valueSource": {"secretKeyRef": {}}});
        check("RUN-07", env(reference), &Verdict::Pass);
    }

    #[test]
    fn one_unpinned_image_of_several_fails() {
        let images = json!({"template": {"containers": [
            {"image": "eu-docker.pkg.dev/p/r/a@sha256:00"}, {"image": "eu-docker.pkg.dev/p/r/b:1"},
        ]}});
        check("RUN-05", images, &Verdict::Fail("/b:1".into()));
    }

    #[test]
    fn instances_are_bounded_in_any_of_three_places() {
        check("RUN-09", json!({"template": {}}), &Verdict::Fail("no largest".into()));
        check("RUN-09", json!({"scaling": {"maxInstanceCount": 3}}), &Verdict::Pass);
        check("RUN-09", json!({"template": {"scaling": {"maxInstanceCount": 3}}}), &Verdict::Pass);
        let annotations = json!({"autoscaling.knative.dev/maxScale": "3"});
        let v1 = json!({"spec": {"template": {"metadata": {"annotations": annotations}}}});
        check("RUN-09", v1, &Verdict::Pass);
    }
}
