/**
 * Stage archives as a folder of .npy files, one a stage. `metadata.json` holds the order and the metadata; without it
 * the stages are sorted by name, with numbers in numeric order.
 */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { openFile } from "../../adapters/node/open-file.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import { temporaryBeside, unwritable, writeAtomically } from "../../adapters/node/atomic-file.ts";
import { bytesOf, malformed, stageIn } from "./archive.ts";
import type { Sink, StageReader } from "./archive.ts";
import { decodeMetadata, encodeMetadata, maxMetadataBytes } from "./metadata.ts";
import { encodeNpyHeader, headerBytes, npyDataBytes, npyValues, parseNpyHeader } from "./npy.ts";
import type { NpyHeader } from "./npy.ts";

const metadataFile = "metadata.json";
const ending = ".npy";
const maxFiles = 65_536;

export async function openFolder(path: string): Promise<StageReader> {
  const names = await stageNames(path);
  const { metadata, order } = await readMetadata(path);
  const stray = order.find((name) => !names.includes(name));
  if (stray !== undefined)
    throw malformed(path, `${metadataFile} lists ${JSON.stringify(stray)}`, "its file");
  const listed = new Set(order);
  const rest = names.filter((name) => !listed.has(name));

  const headers = new Map<string, NpyHeader>();
  for (const name of [...listed, ...rest]) {
    await using file = await openFile(join(path, name + ending));
    headers.set(name, await readHeader(path, name, file));
  }
  return {
    source: basename(path),
    format: "npy",
    metadata,
    stages: new Map([...headers].map(([name, { shape }]) => [name, shape])),
    async read(name, signal) {
      stageIn(headers, path, name);
      await using file = await openFile(join(path, name + ending));
      const header = await readHeader(path, name, file);
      const bytes = new Uint8Array(npyDataBytes(header));
      await file.read(header.dataStart, bytes, signal);
      return npyValues(name, header, bytes);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function stageNames(path: string): Promise<string[]> {
  const files = (await readdir(path)).filter((file) => file.endsWith(ending));
  if (files.length === 0) throw malformed(path, "no arrays in this folder", `files *${ending}`);
  if (files.length > maxFiles) throw malformed(path, `${files.length} arrays`, `at most ${maxFiles}`);
  const { compare } = new Intl.Collator("en", { numeric: true });
  return files.map((file) => file.slice(0, -ending.length)).toSorted(compare);
}

async function readMetadata(path: string): Promise<ReturnType<typeof decodeMetadata>> {
  const place = join(path, metadataFile);
  const status = await stat(place).catch(() => undefined);
  if (status === undefined) return { metadata: new Map(), order: [] };
  if (status.size > maxMetadataBytes) throw malformed(place, `${status.size} bytes of metadata`);
  await using file = await openFile(place);
  const bytes = new Uint8Array(file.size);
  await file.read(0, bytes);
  return decodeMetadata(place, bytes);
}

async function readHeader(path: string, name: string, file: ByteSource): Promise<NpyHeader> {
  const start = new Uint8Array(Math.min(headerBytes, file.size));
  await file.read(0, start);
  return parseNpyHeader(join(path, name + ending), start, file.size);
}

/** Replaces an earlier archive, and nothing else: a folder that holds other files is refused. */
export async function folderSink(path: string): Promise<Sink> {
  await checkReplaceable(path);
  const folder = temporaryBeside(path);
  await mkdir(folder).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  const names: string[] = [];
  const abort = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return {
    async add(name, shape, values) {
      await writeAtomically(join(folder, name + ending), async (write) => {
        await write(encodeNpyHeader(shape));
        await write(bytesOf(values));
      });
      names.push(name);
    },
    async finish(metadata) {
      try {
        const text = encodeMetadata(metadata, names);
        await writeAtomically(join(folder, metadataFile), (write) => write(text));
        await checkReplaceable(path);
        await rm(path, { recursive: true, force: true });
        await rename(folder, path);
      } catch (error) {
        await abort();
        throw error;
      }
    },
    abort,
  };
}

async function checkReplaceable(path: string): Promise<void> {
  const files = await readdir(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw unwritable(path, cause);
  });
  const foreign = files.find((file) => !file.endsWith(ending) && file !== metadataFile);
  if (foreign !== undefined) throw unwritable(path, { code: `it holds ${foreign}, which is no stage` });
}
