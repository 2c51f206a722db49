/**
 * Writes a file into Hugging Face's cache as its own client does: the bytes in `blobs`, a link to them in `snapshots`, the
 * commit of a branch in `refs`.
 */
import { copyFile, link, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { CachePlace, PartialFile } from "../../../platform/store.ts";
import { unwritable } from "../output/unwritable.ts";
import { repositoryFolder } from "./cached-places.ts";
import { openPartialFile } from "./partial-file.ts";

/** The unfinished file has a name of its own: two programs that write one file would damage it. */
export async function openCacheFile(place: CachePlace): Promise<PartialFile> {
  const folder = repositoryFolder(place.repository);
  const blob = join(folder, "blobs", place.etag);
  const partial = await openPartialFile(`${blob}.fun-asr.incomplete`, async () => blob);
  const { append, restart } = partial;
  return {
    path: partial.path,
    get size() {
      return partial.size;
    },
    append,
    restart,
    async commit(sha256) {
      await partial.commit(sha256);
      return await publish(place, folder, blob).catch((cause: unknown) => {
        throw unwritable(blob, cause);
      });
    },
    [Symbol.asyncDispose]: () => partial[Symbol.asyncDispose](),
  };
}

async function publish(
  { revision, commit, path }: CachePlace,
  folder: string,
  blob: string,
): Promise<string> {
  if (revision !== commit) {
    const ref = join(folder, "refs", ...revision.split("/"));
    await mkdir(dirname(ref), { recursive: true });
    await writeFile(ref, commit);
  }
  const snapshot = join(folder, "snapshots", commit, ...path.split("/"));
  await linkTo(blob, snapshot);
  return snapshot;
}

/** A relative link, so that the folder can be moved; a second name or a copy where links are not allowed. */
export async function linkTo(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const failures: unknown[] = [];
  for (const make of [
    () => symlink(relative(dirname(path), target), path),
    () => link(target, path),
    () => copyFile(target, path),
  ]) {
    try {
      return await make();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
      failures.push(error);
    }
  }
  throw failures[0];
}
