"""Assets that lead the audit-engine to open findings."""

import hashlib

FINDINGS_EACH = 2


def bucket(name):
    """Returns the path and the content of a bucket that fails two controls."""
    full = f"//storage.googleapis.com/{name}"
    digest = hashlib.sha256(full.encode() + b"\0").hexdigest()[:32]
    data = {"name": name, "labels": {"team": "bench"}}
    asset = {"name": full, "assetType": "storage.googleapis.com/Bucket", "resource": {"version": "v1", "data": data}}
    return f"assets/{digest}", asset
