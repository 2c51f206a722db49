/** Which models are known and which are installed; checking and removing them. */
import { FileError } from "../errors.ts";
import type { VerifyOptions } from "../hub/verify.ts";
import { damages } from "../installed/intact.ts";
import { installedName, originalName, partialKey } from "../installed/names.ts";
import { platform } from "../platform/current.ts";
import type { InstalledModel, Store } from "../platform/store.ts";
import { findEntry, nearestNames, parseReference, registry } from "../registry/index.ts";
import type { FileRole, License, RegistryEntry, Task, Variant } from "../registry/index.ts";

/** A model that is known, installed, or both. */
export interface ModelStatus {
  /** What `load`, `pull` and -m take: `fun-asr-nano:q8_0`, or a hub's or web address. */
  readonly name: string;
  readonly title: string;
  readonly task?: Task | undefined;
  /** Codes of the languages; absent for a model that is not in the registry. */
  readonly languages?: readonly string[] | undefined;
  readonly licenses: readonly License[];
  /** Whether the registry's name without a format means this one. */
  readonly isDefault: boolean;
  /** Why this version cannot use it. */
  readonly unsupported?: string | undefined;
  /** Bytes on this machine, or of the download as far as they are known. */
  readonly bytes: number | undefined;
  readonly installed: boolean;
  /** Whether all its files are there and are the ones that were verified; absent where it is not installed. */
  readonly complete?: boolean | undefined;
  /** The files to open. */
  readonly paths: readonly string[];
  readonly source?: string | undefined;
}

/** The registry's models in its order, then what else is installed. Nothing is asked of the network. */
export async function models(
  options: { readonly store?: Store | undefined } = {},
): Promise<readonly ModelStatus[]> {
  const store = options.store ?? (await platform().openStore());
  const installed = new Map((await store.models()).map((model) => [model.name, model]));
  const known: ModelStatus[] = [];
  for (const entry of registry) {
    for (const variant of entry.variants) {
      const name = `${entry.name}:${variant.format}`;
      known.push(await statusOf(store, name, installed.get(name), { entry, variant }));
      installed.delete(name);
    }
  }
  const others = [...installed.values()].map((model) => statusOf(store, model.name, model));
  return [...known, ...(await Promise.all(others))];
}

async function statusOf(
  store: Store,
  name: string,
  model: InstalledModel | undefined,
  known?: { readonly entry: RegistryEntry; readonly variant: Variant },
): Promise<ModelStatus> {
  const { entry, variant } = known ?? {};
  return {
    name,
    title: entry?.title ?? name,
    task: entry?.task,
    languages: entry?.languages,
    licenses: entry?.licenses ?? [],
    isDefault: entry !== undefined && entry.defaultFormat === variant?.format,
    unsupported: entry?.unsupported,
    bytes: model === undefined ? downloadBytes(variant) : total(model.files),
    installed: model !== undefined,
    complete: model === undefined ? undefined : (await damages(store, model)).length === 0,
    paths: model === undefined ? [] : (await store.pathsOf(model)).paths,
    source: model?.source,
  };
}

const total = (files: readonly { readonly size?: number | undefined }[]): number =>
  files.reduce((sum, { size = 0 }) => sum + size, 0);

/** Undefined where the size of a large file is not known. */
function downloadBytes(variant: Variant | undefined): number | undefined {
  const large = variant?.files.filter(({ role }) => weightRoles.has(role)) ?? [];
  return variant === undefined || large.some(({ size }) => size === undefined)
    ? undefined
    : total(variant.files);
}

const weightRoles: ReadonlySet<FileRole> = new Set(["model", "encoder", "llm", "weights"]);

/** The status of one model. Throws `unknown_model`. */
export async function modelStatus(name: string, store?: Store): Promise<ModelStatus> {
  const wanted = nameOf(name);
  const found = (await models({ store })).find((model) => model.name === wanted);
  if (found !== undefined) return found;
  throw unknownModel(name);
}

/**
 * Removes a model and the files that no other needs, also those of a pull that was not finished; files in a hub's cache stay.
 * Returns the bytes that were freed. Throws `not_installed` where there is nothing of it.
 */
export async function removeModel(name: string): Promise<number> {
  const store = await platform().openStore();
  const full = nameOf(name);
  const records = [full, originalName(full)];
  const there = await Promise.all(records.map((record) => store.model(record)));
  let freed = await removeUnfinished(name, store);
  if (freed === 0 && there.every((model) => model === undefined)) throw notHere(name);
  for (const record of records) freed += await store.remove(record);
  return freed;
}

/** Of a model of the registry: the files of others have names that only their hub knows. */
async function removeUnfinished(name: string, store: Store): Promise<number> {
  const reference = parseReference(name);
  if (reference.kind !== "entry") return 0;
  let freed = 0;
  for (const { sha256 } of reference.variant.files)
    if (sha256 !== undefined) freed += await store.discardPartial(partialKey(sha256));
  return freed;
}

export interface Verified {
  readonly name: string;
  /** The files that are missing or have other bytes than were verified. */
  readonly damaged: readonly { readonly file: string; readonly found: "missing" | "changed" }[];
}

/** Reads all bytes of one installed model, or of all, and compares their hashes. */
export async function verifyModels(name?: string, options: VerifyOptions = {}): Promise<readonly Verified[]> {
  const store = await platform().openStore();
  const one = name === undefined ? undefined : await store.model(nameOf(name));
  if (name !== undefined && one === undefined) throw notHere(name);
  const verified: Verified[] = [];
  for (const model of one === undefined ? await store.models() : [one]) {
    const found = await damages(store, model, { ...options, thorough: true });
    const damaged = found.map(({ file, found }) => ({ file: file.name, found }));
    verified.push({ name: model.name, damaged });
  }
  return verified;
}

const nameOf = (name: string): string => installedName(parseReference(name));

function notHere(name: string): FileError {
  if (findEntry(name.replace(/:[^:/]*$/u, "")) === undefined && nearestNames(name).length > 0)
    return unknownModel(name);
  return new FileError("not_installed", name, "this model is not installed", {
    remedy: "`fun-asr models` lists the installed ones",
  });
}

function unknownModel(name: string): FileError {
  const near = nearestNames(name);
  return new FileError("unknown_model", name, "no model has this name", {
    remedy: near.length === 0 ? "`fun-asr models` lists them" : `Did you mean ${near.join(" or ")}?`,
  });
}
