/**
 * Stage archives as NumPy's .npz: a zip of .npy files. Metadata is one more entry, which `numpy.load` returns as bytes.
 * Entries are written uncompressed; those of `savez_compressed` are read, too, each inflated to no more than its declared size.
 */
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { constants, createInflateRaw, inflateRaw } from "node:zlib";
import type { ByteSource } from "../../platform/bytes.ts";
import { openAtomically } from "../../adapters/node/output/atomic-file.ts";
import { zipEntries } from "../../adapters/node/zip/entries.ts";
import { placeOf } from "../../platform/zip-entry.ts";
import type { ZipEntry } from "../../platform/zip-entry.ts";
import { ZipWriter } from "../../adapters/node/zip/write.ts";
import { bytesOf, malformed, stageIn, tooMuch } from "./archive.ts";
import type { Sink, StageReader } from "./archive.ts";
import { decodeMetadata, encodeMetadata, maxMetadataBytes } from "./metadata.ts";
import { encodeNpyHeader, headerBytes, npyValues, parseNpyHeader } from "./npy.ts";
import type { NpyHeader } from "./npy.ts";

const metadataEntry = "__metadata__.json";
const ending = ".npy";
/** A deflated stage must fit into memory twice; activations are far smaller. */
const maxInflatedBytes = 2 ** 31 - 1;
/** Deflated activations have a third of their size or more; large ones that have next to nothing of it are none. */
const largeBytes = 64 * 2 ** 20;
const largestRatio = 200;

const maxEntries = 65_536;

interface Stored {
  readonly entry: ZipEntry;
  readonly header: NpyHeader;
}

/** Opens the file, which then belongs to the reader. */
export async function openNpz(file: ByteSource): Promise<StageReader> {
  const stages = new Map<string, Stored>();
  let metadata: ReadonlyMap<string, string> = new Map();
  const entries = await zipEntries(file, malformed);
  if (entries.length > maxEntries)
    throw malformed(file.name, `${entries.length} entries`, `at most ${maxEntries}`);
  for (const entry of entries) {
    const where = placeOf(file.name, entry.name);
    if (entry.name === metadataEntry) {
      if (entry.size > maxMetadataBytes) throw malformed(where, `${entry.size} bytes of metadata`);
      ({ metadata } = decodeMetadata(where, await contentOf(file, entry)));
    } else if (entry.name.endsWith(ending)) {
      const header = parseNpyHeader(where, await startOf(file, entry), entry.size);
      stages.set(entry.name.slice(0, -ending.length), { entry, header });
    } else {
      throw malformed(where, "a foreign file", `arrays (${ending})`);
    }
  }
  return {
    source: file.name,
    format: "npz",
    metadata,
    stages: new Map([...stages].map(([name, { header }]) => [name, header.shape])),
    async read(name, signal) {
      const { entry, header } = stageIn(stages, file.name, name);
      const content = await contentOf(file, entry, signal);
      return npyValues(name, header, content.subarray(header.dataStart));
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

/** At most `headerBytes`, however much the entry inflates to. */
async function startOf(file: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  const stored = new Uint8Array(Math.min(headerBytes, entry.storedSize));
  await file.read(entry.offset, stored);
  if (entry.method === "stored") return stored;
  try {
    const inflating = createInflateRaw({ chunkSize: headerBytes, finishFlush: constants.Z_SYNC_FLUSH });
    for await (const chunk of Readable.from([stored]).pipe(inflating)) return chunk as Uint8Array;
    return new Uint8Array(0);
  } catch (cause) {
    throw malformed(placeOf(file.name, entry.name), "it cannot be inflated", "deflated data", cause);
  }
}

async function contentOf(file: ByteSource, entry: ZipEntry, signal?: AbortSignal): Promise<Uint8Array> {
  const { storedSize, size, offset } = entry;
  const where = placeOf(file.name, entry.name);
  if (entry.method === "deflated" && size > maxInflatedBytes)
    throw malformed(where, `${size} bytes deflated`, `at most ${maxInflatedBytes}`);
  if (entry.method === "deflated" && size > largeBytes && size > largestRatio * storedSize)
    throw tooMuch(
      where,
      `${size} bytes deflated to ${storedSize}`,
      `at least ${Math.ceil(size / largestRatio)}`,
    );
  const stored = new Uint8Array(storedSize);
  await file.read(offset, stored, signal);
  if (entry.method === "stored") return stored;
  const content = await promisify(inflateRaw)(stored, { maxOutputLength: Math.max(1, size) }).catch(
    (cause: unknown) => {
      throw malformed(where, "it cannot be inflated to its size", `${size} bytes`, cause);
    },
  );
  if (content.length !== size) throw malformed(where, `${content.length} bytes inflated`, `${size}`);
  return content;
}

export async function npzSink(path: string): Promise<Sink> {
  const file = await openAtomically(path);
  const zip = new ZipWriter(file.write);
  return {
    add: (name, shape, values) => zip.add(`${name}${ending}`, [encodeNpyHeader(shape), bytesOf(values)]),
    async finish(metadata) {
      try {
        await zip.add(metadataEntry, [encodeMetadata(metadata)]);
        await zip.end();
      } catch (error) {
        await file.abort();
        throw error;
      }
      await file.commit();
    },
    abort: () => file.abort(),
  };
}
