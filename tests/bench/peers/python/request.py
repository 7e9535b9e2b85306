import functions_framework
from order import mistakes, total


@functions_framework.http
def request(asked):
    order = asked.get_json()
    found = mistakes(order)
    if found:
        return {"errors": found}, 422
    return {"id": order["id"], "items": len(order["items"]), "total_cents": total(order)}
