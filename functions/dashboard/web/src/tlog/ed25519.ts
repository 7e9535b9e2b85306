import type { Bytes } from './bytes';

const NAME = 'Ed25519';

export async function verifyEd25519(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', publicKey, { name: NAME }, false, ['verify']);
  return crypto.subtle.verify({ name: NAME }, key, signature, message);
}

// The first example of RFC 8032, 7.1: the empty message.
const EXAMPLE = {
  key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  signature:
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
};

let tried: Promise<boolean> | undefined;

/** Whether this browser can verify at all: some lack Ed25519, and none has it where the connection is not secure. */
export function canVerify(): Promise<boolean> {
  tried ??= attempt();
  return tried;
}

async function attempt(): Promise<boolean> {
  try {
    return await verifyEd25519(unhex(EXAMPLE.key), new Uint8Array(), unhex(EXAMPLE.signature));
  } catch {
    return false;
  }
}

const unhex = (text: string): Bytes => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
