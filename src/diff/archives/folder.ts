/**
 * Stage archives as a folder of .npy files, one a stage. `metadata.json` holds the order and the metadata; without it
 * the stages are sorted by name, with numbers in numeric order.
 */
import { chmod, mkdir, readdir, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FunAsrError } from "../../errors.ts";
import { openFile } from "../../adapters/node/open-file.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import { writeAtomically } from "../../adapters/node/output/atomic-file.ts";
import { checkFolder, findPlace } from "../../adapters/node/output/place.ts";
import { temporaryIn } from "../../adapters/node/output/temporary.ts";
import type { Temporary } from "../../adapters/node/output/temporary.ts";
import { unwritable } from "../../adapters/node/output/unwritable.ts";
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
  const { metadata, order = [] } = await readMetadata(path);
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
  if (status === undefined) return { metadata: new Map(), order: undefined };
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

/**
 * Replaces an earlier archive, and nothing else: a folder with anything that its `metadata.json` does not list is refused,
 * and the files of the earlier archive are removed one by one.
 */
export async function folderSink(path: string): Promise<Sink> {
  const { place } = await findArchive(path);
  const temporary = await temporaryIn(dirname(place));
  const folder = temporary.path;
  await mkdir(folder).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  const names: string[] = [];
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
        await replace(path, temporary);
      } catch (error) {
        await temporary.remove();
        throw error instanceof FunAsrError ? error : unwritable(path, error);
      }
    },
    abort: temporary.remove,
  };
}

/** Moves the complete folder to its path. At every moment the earlier archive or the new one is on the disk. */
async function replace(path: string, folder: Temporary): Promise<void> {
  const { place, files, mode } = await findArchive(path);
  if (files === undefined) {
    await rename(folder.path, place);
    folder.release();
    return;
  }
  if (mode !== undefined) await chmod(folder.path, mode & 0o777);
  const garbage = await temporaryIn(dirname(place));
  // not a name that a later process would remove: until the new archive is in place, this is the only one
  const aside = garbage.path.replace(/\.tmp$/u, ".old");
  await rename(place, aside);
  await rename(folder.path, place);
  folder.release();
  await rename(aside, garbage.path);
  for (const file of files) await rm(join(garbage.path, file), { force: true });
  await rmdir(garbage.path);
  garbage.release();
}

/** The folder at the end of the links of `path`, and the files of the archive that is there. Throws `file_unwritable`. */
async function findArchive(
  path: string,
): Promise<{ readonly place: string; readonly files?: readonly string[]; readonly mode?: number }> {
  try {
    const there = await stat(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT") return undefined;
      throw cause;
    });
    if (there === undefined) {
      const found = await findPlace(path);
      return { place: found.path };
    }
    if (!there.isDirectory()) throw Object.assign(new Error("ENOTDIR"), { code: "a file has this name" });
    const place = await realpath(path);
    await checkFolder(dirname(place));
    return { place, files: await archiveFiles(path), mode: there.mode };
  } catch (cause) {
    throw cause instanceof FunAsrError ? cause : unwritable(path, cause);
  }
}

/** The files of an archive that was written here. Throws where the folder holds anything else. */
async function archiveFiles(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  if (entries.length === 0) return [];
  const order = await readMetadata(path).then(
    (described) => described.order,
    () => undefined,
  );
  // the list of stages is what shows that metadata.json is ours, too
  const own = new Set(order === undefined ? [] : [metadataFile, ...order.map((name) => name + ending)]);
  const foreign = entries.find((entry) => !entry.isFile() || !own.has(entry.name));
  if (foreign !== undefined) {
    const code = `it holds ${foreign.name}, which is no part of an archive that was written here`;
    throw Object.assign(new Error(code), { code });
  }
  return entries.map(({ name }) => name);
}
