"use strict";

const path = require("node:path");
const functions = require("@google-cloud/functions-framework");
const protobuf = require("protobufjs");
const { accept } = require("./order");

const DocumentEventData = protobuf
  .loadSync(path.join(__dirname, "document_event.proto"))
  .lookupType("google.events.cloud.firestore.v1.DocumentEventData");

const fields = (from) =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [name, plain(value)]));

const plain = (value) => {
  switch (value.valueType) {
    case "integerValue": return Number(value.integerValue);
    case "mapValue": return fields(value.mapValue.fields);
    case "arrayValue": return value.arrayValue.values.map(plain);
    case "nullValue": return null;
    default: return value[value.valueType];
  }
};

functions.cloudEvent("document", (event) => {
  if (!/^orders\/[^/]+$/.test(event.document)) {
    throw new Error("this is not an order's document event");
  }
  const { value } = DocumentEventData.decode(event.data);
  if (value) accept(fields(value.fields));
});
