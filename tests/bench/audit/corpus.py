"""Makes an export of as many assets as wanted, from a seed: the same seed, the same bytes."""

import json
import random

REGION = "europe-west1"
EVERYBODY = ("allUsers", "allAuthenticatedUsers")
# One project holds no more of a kind than Google's quotas let it.
PROJECTS = 100


def number(n):
    return 1 + n % PROJECTS


def some(rng, share):
    return rng.random() < share


def policy(rng, role):
    members = [f"user:p{rng.randrange(400)}@harbour.example" for _ in range(rng.randrange(1, 4))]
    if some(rng, 0.1):
        members.append(rng.choice(EVERYBODY))
    return {"version": 1, "etag": "BwX", "bindings": [{"role": role, "members": members}]}


def service(rng, n):
    env = [{"name": name, "value": value} for name, value in (
        ("LOG_LEVEL", "info"), ("API_TOKEN", "not-a-real-one"), ("SESSION_KEY", "")) if some(rng, 0.5)]
    image = f"{REGION}-docker.pkg.dev/p{number(n)}/services/s{n}" + ("@sha256:" + "0" * 64 if some(rng, 0.7) else ":1.2")
    account = f"{number(n)}-compute@developer.gserviceaccount.com" if some(rng, 0.2) else f"s{n}@p{number(n)}.iam.gserviceaccount.com"
    data = {
        "apiVersion": "serving.knative.dev/v1", "kind": "Service",
        "metadata": {"name": f"s{n}", "namespace": str(number(n)), "labels": {"team": f"t{n % 7}"},
                     "annotations": {"run.googleapis.com/ingress": rng.choice(["all", "internal"])}},
        "spec": {"template": {"spec": {
            "serviceAccountName": account, "timeoutSeconds": rng.choice([60, 300, 900, 901, 3600]),
            "containers": [{"image": image, "env": env}]}}},
    }
    return f"//run.googleapis.com/projects/p{number(n)}/locations/{REGION}/services/s{n}", data, policy(rng, "roles/run.invoker")


def bucket(rng, n):
    data = {"name": f"b{n}", "location": "EU", "iamConfiguration": {
        "uniformBucketLevelAccess": {"enabled": some(rng, 0.7)}}}
    if some(rng, 0.8):
        data["iamConfiguration"]["publicAccessPrevention"] = rng.choice(["enforced", "inherited"])
    if some(rng, 0.5):
        data["retentionPolicy"] = {"retentionPeriod": "86400", "isLocked": some(rng, 0.5)}
    if some(rng, 0.6):
        data["versioning"] = {"enabled": some(rng, 0.7)}
    if some(rng, 0.4):
        data["encryption"] = {"defaultKmsKeyName": f"projects/p{number(n)}/locations/eu/keyRings/r/cryptoKeys/k"}
    return f"//storage.googleapis.com/b{n}", data, policy(rng, "roles/storage.objectViewer")


def secret(rng, n):
    replica = {"location": REGION}
    if some(rng, 0.5):
        replica["customerManagedEncryption"] = {"kmsKeyName": f"projects/p{number(n)}/locations/eu/keyRings/r/cryptoKeys/k"}
    managed = {"userManaged": {"replicas": [replica]}} if some(rng, 0.6) else {"automatic": {}}
    data = {"name": f"projects/{number(n)}/secrets/x{n}", "createTime": "2026-02-25T13:40:39Z", "replication": managed}
    if some(rng, 0.6):
        data["rotation"] = {"rotationPeriod": "7776000s"}
    return f"//secretmanager.googleapis.com/projects/{number(n)}/secrets/x{n}", data, policy(rng, "roles/secretmanager.secretAccessor")


