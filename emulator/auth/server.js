// Starts the Firebase Auth emulator alone.
//
//   node server.js --port 9099 --project demo-mesh [--host 127.0.0.1] [--state accounts.json]
//
// Prints `ready` once it listens. The command line that normally starts this emulator needs three times
// the memory and refuses the Java that the other emulators run on, so this calls the same server directly. It depends
// on insides of firebase-tools, which is why package.json pins one exact version.
"use strict";

const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const { parseArgs } = require("node:util");

const AUTH = "firebase-tools/lib/emulator/auth";

// Compiles the validators of a request when the first such request comes, not all of them before the first. Without
// this the start takes five times as long. It must happen before the emulator loads, in the emulator's own copy.
const exegesis = createRequire(require.resolve(`${AUTH}/server`))("exegesis-express");
const { middleware } = exegesis;
exegesis.middleware = (spec, options) => middleware(spec, { ...options, lazyCompileValidationSchemas: true });

const { createApp } = require(`${AUTH}/server`);
const { AgentProjectState } = require(`${AUTH}/state`);

/** Reads the accounts of every project: `{"demo-mesh": [account, …]}`, each account as the emulator holds it. */
function load(file) {
  const projects = new Map();
  if (!file || !fs.existsSync(file)) return projects;
  for (const [id, accounts] of Object.entries(parse(file))) {
    const project = new AgentProjectState(id);
    for (const account of accounts) project.overwriteUserWithLocalId(account.localId, withoutDerived(account));
    projects.set(id, project);
  }
  return projects;
}

function parse(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`cannot read the accounts in \`${file}\`: ${cause.message}`, { cause });
  }
}

/** The emulator derives these two providers from the address and the number, and would list them twice. */
function withoutDerived({ providerUserInfo = [], ...account }) {
  const linked = providerUserInfo.filter(({ providerId }) => !["password", "phone"].includes(providerId));
  return { ...account, providerUserInfo: linked };
}

/** Writes what `load` reads, whole or not at all. The emulator keeps passwords readable, so only the owner may read. */
function save(file, projects) {
  const accounts = [...projects].map(([id, project]) => [id, [...project.users.values()]]);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(accounts), null, 2), { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

function fail(message) {
  console.error(`auth emulator: ${message}`);
  process.exit(1);
}

async function main() {
  const { host, port, project, state } = parseArgs({
    options: {
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string" },
      project: { type: "string" },
      state: { type: "string" },
    },
  }).values;
  if (!project || !/^\d+$/.test(port ?? "")) throw new Error("needs --port N --project ID [--state FILE]");

  const projects = load(state);
  const app = await createApp(project, undefined, projects);
  const server = app.listen(Number(port), host);
  server.on("error", (error) => fail(error.message));
  server.on("listening", () => {
    // Until here a signal simply ends the process: nothing has changed that would have to be kept.
    for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, stop);
    console.log("ready");
  });

  function stop() {
    if (state) save(state, projects);
    process.exit(0);
  }
}

main().catch((error) => fail(error.message));
