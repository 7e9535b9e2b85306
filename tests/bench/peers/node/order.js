"use strict";

// What makes an order valid: the same as in echo/src/order.rs.

const CURRENCIES = new Set(["EUR", "GBP", "USD"]);
const ORDER_FIELDS = new Set(["id", "customer", "currency", "items", "note"]);
const ITEM_FIELDS = new Set(["sku", "quantity", "unit_cents"]);

// Lengths are counted in characters; UTF-16 units only as long as they cannot mislead.
const text = (value, min, max) =>
  typeof value === "string" && value.length >= min && (value.length <= max || [...value].length <= max);
const whole = (value, min, max) => Number.isInteger(value) && value >= min && value <= max;
const object = (value, fields) =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  Object.keys(value).every((field) => fields.has(field));

/** Returns the names of the fields that are not what they should be. */
exports.mistakes = (order) => {
  if (!object(order, ORDER_FIELDS)) return ["."];
  const found = [];
  if (!text(order.id, 1, 64)) found.push("id");
  if (!text(order.customer, 1, 64)) found.push("customer");
  if (!CURRENCIES.has(order.currency)) found.push("currency");
  if (order.note !== undefined && order.note !== null && !text(order.note, 0, 500)) found.push("note");
  if (!Array.isArray(order.items) || order.items.length < 1 || order.items.length > 50) {
    found.push("items");
    return found;
  }
  order.items.forEach((item, index) => {
    if (!object(item, ITEM_FIELDS)) {
      found.push(`items[${index}]`);
      return;
    }
    if (!text(item.sku, 1, 64)) found.push(`items[${index}].sku`);
    if (!whole(item.quantity, 1, 1000)) found.push(`items[${index}].quantity`);
    if (!whole(item.unit_cents, 0, 10_000_000)) found.push(`items[${index}].unit_cents`);
  });
  return found;
};

/** Returns the price of all items. */
exports.total = (order) =>
  order.items.reduce((total, item) => total + item.quantity * item.unit_cents, 0);

/** Refuses an order of an event that is not valid. */
exports.accept = (order) => {
  const found = exports.mistakes(order);
  if (found.length > 0) throw new Error(`not valid: ${found.join(", ")}`);
};
