import functions_framework
from google.events.cloud.firestore import DocumentEventData
from order import accept

# The generated class itself: the wrapper around it costs several times as much.
Data = type(DocumentEventData.pb(DocumentEventData()))


def fields(of):
    return {name: plain(value) for name, value in of.items()}


def plain(value):
    kind = value.WhichOneof("value_type")
    if kind == "map_value":
        return fields(value.map_value.fields)
    if kind == "array_value":
        return [plain(inner) for inner in value.array_value.values]
    return None if kind == "null_value" else getattr(value, kind)


@functions_framework.cloud_event
def document(event):
    collection, _, order = event["document"].partition("/")
    if collection != "orders" or not order or "/" in order:
        raise ValueError("this is not an order's document event")
    data = Data.FromString(event.data)
    if data.HasField("value"):
        accept(fields(data.value.fields))
