/** Brings one file onto this machine: found, or downloaded, verified and only then named. */
import { FileError } from "../errors.ts";
import { download } from "../hub/download.ts";
import { isSha1, isSha256 } from "../hub/remote-file.ts";
import { verify, wrongBytes } from "../hub/verify.ts";
import { partialKey } from "../installed/names.ts";
import { platform } from "../platform/current.ts";
import type { HubSettings } from "../platform/hubs.ts";
import type { InstalledFile, PartialFile } from "../platform/store.ts";
import type { Place } from "../registry/index.ts";
import { findFile, stamped } from "./find-file.ts";
import type { Work } from "./find-file.ts";
import { offline, placeText, resolveSource } from "./sources.ts";
import type { Source } from "./sources.ts";
import type { WantedFile } from "./types.ts";
import { withLock } from "./with-lock.ts";

export interface FetchWork extends Work {
  readonly settings: HubSettings;
  /** `hf`: into the cache of Hugging Face's own client. */
  readonly cache: "own" | "hf";
}

/** A file that is here, or the server that has it. */
export interface LocatedFile {
  /** With the size and hash that the server states, where they were not known. */
  readonly wanted: WantedFile;
  readonly here?: InstalledFile | undefined;
  readonly source?: Source | undefined;
}

/** Throws `offline` where a server would have to be asked and must not. */
export async function locateFile(
  wanted: WantedFile,
  places: readonly Place[],
  work: FetchWork,
): Promise<LocatedFile> {
  const here = await findFile(wanted, work);
  if (here !== undefined && isPlaced(here, work)) return { wanted, here };
  if (work.settings.offline) throw offline(wanted.name);
  const source = await resolveSource(wanted, places, work.settings, work.signal);
  const { size, sha256, gitSha1 } = source.remote;
  const known = { ...wanted, size, sha256: wanted.sha256 ?? sha256, gitSha1 };
  const learned = wanted.sha256 === undefined ? await findFile(known, work) : undefined;
  if (learned !== undefined && isPlaced(learned, work)) return { wanted: known, here: learned };
  return { wanted: known, source };
}

/** For `--cache hf`, a file of our own store does not count. */
const isPlaced = (file: InstalledFile, { cache }: FetchWork): boolean =>
  cache === "own" || file.cachedAt !== undefined;

/** Downloads a located file, unless another process has done so while this one waited. */
export async function fetchFile(
  { wanted, here, source }: LocatedFile,
  places: readonly Place[],
  work: FetchWork,
): Promise<InstalledFile> {
  if (here !== undefined || source === undefined) return here!;
  const { store, signal, onProgress } = work;
  const key = keyOf(wanted, source);
  const onWait = (): void => onProgress?.({ stage: "wait", item: wanted.name, done: 0, total: 0 });
  return withLock(store, key, { signal, onWait }, async () => {
    const now = await findFile(wanted, work);
    if (now !== undefined && isPlaced(now, work)) return now;
    await using partial = await openPartial(key, wanted, source, work);
    const others = places.filter((place) => place !== source.place);
    const sha256 = await fillFromAny(wanted, source, others, partial, work);
    const path = await partial.commit(sha256);
    const { name, cmvn } = wanted;
    return {
      ...(cmvn === undefined ? { name } : { name, cmvn }),
      sha256,
      ...(await stamped(store, path)),
      ...(isForCache(source, work) ? { cachedAt: path } : {}),
    };
  });
}

/** From the chosen source, then from the other places of the same bytes. Throws the error of the first. */
async function fillFromAny(
  wanted: WantedFile,
  first: Source,
  others: readonly Place[],
  partial: PartialFile,
  work: FetchWork,
): Promise<string> {
  let failure: unknown;
  for (const place of [undefined, ...others]) {
    try {
      const source =
        place === undefined ? first : await resolveSource(wanted, [place], work.settings, work.signal);
      return await fill(wanted, source, partial, work);
    } catch (error) {
      work.signal?.throwIfAborted();
      if (!(error instanceof FileError)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

/** Downloads and verifies. Bytes of an earlier process may be wrong; then all are downloaded, once. */
async function fill(
  wanted: WantedFile,
  { remote, place }: Source,
  partial: PartialFile,
  { settings, signal, onProgress }: FetchWork,
): Promise<string> {
  const total = remote.size;
  const identity = { ...remote, sha256: wanted.sha256 ?? remote.sha256 };
  for (;;) {
    const kept = partial.size;
    const onBytes = (done: number): void =>
      onProgress?.({ stage: "download", item: wanted.name, done, total });
    await download(remote, partial, { settings, signal, onBytes });
    const onVerified = (done: number): void =>
      onProgress?.({ stage: "verify", item: wanted.name, done, total });
    const sha256 = await verify(partial.path, identity, { signal, onBytes: onVerified });
    if (sha256 !== undefined) return sha256;
    await partial.restart();
    if (kept === 0) throw wrongBytes(placeText(place));
  }
}

const isForCache = ({ place, remote }: Source, { cache }: FetchWork): boolean =>
  cache === "hf" &&
  !("url" in place) &&
  place.hub === "huggingface" &&
  (isSha1(remote.etag) || isSha256(remote.etag)) &&
  remote.commit !== undefined;

function openPartial(
  key: string,
  { branch }: WantedFile,
  source: Source,
  work: FetchWork,
): Promise<PartialFile> {
  const { place, remote } = source;
  if (!isForCache(source, work) || "url" in place) return work.store.openPartial(key);
  return work.store.openCachePartial({
    repository: place.repository,
    revision: branch ?? place.revision ?? "main",
    commit: remote.commit!,
    path: place.path,
    etag: remote.etag!,
  });
}

/** What the unfinished bytes belong to: the file's hash, or else the server's name for it. */
function keyOf({ sha256 }: WantedFile, { remote }: Source): string {
  if (sha256 !== undefined) return partialKey(sha256);
  if (remote.gitSha1 !== undefined) return `git-${remote.gitSha1}`;
  const hash = platform().createHash("sha256");
  hash.update(new TextEncoder().encode(`${remote.url}\n${remote.etag ?? ""}\n${remote.size}`));
  return `url-${hash.hex()}`;
}

/** One file of the registry into the store, for itself. Returns its path. */
export async function fetchAlone(file: WantedFile, work: FetchWork): Promise<string> {
  const fetched = await fetchFile(await locateFile(file, file.places, work), file.places, work);
  const { store } = work;
  return fetched.cachedAt ?? (await store.find(fetched.sha256)) ?? store.name;
}
