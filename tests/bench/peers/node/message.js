"use strict";

const functions = require("@google-cloud/functions-framework");
const { accept } = require("./order");

const isText = (value) => typeof value === "string";

functions.cloudEvent("message", (event) => {
  const { data, attributes = {}, messageId, publishTime } = event.data.message;
  if (![data, messageId, publishTime].every(isText) || Number.isNaN(Date.parse(publishTime)) ||
      !Object.values(attributes).every(isText)) {
    throw new Error("this is not a Pub/Sub push");
  }
  accept(JSON.parse(Buffer.from(data, "base64").toString("utf8")));
});
