import json
from base64 import b64decode
from datetime import datetime

import functions_framework
from order import accept


@functions_framework.cloud_event
def message(event):
    pushed = event.data["message"]
    attributes = pushed.get("attributes", {})
    texts = [pushed.get("data"), pushed.get("messageId"), pushed.get("publishTime"), *attributes.values()]
    if not all(type(value) is str for value in texts):
        raise ValueError("this is not a Pub/Sub push")
    datetime.fromisoformat(pushed["publishTime"])
    accept(json.loads(b64decode(pushed["data"])))
