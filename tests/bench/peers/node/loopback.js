"use strict";

// The framework listens on every address and has no option for it; a measurement
// stays on this machine.

const { Server } = require("node:net");
const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, port, "127.0.0.1", ...rest);
};
