/** One file of the registry that is no part of a model: found on this machine, or downloaded into the store. */
import { platform } from "../platform/current.ts";
import type { EntryFile } from "../registry/index.ts";
import { fetchFile, locateFile } from "./fetch-file.ts";
import type { FetchWork } from "./fetch-file.ts";
import { sourcesFor } from "./sources.ts";
import { wantedFile } from "./wanted.ts";

/** Its path. Throws what `pull` throws. */
export async function fetchEntryFile(file: EntryFile, signal?: AbortSignal): Promise<string> {
  const store = await platform().openStore();
  const { settings } = sourcesFor(await platform().hubSettings(), undefined);
  const work: FetchWork = { store, settings, cache: "own", signal };
  const wanted = wantedFile(file);
  const located = await locateFile(wanted, wanted.places, work);
  const { cachedAt, sha256 } = await fetchFile(located, wanted.places, work);
  return cachedAt ?? (await store.find(sha256))!;
}
