"""Asks the same of an export by Cloud Custodian's own filters, in its process, offline.

Run by `tests/bench/audit.py` with the Python that has c7n and c7n-gcp.
"""

import json
import os
import resource
import sys

os.environ.setdefault("GOOGLE_CLOUD_PROJECT", "p")

import dateutil.parser
import yaml
from c7n import filters as c7n_filters
from c7n.config import Config
from c7n.policy import PolicyCollection
from c7n.resources import load_resources


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def freeze(now):
    """Ages are counted from the instant of the run, not from today's."""
    import c7n.filters.core as core

    class Frozen(core.datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return dateutil.parser.parse(now).astimezone(tz) if tz else dateutil.parser.parse(now).replace(tzinfo=None)

    class Module:
        datetime, timedelta, timezone = Frozen, core.datetime.timedelta, core.datetime.timezone

    core.datetime = Module


def main(export, rules, now):
    freeze(now)
    rules = yaml.safe_load(open(rules))
    load_resources({rule["resource"] for rule in rules})
    policies = [{"name": r["id"].lower(), "resource": r["resource"], "filters": r["filters"]} for r in rules]
    loaded = PolicyCollection.from_data({"policies": policies}, Config.empty(account_id="p", project_id="p"))
    by_type, names = {}, {}
    for line in open(export):
        asset = json.loads(line)
        data = asset["resource"]["data"]
        data["c7n:iamPolicy"] = asset.get("iamPolicy", {})
        data["c7n:name"] = asset["name"]
        by_type.setdefault(asset["assetType"], []).append(data)
    started, asked, failing = cpu(), 0, {}
    for rule, policy in zip(rules, list(loaded)):
        assets = by_type.get(rule["type"], [])
        asked += len(assets)
        found = policy.resource_manager.filter_resources(assets)
        if found:
            failing[rule["id"]] = [data["c7n:name"] for data in found]
    print(json.dumps({"asked": asked, "cpu": cpu() - started, "failing": failing}))


main(*sys.argv[1:])