def topic(rng, n):
    data = {"name": f"projects/p{number(n)}/topics/t{n}"}
    if some(rng, 0.4):
        data["kmsKeyName"] = f"projects/p{number(n)}/locations/eu/keyRings/r/cryptoKeys/k"
    if some(rng, 0.6):
        data["messageStoragePolicy"] = {"allowedPersistenceRegions": [REGION]}
    return f"//pubsub.googleapis.com/projects/p{number(n)}/topics/t{n}", data, policy(rng, "roles/pubsub.publisher")


def subscription(rng, n):
    data = {"name": f"projects/p{number(n)}/subscriptions/u{n}", "ackDeadlineSeconds": 10,
            "topic": "_deleted-topic_" if some(rng, 0.1) else f"projects/p{number(n)}/topics/t{n}"}
    if some(rng, 0.6):
        data["deadLetterPolicy"] = {"deadLetterTopic": f"projects/p{number(n)}/topics/dead", "maxDeliveryAttempts": 5}
    if some(rng, 0.7):
        data["pushConfig"] = {"pushEndpoint": f"https://s{n}.example/"}
        if some(rng, 0.7):
            data["pushConfig"]["oidcToken"] = {"serviceAccountEmail": f"a@p{number(n)}.iam.gserviceaccount.com"}
    return f"//pubsub.googleapis.com/projects/p{number(n)}/subscriptions/u{n}", data, None


def key(rng, n):
    data = {"name": f"projects/p{number(n)}/serviceAccounts/a@p{number(n)}.iam.gserviceaccount.com/keys/{n}",
            "keyType": rng.choice(["USER_MANAGED", "SYSTEM_MANAGED"]), "disabled": some(rng, 0.3),
            "validAfterTime": f"2026-{rng.randrange(1, 11):02}-{rng.randrange(1, 28):02}T10:00:00Z"}
    return f"//iam.googleapis.com/{data['name']}", data, None


def database(rng, n):
    data = {"name": f"projects/p{number(n)}/databases/d{n}", "locationId": "eur3", "type": "FIRESTORE_NATIVE",
            "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_" + rng.choice(["ENABLED", "DISABLED"]),
            "deleteProtectionState": "DELETE_PROTECTION_" + rng.choice(["ENABLED", "DISABLED"])}
    return f"//firestore.googleapis.com/{data['name']}", data, None


def sink(rng, n):
    return f"//logging.googleapis.com/projects/p{number(n)}/sinks/k{n}", {"name": f"k{n}", "filter": ""}, None


def crypto_key(rng, n):
    name = f"projects/p{number(n)}/locations/eu/keyRings/r/cryptoKeys/c{n}"
    return f"//cloudkms.googleapis.com/{name}", {"name": name, "purpose": "ENCRYPT_DECRYPT"}, policy(rng, "roles/cloudkms.viewer")


KINDS = [
    ("run.googleapis.com/Service", service, 20), ("storage.googleapis.com/Bucket", bucket, 20),
    ("secretmanager.googleapis.com/Secret", secret, 15), ("pubsub.googleapis.com/Topic", topic, 12),
    ("pubsub.googleapis.com/Subscription", subscription, 12), ("iam.googleapis.com/ServiceAccountKey", key, 10),
    ("firestore.googleapis.com/Database", database, 3), ("logging.googleapis.com/LogSink", sink, 3),
    ("cloudkms.googleapis.com/CryptoKey", crypto_key, 5),
]


def write(path, assets, seed):
    rng = random.Random(seed)
    weights = [weight for *_, weight in KINDS]
    with open(path, "w") as out:
        for n in range(assets):
            kind, make, _ = rng.choices(KINDS, weights)[0]
            name, data, iam = make(rng, n)
            asset = {"name": name, "assetType": kind, "updateTime": "2026-11-01T00:00:00Z",
                     "ancestors": [f"projects/{number(n)}", "organizations/2"],
                     "resource": {"version": "v1", "location": REGION, "data": data}}
            if iam:
                asset["iamPolicy"] = iam
            out.write(json.dumps(asset, separators=(",", ":")) + "\n")
