import { documentChange } from './firestore-event';

/** The body of a letter, as far as it can be read. */
export type Payload =
  | { kind: 'empty' }
  | { kind: 'json'; value: unknown }
  | { kind: 'text'; text: string }
  | { kind: 'document'; value: unknown }
  | { kind: 'bytes'; lines: string };

/** More bytes than these nobody reads one by one. */
const SHOWN_BYTES_MAX = 2_048;
const LINE_BYTES = 16;

/** Reads a body by what it is: JSON, text, the change of a document, or bytes. */
export function payloadOf(bytes: Uint8Array, headers: Readonly<Record<string, string>>): Payload {
  if (bytes.length === 0) return { kind: 'empty' };
  if (headers['ce-type']?.startsWith('google.cloud.firestore.document.')) {
    const change = documentChange(bytes);
    if (change) return { kind: 'document', value: change };
  }
  const text = textOf(bytes);
  if (text === undefined) return { kind: 'bytes', lines: hex(bytes.subarray(0, SHOWN_BYTES_MAX)) };
  try {
    return { kind: 'json', value: opened(JSON.parse(text)) };
  } catch {
    return { kind: 'text', text };
  }
}

/** A push of Pub/Sub carries its message in Base64: what is inside is what somebody looks for. */
function opened(body: unknown): unknown {
  const message = (body as { message?: { data?: unknown } } | null)?.message;
  if (typeof message?.data !== 'string') return body;
  const text = textOf(fromBase64(message.data) ?? new Uint8Array());
  if (!text) return body;
  try {
    return { ...(body as object), message: { ...message, data: JSON.parse(text) as unknown } };
  } catch {
    return { ...(body as object), message: { ...message, data: text } };
  }
}

export function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Text has no control characters but for tabs and ends of lines. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Bytes as they are looked at: where they are, each in hexadecimal, and as letters. */
function hex(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE_BYTES) {
    const line = [...bytes.subarray(at, at + LINE_BYTES)];
    const digits = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${digits.padEnd(LINE_BYTES * 3 - 1)}  ${letters}`);
  }
  return lines.join('\n');
}
