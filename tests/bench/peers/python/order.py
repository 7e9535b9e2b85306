"""What makes an order valid: the same as in echo/src/order.rs."""

CURRENCIES = frozenset({"EUR", "GBP", "USD"})
ORDER_FIELDS = frozenset({"id", "customer", "currency", "items", "note"})
ITEM_FIELDS = frozenset({"sku", "quantity", "unit_cents"})


def text(value, low, high):
    return type(value) is str and low <= len(value) <= high


def whole(value, low, high):
    # `bool` is a kind of `int`, so its exact type is asked for.
    return type(value) is int and low <= value <= high


def mistakes(order):
    """Returns the names of the fields that are not what they should be."""
    if type(order) is not dict or not order.keys() <= ORDER_FIELDS:
        return ["."]
    found = []
    if not text(order.get("id"), 1, 64):
        found.append("id")
    if not text(order.get("customer"), 1, 64):
        found.append("customer")
    currency = order.get("currency")
    if type(currency) is not str or currency not in CURRENCIES:
        found.append("currency")
    note = order.get("note")
    if note is not None and not text(note, 0, 500):
        found.append("note")
    items = order.get("items")
    if type(items) is not list or not 1 <= len(items) <= 50:
        return [*found, "items"]
    for index, item in enumerate(items):
        if type(item) is not dict or not item.keys() <= ITEM_FIELDS:
            found.append(f"items[{index}]")
            continue
        if not text(item.get("sku"), 1, 64):
            found.append(f"items[{index}].sku")
        if not whole(item.get("quantity"), 1, 1000):
            found.append(f"items[{index}].quantity")
        if not whole(item.get("unit_cents"), 0, 10_000_000):
            found.append(f"items[{index}].unit_cents")
    return found


def total(order):
    """Returns the price of all items."""
    return sum(item["quantity"] * item["unit_cents"] for item in order["items"])


def accept(order):
    """Refuses an order of an event that is not valid."""
    found = mistakes(order)
    if found:
        raise ValueError(f"not valid: {', '.join(found)}")
