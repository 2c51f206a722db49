/**
 * The zip archive around a checkpoint: `<prefix>/data.pkl`, `<prefix>/data/<key>` and a few small entries. yauzl reads
 * the directory; the entries of a checkpoint are stored, not compressed, so their bytes are read in place: nothing is
 * inflated and nothing is unpacked. Refused: two archives in one, overlapping or compressed entries, names that climb.
 */
import { fromRandomAccessReaderPromise, RandomAccessReader } from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import { FunAsrError } from "../../src/errors.ts";
import type { RandomAccess } from "../../src/gguf/access.ts";
import { malformed } from "../malformed.ts";

/** Where an entry's bytes lie in the file. */
export interface ArchiveEntry {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** Entries by name, without the prefix that they share. */
export type Archive = ReadonlyMap<string, ArchiveEntry>;

const maxEntries = 200_000;
const maxSmallBytes = 64 * 2 ** 20;
const localHeaderBytes = 30;
const hasDescriptor = 0x0008;
const encrypted = 0x0001 | 0x0040 | 0x2000;

export async function readArchive(access: RandomAccess): Promise<Archive> {
  await checkMagic(access);
  try {
    const zip = await fromRandomAccessReaderPromise(new Reader(access), access.size, {
      lazyEntries: true,
      autoClose: false,
    });
    const found: ArchiveEntry[] = [];
    for await (const entry of zip.eachEntry()) {
      if (found.length >= maxEntries) throw malformed(access.name, `more than ${maxEntries} entries`);
      found.push(await locate(access.name, zip, entry));
    }
    checkOverlap(access.name, found);
    return withoutPrefix(access.name, found);
  } catch (error) {
    throw asFault(access.name, error);
  }
}

/** Reads a whole entry that must be small; the file is never the measure of what is allocated. */
export async function readEntry(access: RandomAccess, archive: Archive, name: string): Promise<Uint8Array> {
  const entry = archive.get(name);
  if (entry === undefined)
    throw malformed(access.name, `no entry ${name}`, "a checkpoint written by torch.save");
  if (entry.size > maxSmallBytes)
    throw malformed(access.name, `${name} of ${entry.size} bytes`, `at most ${maxSmallBytes}`);
  const bytes = new Uint8Array(entry.size);
  await access.read(entry.offset, bytes);
  return bytes;
}

/** A zip may begin with anything; a checkpoint begins with its first entry, or was written before PyTorch 1.6. */
async function checkMagic(access: RandomAccess): Promise<void> {
  const magic = new Uint8Array(Math.min(4, access.size));
  await access.read(0, magic);
  if (Buffer.from(magic).toString("latin1") === "PK\u0003\u0004") return;
  const legacy = magic[0] === 0x80;
  const found = legacy ? "a checkpoint in the format before PyTorch 1.6" : "no zip archive";
  throw malformed(access.name, found, "a checkpoint written by torch.save of PyTorch 1.6 or newer");
}

async function locate(file: string, zip: ZipFile, entry: Entry): Promise<ArchiveEntry> {
  const where = `${file}, entry ${JSON.stringify(entry.fileName.slice(0, 200))}`;
  const { fileName: name, uncompressedSize: size } = entry;
  if ((entry.generalPurposeBitFlag & encrypted) !== 0) throw malformed(where, "it is encrypted");
  if (entry.compressionMethod !== 0)
    throw malformed(where, `compression method ${entry.compressionMethod}`, "none (0)");
  if (entry.compressedSize !== size)
    throw malformed(where, `${entry.compressedSize} bytes stored for ${size}`);

  const local = await zip.readLocalFileHeaderPromise(entry);
  const agrees =
    local.fileName.equals(entry.fileNameRaw) &&
    local.compressionMethod === entry.compressionMethod &&
    local.generalPurposeBitFlag === entry.generalPurposeBitFlag;
  // PyTorch writes sizes after the data (a descriptor), and zeros or a zip64 mark before it.
  const sizes = [local.compressedSize, local.uncompressedSize];
  const deferred = (entry.generalPurposeBitFlag & hasDescriptor) !== 0 && sizes.every((bytes) => bytes === 0);
  const agreesInSize = deferred || sizes.every((bytes) => bytes === size || bytes === 0xffffffff);
  if (!agrees || !agreesInSize) throw malformed(where, "its header contradicts the directory");
  if (local.fileDataStart + size > zip.fileSize) throw malformed(where, "it runs past the end of the file");
  return { name, offset: local.fileDataStart, size };
}

function checkOverlap(file: string, entries: readonly ArchiveEntry[]): void {
  let end = 0;
  for (const { name, offset, size } of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (offset - localHeaderBytes - Buffer.byteLength(name) < end) {
      throw malformed(`${file}, entry ${JSON.stringify(name)}`, "it overlaps another entry");
    }
    end = offset + size;
  }
}

function withoutPrefix(file: string, entries: readonly ArchiveEntry[]): Archive {
  const prefix = entries[0]?.name.split("/")[0] ?? "";
  const archive = new Map<string, ArchiveEntry>();
  for (const entry of entries) {
    const where = `${file}, entry ${JSON.stringify(entry.name)}`;
    if (!entry.name.startsWith(`${prefix}/`))
      throw malformed(where, "another folder", `everything under ${prefix}/`);
    const name = entry.name.slice(prefix.length + 1);
    if (archive.has(name)) throw malformed(where, "it is there twice");
    archive.set(name, entry);
  }
  return archive;
}

/** What yauzl throws, with the file's name; our own errors pass. */
function asFault(file: string, error: unknown): unknown {
  if (error instanceof FunAsrError) return error;
  return malformed(
    file,
    error instanceof Error ? error.message : String(error),
    "a sound zip archive",
    error,
  );
}

class Reader extends RandomAccessReader {
  private readonly access: RandomAccess;

  constructor(access: RandomAccess) {
    super();
    this.access = access;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    if (position + length > this.access.size) {
      callback(
        malformed(
          this.access.name,
          `a reference to byte ${position + length}`,
          `at most ${this.access.size}`,
        ),
      );
      return;
    }
    this.access.read(position, buffer.subarray(offset, offset + length)).then(
      () => callback(null),
      (error: Error) => callback(error),
    );
  }
}
