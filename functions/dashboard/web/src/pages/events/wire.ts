/** A field of a message in the wire format of protocol buffers. */
export interface WireField {
  number: number;
  value: bigint | Uint8Array;
}

/**
 * Reads the fields of one message, or nothing where the bytes are none.
 *
 * Source: <https://protobuf.dev/programming-guides/encoding/>.
 */
export function fields(bytes: Uint8Array): WireField[] | undefined {
  const found: WireField[] = [];
  let at = 0;

  const varint = (): bigint | undefined => {
    let value = 0n;
    // Ten bytes of seven bits hold the largest number.
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  const slice = (length: number): Uint8Array | undefined => {
    if (length > bytes.length - at) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };

  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined || tag >> 3n === 0n) return undefined;
    const kind = Number(tag & 7n);
    let value: bigint | Uint8Array | undefined;
    if (kind === 0) value = varint();
    else if (kind === 1) value = slice(8);
    else if (kind === 5) value = slice(4);
    else if (kind === 2) {
      const length = varint();
      value = length === undefined ? undefined : slice(Number(length));
    }
    if (value === undefined) return undefined;
    found.push({ number: Number(tag >> 3n), value });
  }
  return found;
}
