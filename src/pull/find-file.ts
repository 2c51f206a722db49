/** Looks for a file on this machine: in the store, then in the caches of the hubs' own clients, where it is used in place. */
import { verify } from "../hub/verify.ts";
import type { FileStamp, InstalledFile, Store } from "../platform/store.ts";
import type { Place } from "../registry/index.ts";
import type { PullProgress, WantedFile } from "./types.ts";

export interface Work {
  readonly store: Store;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
}

/** Undefined where it is not here. A file whose hash is not known is not looked for: nothing could tell whether it is the one. */
export async function findFile(
  { name, cmvn, places, size, sha256, gitSha1 }: WantedFile,
  { store, signal, onProgress }: Work,
): Promise<InstalledFile | undefined> {
  if (sha256 === undefined && gitSha1 === undefined) return undefined;
  const marks = cmvn === undefined ? { name } : { name, cmvn };
  const check = async (path: string): Promise<InstalledFile | undefined> => {
    const stamp = await store.stamp(path);
    if (stamp === undefined || (size !== undefined && stamp.size !== size)) return undefined;
    const onBytes = (done: number): void =>
      onProgress?.({ stage: "verify", item: name, done, total: stamp.size });
    const found = await verify(path, { size, sha256, gitSha1 }, { signal, onBytes });
    return found === undefined ? undefined : { ...marks, sha256: found, size: stamp.size, stamp };
  };
  const own = sha256 === undefined ? undefined : await store.find(sha256);
  if (own !== undefined && sha256 !== undefined) {
    const file = await check(own);
    if (file !== undefined) return file;
    await store.drop(sha256);
  }
  for (const path of await cachedPaths(store, places, sha256)) {
    const file = await check(path);
    if (file !== undefined) return { ...file, cachedAt: path };
  }
  return undefined;
}

async function cachedPaths(
  store: Store,
  places: readonly Place[],
  sha256: string | undefined,
): Promise<string[]> {
  const found = await Promise.all(
    places.map(async (place) => ("url" in place ? [] : store.cached({ ...place, sha256 }))),
  );
  return [...new Set(found.flat())];
}

/** The size and stamp of a file that is there. */
export async function stamped(
  store: Store,
  path: string,
): Promise<{ readonly size: number; readonly stamp: FileStamp }> {
  const stamp = (await store.stamp(path)) ?? { size: 0, changed: 0, inode: 0 };
  return { size: stamp.size, stamp };
}
