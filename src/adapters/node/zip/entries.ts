/**
 * Where the entries of a zip archive are: yauzl reads the directory, and callers read the bytes in place, so nothing is
 * unpacked. Refused: encryption, headers that contradict the directory, entries that overlap,
 * repeat a name or run past the end.
 */
import { fromRandomAccessReaderPromise, RandomAccessReader } from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import { FunAsrError, memoryFault } from "../../../errors.ts";
import type { ByteSource } from "../../../platform/bytes.ts";
import { placeOf } from "../../../platform/zip-entry.ts";
import type { Malformed, ZipEntry } from "../../../platform/zip-entry.ts";

const maxEntries = 200_000;
const localHeaderBytes = 30;
const hasDescriptor = 0x0008;
const encrypted = 0x0001 | 0x0040 | 0x2000;
const methods = new Map<number, ZipEntry["method"]>([
  [0, "stored"],
  [8, "deflated"],
]);

/** All entries, in the order of the directory. */
export async function zipEntries(access: ByteSource, malformed: Malformed): Promise<ZipEntry[]> {
  try {
    const zip = await fromRandomAccessReaderPromise(new Reader(access, malformed), access.size, {
      lazyEntries: true,
      autoClose: false,
    });
    const found: ZipEntry[] = [];
    for await (const entry of zip.eachEntry()) {
      if (found.length >= maxEntries) throw malformed(access.name, `more than ${maxEntries} entries`);
      found.push(await locate(access.name, zip, entry, malformed));
    }
    checkNames(access.name, found, malformed);
    checkOverlap(access.name, found, malformed);
    return found;
  } catch (error) {
    if (error instanceof FunAsrError) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw memoryFault(access.name, error) ?? malformed(access.name, found, "a valid zip archive", error);
  }
}

async function locate(file: string, zip: ZipFile, entry: Entry, malformed: Malformed): Promise<ZipEntry> {
  const where = placeOf(file, entry.fileName);
  const { fileName: name, compressedSize: storedSize, uncompressedSize: size } = entry;
  const method = methods.get(entry.compressionMethod);
  if ((entry.generalPurposeBitFlag & encrypted) !== 0) throw malformed(where, "it is encrypted");
  if (method === undefined)
    throw malformed(where, `compression method ${entry.compressionMethod}`, "none (0) or deflate (8)");
  if (method === "stored" && storedSize !== size)
    throw malformed(where, `${storedSize} bytes stored for ${size}`);

  const local = await zip.readLocalFileHeaderPromise(entry);
  const agrees =
    local.fileName.equals(entry.fileNameRaw) &&
    local.compressionMethod === entry.compressionMethod &&
    local.generalPurposeBitFlag === entry.generalPurposeBitFlag;
  // A streaming writer puts the sizes after the data (a descriptor), and zeros or a zip64 mark before it.
  const deferred =
    (entry.generalPurposeBitFlag & hasDescriptor) !== 0 &&
    local.compressedSize === 0 &&
    local.uncompressedSize === 0;
  const agreesInSize =
    deferred || (isSize(local.compressedSize, storedSize) && isSize(local.uncompressedSize, size));
  if (!agrees || !agreesInSize) throw malformed(where, "its header contradicts the directory");
  if (local.fileDataStart + storedSize > zip.fileSize)
    throw malformed(where, "it runs past the end of the file");
  return { name, offset: local.fileDataStart, storedSize, size, method };
}

const isSize = (field: number, size: number): boolean => field === size || field === 0xffffffff;

function checkNames(file: string, entries: readonly ZipEntry[], malformed: Malformed): void {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw malformed(placeOf(file, name), "the name occurs twice");
    seen.add(name);
  }
}

function checkOverlap(file: string, entries: readonly ZipEntry[], malformed: Malformed): void {
  let end = 0;
  for (const { name, offset, storedSize } of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (offset - localHeaderBytes - Buffer.byteLength(name) < end) {
      throw malformed(placeOf(file, name), "it overlaps another entry");
    }
    end = offset + storedSize;
  }
}

class Reader extends RandomAccessReader {
  private readonly access: ByteSource;
  private readonly malformed: Malformed;

  constructor(access: ByteSource, malformed: Malformed) {
    super();
    this.access = access;
    this.malformed = malformed;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const { name, size } = this.access;
    if (position + length > size) {
      callback(this.malformed(name, `a reference to byte ${position + length}`, `at most ${size}`));
      return;
    }
    this.access.read(position, buffer.subarray(offset, offset + length)).then(
      () => callback(null),
      (error: Error) => callback(error),
    );
  }
}
