/**
 * Writes a zip archive of stored entries, one after the other. Only sizes beyond 32 bits get zip64 fields. All entries
 * have the same time, so that the same content gives the same bytes.
 * PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3.
 */
import { crc32 } from "node:zlib";
import type { Write } from "../output/atomic-file.ts";

interface Entry {
  readonly name: Buffer;
  readonly crc: number;
  readonly size: number;
  readonly offset: number;
}

const versionPlain = 20;
const versionZip64 = 45;
/** Names are UTF-8. */
const flags = 0x0800;
/** 1 January 1980, the format's earliest time. */
const date = 0x0021;
const most16 = 0xffff;
const most32 = 0xffffffff;

export class ZipWriter {
  readonly #write: Write;
  readonly #mark: number;
  readonly #entries: Entry[] = [];
  #offset = 0;

  /** `mark` is the first size that needs zip64; smaller in tests only. */
  constructor(write: Write, mark = most32) {
    this.#write = write;
    this.#mark = mark;
  }

  /** Adds an entry whose content is these pieces. */
  async add(name: string, pieces: readonly Uint8Array[]): Promise<void> {
    const entry: Entry = {
      name: Buffer.from(name),
      // Node 20 loses the checksum so far when an empty piece is added.
      crc: pieces.reduce((crc, piece) => (piece.length === 0 ? crc : crc32(piece, crc)), 0),
      size: pieces.reduce((total, piece) => total + piece.length, 0),
      offset: this.#offset,
    };
    this.#entries.push(entry);
    await this.#put(this.#localHeader(entry));
    for (const piece of pieces) await this.#put(piece);
  }

  /** Writes the directory. */
  async end(): Promise<void> {
    const start = this.#offset;
    for (const entry of this.#entries) await this.#put(this.#directoryEntry(entry));
    await this.#put(this.#endRecords(start, this.#offset - start));
  }

  async #put(bytes: Uint8Array): Promise<void> {
    await this.#write(bytes);
    this.#offset += bytes.length;
  }

  #localHeader({ name, crc, size }: Entry): Buffer {
    const large = size >= this.#mark;
    const extra = large ? zip64Extra([size, size]) : Buffer.alloc(0);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(large ? versionZip64 : versionPlain, 4);
    header.writeUInt16LE(flags, 6);
    header.writeUInt16LE(date, 12);
    header.writeUInt32LE(crc, 14);
    header.writeUInt32LE(large ? most32 : size, 18);
    header.writeUInt32LE(large ? most32 : size, 22);
    header.writeUInt16LE(name.length, 26);
    header.writeUInt16LE(extra.length, 28);
    return Buffer.concat([header, name, extra]);
  }

  #directoryEntry({ name, crc, size, offset }: Entry): Buffer {
    const large = size >= this.#mark;
    const far = offset >= this.#mark;
    const wide = [...(large ? [size, size] : []), ...(far ? [offset] : [])];
    const extra = wide.length > 0 ? zip64Extra(wide) : Buffer.alloc(0);
    const version = wide.length > 0 ? versionZip64 : versionPlain;
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(version, 4);
    header.writeUInt16LE(version, 6);
    header.writeUInt16LE(flags, 8);
    header.writeUInt16LE(date, 14);
    header.writeUInt32LE(crc, 16);
    header.writeUInt32LE(large ? most32 : size, 20);
    header.writeUInt32LE(large ? most32 : size, 24);
    header.writeUInt16LE(name.length, 28);
    header.writeUInt16LE(extra.length, 30);
    header.writeUInt32LE(far ? most32 : offset, 42);
    return Buffer.concat([header, name, extra]);
  }

  #endRecords(start: number, size: number): Buffer {
    const count = this.#entries.length;
    const wide = start >= this.#mark || size >= this.#mark || count >= most16;
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(wide ? most16 : count, 8);
    end.writeUInt16LE(wide ? most16 : count, 10);
    end.writeUInt32LE(wide ? most32 : size, 12);
    end.writeUInt32LE(wide ? most32 : start, 16);
    return wide ? Buffer.concat([zip64End(start, size, count), end]) : end;
  }
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [i, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  return extra;
}

/** The zip64 end record and its locator. */
function zip64End(start: number, size: number, count: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(versionZip64, 12);
  record.writeUInt16LE(versionZip64, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(start + size), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
