/** An entry of an archive, read by hand. Texts have one character a byte. */
export interface TarEntry {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly target: string;
  readonly device: readonly [number, number];
  readonly content: string;
  /** Of the extended header. */
  readonly records: Readonly<Record<string, string>>;
}

/** Reads an archive with extended headers of pax, checks every sum, and that it ends as it must. */
export function readTar(archive: Uint8Array): readonly TarEntry[] {
  const bytes = Buffer.from(archive);
  const entries: TarEntry[] = [];
  let records: Record<string, string> = {};
  let at = 0;
  for (; bytes[at] !== 0; ) {
    const block = bytes.subarray(at, at + 512);
    const text = (from: number, length: number) =>
      block.toString('latin1', from, from + length).replace(/\0.*$/s, '');
    const octal = (from: number, length: number) => Number.parseInt(text(from, length).trim() || '0', 8);
    const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
    if (octal(148, 8) !== sum) throw new Error(`the sum of the header at ${at} is wrong`);
    if (block.toString('latin1', 257, 265) !== 'ustar\x0000') throw new Error('no ustar');
    const type = text(156, 1);
    const size = Number(records['size'] ?? octal(124, 12));
    const content = bytes.toString('latin1', at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
    if (type === 'x') {
      records = recordsOf(content);
      continue;
    }
    entries.push({
      path: records['path'] ?? text(0, 100),
      type,
      mode: octal(100, 8),
      uid: Number(records['uid'] ?? octal(108, 8)),
      gid: Number(records['gid'] ?? octal(116, 8)),
      mtime: Number(records['mtime'] ?? octal(136, 12)),
      target: records['linkpath'] ?? text(157, 100),
      device: [octal(329, 8), octal(337, 8)],
      content,
      records,
    });
    records = {};
  }
  const end = bytes.subarray(at);
  if (end.length !== 1024 || end.some((byte) => byte !== 0)) throw new Error('the archive has another end');
  return entries;
}

function recordsOf(text: string): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < text.length; ) {
    const length = Number.parseInt(text.slice(at), 10);
    const [, key = '', value = ''] = /^\d+ ([^=]+)=(.*)\n$/s.exec(text.slice(at, at + length)) ?? [];
    if (key === '') throw new Error(`no record at ${at}`);
    records[key] = value;
    at += length;
  }
  return records;
}
