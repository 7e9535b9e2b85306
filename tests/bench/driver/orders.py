"""The orders that every candidate reads, the good and the bad."""

import base64
import json
import random

# Items of the orders that are sent in turn: many small ones, some large.
SIZES = (1, 1, 2, 2, 3, 5, 8, 20)


def dumps(plain):
    return json.dumps(plain, ensure_ascii=False).encode()


def good():
    """Orders of several sizes, the same in every run."""
    chance = random.Random(7)
    return [{
        "id": f"order-{chance.randrange(10**9):09}",
        "customer": f"customer-{chance.randrange(10**6):06}",
        "currency": chance.choice(("EUR", "GBP", "USD")),
        "items": [{"sku": f"SKU-{chance.randrange(10**6):06}", "quantity": chance.randint(1, 20),
                   "unit_cents": chance.randint(50, 250_000)} for _ in range(size)],
        "note": chance.choice((None, "Please ring twice: the bell is quiet. Grüße!")),
    } for size in SIZES]


def cases():
    """Bodies and the statuses that a candidate may answer them with.

    Frameworks differ in whether a body that is no object is 400 or 422.
    """
    order = good()[4]
    item = order["items"][0]

    def changed(**fields):
        return order | fields

    def with_item(**fields):
        return changed(items=[item, item | fields])

    def without(name):
        return {field: value for field, value in order.items() if field != name}

    accepted = [
        *good(), without("note"), changed(id="x"), changed(id="é" * 64), changed(customer="😀" * 64),
        changed(note=""), changed(note="n" * 500), changed(items=[item] * 50),
        with_item(quantity=1, unit_cents=0), with_item(quantity=1000, unit_cents=10_000_000),
    ]
    refused = [
        *map(without, ("id", "customer", "currency", "items")), changed(extra=1), [], "order", None,
        changed(id=""), changed(id="x" * 65), changed(id=7), changed(id=None),
        changed(customer="😀" * 65), changed(currency="eur"), changed(currency="CHF"),
        changed(currency=["EUR"]), changed(note="n" * 501), changed(note=5), changed(items=[]),
        changed(items=[item] * 51), changed(items={}), changed(items=[7]), with_item(more=1),
        with_item(sku=""), with_item(sku="s" * 65), with_item(quantity=0), with_item(quantity=1001),
        with_item(quantity=-1), with_item(quantity="3"), with_item(quantity=1.5),
        with_item(quantity=True), with_item(unit_cents=-1), with_item(unit_cents=10_000_001),
    ]
    broken = [b'{"id":', b"{'id': 1}", b'{"id": 1}}']
    return [*((dumps(body), {200}) for body in accepted),
            *((body, {400, 422}) for body in [*map(dumps, refused), *broken])]


def pushed(order, number):
    """A message as Eventarc delivers it: what Pub/Sub pushes, under a CloudEvent's headers."""
    headers = {
        "content-type": "application/json", "ce-id": f"{number}", "ce-specversion": "1.0",
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
        "ce-source": "//pubsub.googleapis.com/projects/demo-bench/topics/order-placed",
        "ce-time": "2026-11-23T01:02:03.456Z",
    }
    body = {
        "subscription": "projects/demo-bench/subscriptions/order-placed",
        "message": {
            "data": base64.b64encode(dumps(order)).decode(),
            "attributes": {"event_id": f"order-{number}", "correlation_id": f"cart-{number}"},
            "messageId": f"{number}", "publishTime": "2026-11-23T01:02:03.456Z",
        },
    }
    return headers, dumps(body)
