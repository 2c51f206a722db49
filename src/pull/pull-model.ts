/** Installs a model: finds or downloads its files, converts them where a recipe says so, and writes its record. */
import { FileError, withoutSecrets } from "../errors.ts";
import { verify } from "../hub/verify.ts";
import { damages } from "../installed/intact.ts";
import { installedName, originalName } from "../installed/names.ts";
import { parseReference } from "../registry/index.ts";
import { platform } from "../platform/current.ts";
import type { Hub } from "../platform/hubs.ts";
import type { InstalledFile, InstalledModel, Store } from "../platform/store.ts";
import { fetchFile, locateFile } from "./fetch-file.ts";
import type { FetchWork, LocatedFile } from "./fetch-file.ts";
import { stamped } from "./find-file.ts";
import { placesOn, placeText, sourcesFor } from "./sources.ts";
import type { PullOptions, PullPlan, WantedModel } from "./types.ts";
import { wantedModel } from "./wanted.ts";
import { withLock } from "./with-lock.ts";

/** Converts the model at `from` into the file `to`. */
export type BuildModel = (
  from: readonly string[],
  to: string,
  options: {
    readonly type: string;
    readonly signal: AbortSignal | undefined;
    onTensor(tensor: string, done: number, total: number): void;
  },
) => Promise<void>;

/** Returns the installed model; at once, where it is installed and its files are as they were. */
export async function pullModel(
  name: string,
  options: PullOptions,
  build: BuildModel,
): Promise<InstalledModel> {
  const { cache = "own", signal, onProgress } = options;
  const store = options.store ?? (await platform().openStore());
  const { settings, hubs } = sourcesFor(await platform().hubSettings(), options.from);
  const work: FetchWork = { store, settings, cache, signal, onProgress };
  const item = installedName(parseReference(name));
  const onWait = (): void => onProgress?.({ stage: "wait", item: withoutSecrets(item), done: 0, total: 0 });
  return withLock(store, `model-${keyOf(item)}`, { signal, onWait }, async () => {
    const known = await store.model(item);
    if (known !== undefined && cache === "own" && (await damages(store, known)).length === 0) return known;
    const wanted = await wantedModel(name, { settings, hubs, signal });
    const model = await fetchModel(wanted, hubs, work, options.onPlan);
    if (wanted.convertTo !== undefined) return await convertOriginal(model, wanted.convertTo, build, work);
    await store.install(model);
    return model;
  });
}

/** The files of a model, on this machine afterwards. */
async function fetchModel(
  wanted: WantedModel,
  hubs: readonly Hub[],
  work: FetchWork,
  onPlan: PullOptions["onPlan"],
): Promise<InstalledModel> {
  const placed = wanted.files.map((file) => ({ file, places: placesOn(file, hubs) }));
  const located: LocatedFile[] = [];
  for (const { file, places } of placed) located.push(await locateFile(file, places, work));
  const plan = planOf(wanted, located);
  onPlan?.(plan);
  await checkSpace(work.store, plan);
  const files: InstalledFile[] = [];
  for (const [i, one] of located.entries()) files.push(await fetchFile(one, placed[i]!.places, work));
  return { name: wanted.name, source: sourceOf(located), files, installed: new Date().toISOString() };
}

/** A name as a part of a path. */
const keyOf = (name: string): string => encodeURIComponent(name).slice(0, 150);

function planOf(
  { name, title, licenses, convertTo }: WantedModel,
  located: readonly LocatedFile[],
): PullPlan {
  const files = located.map(({ wanted, here, source }) => ({
    name: wanted.name,
    size: here?.size ?? wanted.size ?? 0,
    from: here?.cachedAt ?? placeText(source?.place ?? wanted.places[0]!),
    here: here !== undefined,
  }));
  const downloadBytes = files.reduce((sum, file) => sum + (file.here ? 0 : file.size), 0);
  return { name, title, licenses, files, downloadBytes, convertTo };
}

const sourceOf = (located: readonly LocatedFile[]): string => {
  const [first] = located;
  return first === undefined ? "" : placeText(first.source?.place ?? first.wanted.places[0]!);
};

/** What is converted needs the space of the result as well, which is never larger than the original. */
async function checkSpace(store: Store, { name, files, downloadBytes, convertTo }: PullPlan): Promise<void> {
  const result = convertTo === undefined ? 0 : files.reduce((sum, { size }) => sum + size, 0);
  const needed = downloadBytes + result;
  const free = await store.freeBytes();
  if (needed <= free) return;
  throw new FileError("disk_full", store.name, `${free} bytes are free, and ${name} needs ${needed}`, {
    remedy: "Free some space, or set FUN_ASR_HOME to a folder on a larger disk",
  });
}

/**
 * The original is installed under a name of its own while it is converted, so that its files lie in one folder under the names
 * that they were published with, and a pull that is interrupted finds them again. Then it is removed.
 */
async function convertOriginal(
  original: InstalledModel,
  type: string,
  build: BuildModel,
  { store, signal, onProgress }: FetchWork,
): Promise<InstalledModel> {
  const { name, source, installed } = original;
  const staged = { ...original, name: originalName(name) };
  await store.install(staged);
  const { paths } = await store.pathsOf(staged);
  const scratch = await store.scratch(keyOf(name));
  await build(paths, scratch, {
    type,
    signal,
    onTensor: (item, done, total) => onProgress?.({ stage: "convert", item, done, total }),
  });
  const sha256 = (await verify(scratch, {}, { signal }))!;
  const path = await store.adopt(scratch, sha256);
  const file = { name: `${name.replace(":", "-")}.gguf`, sha256, ...(await stamped(store, path)) };
  const model = { name, source, files: [file], installed };
  await store.install(model);
  await store.remove(staged.name);
  return model;
}
