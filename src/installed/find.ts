/** From the name of a model to its files on this machine. What is not installed is never downloaded here. */
import { FileError } from "../errors.ts";
import { platform } from "../platform/current.ts";
import type { InstalledModel, Store } from "../platform/store.ts";
import type { ModelReference } from "../registry/index.ts";
import { damages } from "./intact.ts";
import { installedName } from "./names.ts";

/** The files of a model that was named. */
export interface FoundModel {
  /** What to open: GGUF files, or one folder. */
  readonly paths: readonly string[];
  /** The am.mvn file that belongs to them. */
  readonly amMvn?: string | undefined;
}

/**
 * The files that `name` stands for; undefined where it is a path, or an address that is not installed, which the caller opens
 * itself; no file or folder has this name. Throws `not_installed` with the command that installs the model,
 * `unknown_architecture` for a model that this version cannot use, and `file_not_found` with the nearest names.
 */
export async function findInstalled(name: string): Promise<FoundModel | undefined> {
  const { nearestNames, parseReference, unsupportedModel } = await import("../registry/index.ts");
  const reference = parseReference(name);
  if (reference.kind === "path") {
    const near = looksLikeName(name) ? nearestNames(name) : [];
    if (near.length === 0) return undefined;
    throw new FileError("file_not_found", name, "there is no such file, and no model of this name", {
      remedy: `Did you mean ${near.join(" or ")}?`,
    });
  }
  if (reference.kind === "entry" && reference.entry.unsupported !== undefined)
    throw unsupportedModel(reference.entry);
  const store = await platform().openStore();
  const model = await recordOf(store, reference, name);
  if (model !== undefined) return filesOf(store, model, name);
  if (reference.kind === "url") return undefined;
  const cached = await inCache(store, reference);
  if (cached !== undefined) return { paths: [cached] };
  throw notInstalled(name, reference);
}

/** The files of an installed model. Throws `not_installed` where they are not the ones that were installed. */
export async function filesOf(store: Store, model: InstalledModel, name = model.name): Promise<FoundModel> {
  const [damage] = await damages(store, model);
  if (damage !== undefined) {
    const found = damage.found === "missing" ? "is gone" : "was changed since it was verified";
    throw new FileError("not_installed", name, `its file ${damage.file.name} ${found}`, {
      remedy: `Run \`fun-asr pull ${name}\``,
    });
  }
  return store.pathsOf(model);
}

/** A registry's name without a format takes the default one, then any that is installed. */
async function recordOf(
  store: Store,
  reference: ModelReference,
  name: string,
): Promise<InstalledModel | undefined> {
  const exact = await store.model(installedName(reference));
  if (exact !== undefined || reference.kind !== "entry" || hasFormat(name)) return exact;
  for (const { format } of reference.entry.variants) {
    const other = await store.model(`${reference.entry.name}:${format}`);
    if (other !== undefined) return other;
  }
  return undefined;
}

const hasFormat = (name: string): boolean => /:[^:/]+$/u.test(name);

/** A single file that the hub's own client has downloaded. */
async function inCache(store: Store, reference: ModelReference): Promise<string | undefined> {
  if (reference.kind !== "hub" || reference.path === undefined) return undefined;
  const { repository, revision, path } = reference;
  const hubs = reference.hub === undefined ? (["huggingface", "modelscope"] as const) : [reference.hub];
  for (const hub of hubs) {
    const [found] = await store.cached({ hub, repository, revision, path });
    if (found !== undefined) return found;
  }
  return undefined;
}

function notInstalled(name: string, reference: ModelReference): FileError {
  const title = reference.kind === "entry" ? ` (${reference.entry.title})` : "";
  return new FileError("not_installed", name, `this model${title} is not installed`, {
    remedy: `Run \`fun-asr pull ${name}\`, or pull(${JSON.stringify(name)})`,
  });
}

/** A word, not a path or the name of a model's file. */
const looksLikeName = (text: string): boolean =>
  !/[\\]|^[./~]|\.(?:gguf|pt|onnx|safetensors|bin|txt|mvn)$/iu.test(text);
