// Where the stack is, and what is reached there without a browser.

export const base = Number(process.env.MESH_BASE ?? 8080);
export const address = `http://127.0.0.1:${base}`;

const documents = `http://127.0.0.1:${base + 1}/v1/projects/demo-mesh/databases/(default)/documents`;
const OWNER = { authorization: 'Bearer owner', 'content-type': 'application/json' };

/** Reads a document of the Firestore emulator, as its REST interface gives it; nothing when there is none. */
export async function read(path) {
  const answer = await fetch(`${documents}/${path}`, { headers: OWNER });
  return answer.ok ? answer.json() : undefined;
}

/** Writes fields of a document past everything, as somebody who breaks in would. */
export async function write(path, fields) {
  const mask = Object.keys(fields).map((name) => `updateMask.fieldPaths=${name}`).join('&');
  const body = JSON.stringify({ fields });
  const answer = await fetch(`${documents}/${path}?${mask}`, { method: 'PATCH', headers: OWNER, body });
  if (!answer.ok) throw new Error(`cannot write \`${path}\`: ${await answer.text()}`);
}

/** An ID token of a seeded person, for the API. */
export async function token(who) {
  const url = `http://127.0.0.1:${base + 4}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=local`;
  const body = JSON.stringify({ email: `${who}@meridian.example`, password: `${who}-local`, returnSecureToken: true });
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return (await answer.json()).idToken;
}

/** Asks the API as a seeded person. */
export async function ask(who, path, { method = 'GET', body, version } = {}) {
  const headers = { authorization: `Bearer ${await token(who)}`, 'content-type': 'application/json' };
  if (version) headers['if-match'] = version;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${address}/api/v1${path}`, { method, headers, ...sent });
  return { status: answer.status, etag: answer.headers.get('etag'), body: await answer.json().catch(() => undefined) };
}
