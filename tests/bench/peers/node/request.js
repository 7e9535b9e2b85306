"use strict";

const functions = require("@google-cloud/functions-framework");
const { mistakes, total } = require("./order");

functions.http("request", (asked, response) => {
  const order = asked.body;
  const found = mistakes(order);
  if (found.length > 0) {
    response.status(422).json({ errors: found });
    return;
  }
  response.json({ id: order.id, items: order.items.length, total_cents: total(order) });
});
