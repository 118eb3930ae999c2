import { bytesOf, bytesOfWord, textOf, wordOf } from '../system/text.js';

/** Tar is made of blocks of so many bytes: a header is one, and a file is filled up to a whole number of them. */
export const BLOCK = 512;

/** What a header says. Texts have one character for each byte. */
export interface TarHeader {
  /** Without a slash at its start; that of a folder has one at its end. */
  readonly path: string;
  /** `typeflag` of pax(1): a file, a hard link, a symlink, two kinds of devices, a folder, a FIFO. */
  readonly type: '0' | '1' | '2' | '3' | '4' | '5' | '6';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes that follow; 0 for everything but a file. */
  readonly size: bigint;
  /** Seconds since 1970. */
  readonly mtime: bigint;
  /** Where a link leads. */
  readonly target?: string;
  /** Of a device. */
  readonly major?: number;
  readonly minor?: number;
  readonly attributes?: readonly (readonly [name: string, value: string])[];
}

// Fields of the ustar header (pax(1), "ustar Interchange Format"): where each begins, and how long it is.
const NAME: Field = [0, 100];
const MODE: Field = [100, 8];
const UID: Field = [108, 8];
const GID: Field = [116, 8];
const SIZE: Field = [124, 12];
const MTIME: Field = [136, 12];
const CHECKSUM: Field = [148, 8];
const TYPE: Field = [156, 1];
const LINK: Field = [157, 100];
const MAGIC: Field = [257, 8];
const MAJOR: Field = [329, 8];
const MINOR: Field = [337, 8];

type Field = readonly [at: number, length: number];

/** The name of an extended header, which nobody sees. */
const EXTENDED_NAME = '././@PaxHeader';

/**
 * The header of an entry: one block of ustar, and before it, where that cannot say everything, the extended header of pax with its
 * records. Extended attributes are records `SCHILY.xattr.NAME`, as the image specification wants them (layer.md, "File attributes").
 */
export function tarHeader(header: TarHeader): Uint8Array {
  const records = recordsOf(header)
    .map(([key, value]) => record(key, value))
    .join('');
  if (records === '') return headerBlock(header, header.type);
  const size = BigInt(records.length);
  const extended = { path: EXTENDED_NAME, mode: 0o644, uid: 0, gid: 0, size, mtime: 0n };
  const blocks = new Uint8Array(2 * BLOCK + paddedLength(records.length));
  blocks.set(headerBlock(extended, 'x'));
  blocks.set(bytesOfWord(records), BLOCK);
  blocks.set(headerBlock(header, header.type), blocks.length - BLOCK);
  return blocks;
}

/** How many bytes of an archive so many bytes of a file take. */
export function paddedLength(length: number): number {
  return Math.ceil(length / BLOCK) * BLOCK;
}

/** What the fields of ustar cannot say. */
function recordsOf(header: TarHeader): (readonly [key: string, value: string])[] {
  const { path, target = '', uid, gid, size, mtime, attributes = [] } = header;
  const texts = [
    ...(isPlain(path, NAME) ? [] : [['path', path] as const]),
    ...(isPlain(target, LINK) ? [] : [['linkpath', target] as const]),
  ];
  const isUtf8 = texts.every(([, text]) => wordOf(bytesOf(textOf(bytesOfWord(text)))) === text);
  const numbers = [
    ['uid', BigInt(uid), UID],
    ['gid', BigInt(gid), GID],
    ['size', size, SIZE],
    ['mtime', mtime, MTIME],
  ] as const;
  return [
    ...(isUtf8 ? [] : [['hdrcharset', 'BINARY'] as const]),
    ...texts,
    ...numbers.flatMap(([key, value, field]) => (fits(value, field) ? [] : [[key, String(value)] as const])),
    ...attributes.map(([name, value]) => [`SCHILY.xattr.${name}`, value] as const),
  ];
}

function isPlain(text: string, [, length]: Field): boolean {
  return text.length <= length && /^[ -~]*$/.test(text);
}

/** Octal digits, and a NUL behind them. */
function fits(value: bigint, [, length]: Field): boolean {
  return value >= 0n && value < 8n ** BigInt(length - 1);
}

/** `LENGTH KEY=VALUE\n`, whose length counts its own digits. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

function headerBlock(header: Omit<TarHeader, 'type'>, type: string): Uint8Array {
  const { path, mode, uid, gid, size, mtime, target = '', major = 0, minor = 0 } = header;
  const block = new Uint8Array(BLOCK);
  const put = ([at, length]: Field, text: string) => block.set(bytesOfWord(text.slice(0, length)), at);
  const putNumber = (field: Field, value: bigint) =>
    put(field, (fits(value, field) ? value : 0n).toString(8).padStart(field[1] - 1, '0'));
  put(NAME, path);
  putNumber(MODE, BigInt(mode));
  putNumber(UID, BigInt(uid));
  putNumber(GID, BigInt(gid));
  putNumber(SIZE, size);
  putNumber(MTIME, mtime);
  put(TYPE, type);
  put(LINK, target);
  put(MAGIC, 'ustar\u000000');
  putNumber(MAJOR, BigInt(major));
  putNumber(MINOR, BigInt(minor));
  put(CHECKSUM, ' '.repeat(CHECKSUM[1]));
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(CHECKSUM, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}
