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

/** What the fields of ustar cannot say; nothing, for most entries. */
function recordsOf({ path, target = '', uid, gid, size, mtime, attributes = [] }: TarHeader): Records {
  const records: [key: string, value: string][] = [];
  if (!isPlain(path, NAME)) records.push(['path', path]);
  if (target !== '' && !isPlain(target, LINK)) records.push(['linkpath', target]);
  if (records.some(([, text]) => wordOf(bytesOf(textOf(bytesOfWord(text)))) !== text)) {
    records.unshift(['hdrcharset', 'BINARY']);
  }
  if (uid > MOST_OF_8) records.push(['uid', String(uid)]);
  if (gid > MOST_OF_8) records.push(['gid', String(gid)]);
  if (size > MOST_OF_12) records.push(['size', String(size)]);
  if (mtime < 0n || mtime > MOST_OF_12) records.push(['mtime', String(mtime)]);
  for (const [name, value] of attributes) records.push([`SCHILY.xattr.${name}`, value]);
  return records;
}

type Records = readonly (readonly [key: string, value: string])[];

function isPlain(text: string, [, length]: Field): boolean {
  return text.length <= length && /^[ -~]*$/.test(text);
}

// A field of numbers has octal digits, and a NUL behind them.
const MOST_OF_8 = 0o7777777;
const MOST_OF_12 = 0o77777777777n;

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
  // The checksum counts itself as blanks. An upper may have hundreds of thousands of entries, so only what is put in is added up.
  let sum = CHECKSUM[1] * BLANK;
  const put = ([at, length]: Field, text: string) => {
    const end = Math.min(text.length, length);
    for (let index = 0; index < end; index += 1) {
      const byte = text.charCodeAt(index);
      block[at + index] = byte;
      sum += byte;
    }
  };
  const putNumber = (field: Field, value: number) =>
    put(field, value.toString(8).padStart(field[1] - 1, '0'));
  put(NAME, path);
  putNumber(MODE, mode);
  putNumber(UID, uid > MOST_OF_8 ? 0 : uid);
  putNumber(GID, gid > MOST_OF_8 ? 0 : gid);
  putNumber(SIZE, size > MOST_OF_12 ? 0 : Number(size));
  putNumber(MTIME, mtime < 0n || mtime > MOST_OF_12 ? 0 : Number(mtime));
  put(TYPE, type);
  put(LINK, target);
  put(MAGIC, 'ustar\u000000');
  putNumber(MAJOR, major);
  putNumber(MINOR, minor);
  put(CHECKSUM, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

const BLANK = 0x20;
