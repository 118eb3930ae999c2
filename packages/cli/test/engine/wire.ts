/** Values that a System takes and gives, as text. */
export function toWire(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, member) {
    const given = this[key]; // a Buffer has made itself into something else already
    if (given instanceof Uint8Array)
      return { bytes: Array.from(given, (byte) => String.fromCharCode(byte)).join('') };
    return typeof member === 'bigint' ? { integer: String(member) } : member;
  });
}

/** The values that {@link toWire} wrote. */
export function fromWire(text: string): unknown {
  return JSON.parse(text, (_, member) => {
    if (typeof member?.bytes === 'string')
      return Uint8Array.from(member.bytes, (c: string) => c.charCodeAt(0));
    return typeof member?.integer === 'string' ? BigInt(member.integer) : member;
  });
}
