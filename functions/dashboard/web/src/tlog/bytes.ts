import { TlogError, type Mistake } from './error';

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

export const utf8 = (text: string): Bytes => encoder.encode(text);

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export const equal = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

/** Reads standard Base64 as it is written by everybody: what could be written otherwise is refused. */
export function fromBase64(text: string, mistake: Mistake): Bytes {
  const refused = (): TlogError => new TlogError(mistake, `\`${text.slice(0, 64)}\` is not Base64`);
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw refused();
  }
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  if (toBase64(bytes) !== text) throw refused();
  return bytes;
}

/** Reads a number from 0 as it is written by everybody. Beyond 2⁵³ it would be another one here. */
export function fromDigits(digits: string | undefined): number | undefined {
  const number = Number(digits);
  return Number.isSafeInteger(number) && number >= 0 && String(number) === digits ? number : undefined;
}
