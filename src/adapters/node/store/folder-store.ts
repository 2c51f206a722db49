/** The store of models as a folder: `blobs/sha256-…`, `models/{name}.json`, `locks/`. */
import { mkdir, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { FileStamp, InstalledFile, InstalledModel, Store } from "../../../platform/store.ts";
import { unwritable } from "../output/unwritable.ts";
import { openCacheFile } from "./cache-file.ts";
import { cachedPlaces } from "./cached-places.ts";
import { lockFolder } from "./lock.ts";
import { openPartialFile } from "./partial-file.ts";
import { storeHome } from "./places.ts";
import { Records } from "./records.ts";

/** Opens the store in `home`; nothing is created before something is written. */
export function openFolderStore(home: string = storeHome()): Store {
  const records = new Records(join(home, "models"));
  const blobOf = (sha256: string): string => join(home, "blobs", `sha256-${sha256}`);
  const partOf = (key: string): string => join(home, "blobs", `${key}.part`);
  const pathOf = ({ cachedAt, sha256 }: InstalledFile): string => cachedAt ?? blobOf(sha256);

  const discard = async (sha256: string): Promise<number> => {
    const users = await records.all();
    if (
      users.some(({ files }) => files.some((file) => file.cachedAt === undefined && file.sha256 === sha256))
    )
      return 0;
    const size = (await stampOf(blobOf(sha256)))?.size ?? 0;
    await rm(blobOf(sha256), { force: true });
    return size;
  };

  return {
    name: home,
    async find(sha256) {
      const path = blobOf(sha256);
      return (await stampOf(path)) === undefined ? undefined : path;
    },
    cached: cachedPlaces,
    stamp: stampOf,
    openPartial: (key) => openPartialFile(partOf(key), async (hash) => blobOf(hash)),
    openCachePartial: openCacheFile,
    lock: (key, options) => lockFolder(join(home, "locks", key), options),
    freeBytes: () => freeBytes(home),
    async scratch(key) {
      const path = join(home, "blobs", `${key}.building`);
      try {
        await mkdir(dirname(path), { recursive: true });
        // what a killed process left there
        for (const name of await readdir(dirname(path)))
          if (name.startsWith(`.${basename(path)}.`)) await rm(join(dirname(path), name));
      } catch (cause) {
        throw unwritable(path, cause);
      }
      return path;
    },
    async adopt(path, sha256) {
      await rename(path, blobOf(sha256)).catch((cause: unknown) => {
        throw unwritable(blobOf(sha256), cause);
      });
      return blobOf(sha256);
    },
    models: () => records.all(),
    model: (name) => records.get(name),
    install: (model) => records.put(model, pathOf),
    async pathsOf(model) {
      const view = records.view(model.name);
      const at = ({ name }: InstalledFile): string => join(view, ...name.split("/"));
      const amMvn = model.files.find(({ cmvn }) => cmvn);
      const files = model.files.filter((file) => file !== amMvn);
      const alone = files.length === 1 || files.every(({ name }) => /\.gguf$/iu.test(name));
      const found = { paths: alone ? files.map(at) : [view] };
      return amMvn === undefined ? found : { ...found, amMvn: at(amMvn) };
    },
    async remove(name) {
      const model = await records.get(name);
      await records.remove(name);
      let freed = 0;
      for (const file of ownFiles(model)) freed += await discard(file.sha256);
      return freed;
    },
    async discardPartial(key) {
      const size = (await stampOf(partOf(key)))?.size ?? 0;
      await rm(partOf(key), { force: true });
      return size;
    },
    drop: (sha256) => rm(blobOf(sha256), { force: true }),
  };
}

const ownFiles = (model: InstalledModel | undefined): InstalledFile[] =>
  (model?.files ?? []).filter(({ cachedAt }) => cachedAt === undefined);

async function stampOf(path: string): Promise<FileStamp | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile() !== true) return undefined;
  return { size: status.size, changed: status.mtimeMs, inode: status.ino };
}

/** Of the nearest folder that exists. */
async function freeBytes(folder: string): Promise<number> {
  for (let place = folder; ; place = dirname(place)) {
    const system = await statfs(place).catch(() => undefined);
    if (system !== undefined) return system.bavail * system.bsize;
    if (place === dirname(place)) return Number.POSITIVE_INFINITY;
  }
}
