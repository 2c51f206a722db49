/** From a name to the files that are wanted. */
import { FileError, UsageError } from "../errors.ts";
import type { ListedFile } from "../hub/remote-file.ts";
import { installedName } from "../installed/names.ts";
import type { Hub, HubSettings } from "../platform/hubs.ts";
import { nearestNames, parseReference, unsupportedModel } from "../registry/index.ts";
import type { EntryFile, HubReference } from "../registry/index.ts";
import { listRepository } from "./sources.ts";
import type { WantedFile, WantedModel } from "./types.ts";

/** What is needed to read a hub's listing. */
export interface Listing {
  readonly settings: HubSettings;
  readonly hubs: readonly Hub[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * The files of a model of the registry, of a repository or of an address. Throws `unknown_model` with the nearest names,
 * `unknown_architecture` for a model that this version cannot use, and `bad_option` for a repository with several models.
 */
export async function wantedModel(name: string, listing: Listing): Promise<WantedModel> {
  const reference = parseReference(name);
  const known = { name: installedName(reference), licenses: [] };
  switch (reference.kind) {
    case "entry": {
      const { entry, variant } = reference;
      if (entry.unsupported !== undefined) throw unsupportedModel(entry);
      const { title, licenses } = entry;
      return {
        ...known,
        title,
        licenses,
        files: variant.files.map(wantedFile),
        convertTo: variant.recipe?.type,
      };
    }
    case "url": {
      const { url } = reference;
      return { ...known, title: url, files: [{ name: fileOf(url), places: [{ url }] }] };
    }
    case "hub":
      return { ...known, title: known.name, files: await repositoryFiles(reference, listing) };
    default: {
      const near = nearestNames(name);
      throw new FileError("unknown_model", name, "no model has this name", {
        wanted: "a name of `fun-asr models`, owner/name of a hub, or an https address",
        ...(near.length === 0 ? {} : { remedy: `Did you mean ${near.join(" or ")}?` }),
      });
    }
  }
}

/** The last part of an address, as the name of a file. */
function fileOf(address: string): string {
  let path: string;
  try {
    path = decodeURIComponent(new URL(address).pathname);
  } catch (cause) {
    throw new UsageError("bad_option", "model", JSON.stringify(address), { wanted: "an address", cause });
  }
  return path.split(/[/\\]/u).at(-1) || "model.gguf";
}

export const wantedFile = ({ role, name, places, size, sha256 }: EntryFile): WantedFile => ({
  name,
  cmvn: role === "cmvn" ? true : undefined,
  places,
  size,
  sha256,
});

/** A file that is a model by itself needs no listing: where it is, and what it is, the hub's answer says. */
async function repositoryFiles(reference: HubReference, listing: Listing): Promise<readonly WantedFile[]> {
  const { repository, revision, path } = reference;
  const hubs = reference.hub === undefined ? listing.hubs : [reference.hub];
  if (path !== undefined && isWhole(path)) {
    return [
      {
        name: path.split("/").at(-1)!,
        places: hubs.map((hub) => ({ hub, repository, ...at(revision), path })),
      },
    ];
  }
  const { hub, commit, files } = await listRepository(
    repository,
    revision,
    hubs,
    listing.settings,
    listing.signal,
  );
  const chosen = chooseFiles(installedName(reference), files, path);
  const outside = chosen.find((file) => !isInside(file.name));
  if (outside !== undefined) {
    throw new FileError("download_failed", repository, `a file of the name ${JSON.stringify(outside.name)}`, {
      wanted: "names within the repository",
      remedy: "Do not trust this server: no hub has such names",
    });
  }
  return chosen.map(({ name, path: place, ...file }) => ({
    ...file,
    name,
    places: [{ hub, repository, ...at(commit), path: place }],
    branch: revision ?? (hub === "huggingface" ? "main" : "master"),
  }));
}

/** A server must not choose where a file is written. */
const isInside = (path: string): boolean =>
  path.split("/").every((part) => !["", ".", ".."].includes(part) && !/[\\:\p{Cc}]/u.test(part));

const at = (revision: string | undefined): { readonly revision?: string } =>
  revision === undefined ? {} : { revision };

const isWhole = (path: string): boolean => /\.gguf$/iu.test(path);
const isState = (path: string): boolean =>
  /(?:^|\/)(?:model\.(?:pt|safetensors|onnx)|model_quant\.onnx|model\.int8\.onnx)$/u.test(path);
/** A repository may hold the same weights several times: the first is taken. */
const stateNames = ["model.pt", "model.safetensors", "model.onnx", "model_quant.onnx", "model.int8.onnx"];
/** What a model's reader never opens. */
const isBeside = (path: string): boolean =>
  /(?:^|\/)(?:\.[^/]*|example|examples|fig|figs|images?|assets|docs?)\/|(?:^|\/)\.|\.(?:md|png|jpe?g|gif|svg|wav|mp3|mp4|pdf|py|ipynb|gguf|onnx)$/iu.test(
    path,
  );

/** The one GGUF file, or a state dict with what is beside it. */
function chooseFiles(
  name: string,
  files: readonly ListedFile[],
  path: string | undefined,
): readonly (ListedFile & { readonly name: string })[] {
  const folder = path === undefined ? "" : isState(path) ? path.replace(/[^/]*$/u, "") : `${path}/`;
  const below = files
    .filter((file) => file.path.startsWith(folder))
    .map((file) => ({ ...file, name: file.path.slice(folder.length) }));
  if (below.length === 0) {
    throw new FileError("file_not_found", name, "the repository has no such file or folder", {
      remedy: `It has ${files
        .slice(0, 12)
        .map((file) => file.path)
        .join(", ")}`,
    });
  }
  const names = path !== undefined && isState(path) ? [path.slice(folder.length)] : stateNames;
  const state = names
    .map((name) => below.find((file) => file.name === name))
    .find((file) => file !== undefined);
  if (state !== undefined)
    return below.filter((file) => file === state || (!isBeside(file.name) && !isState(file.name)));
  const whole = below.filter((file) => isWhole(file.name));
  if (whole.length === 1) return whole.map((file) => ({ ...file, name: file.name.split("/").at(-1)! }));
  const found = whole.length === 0 ? "no model that can be read" : `${whole.length} models`;
  throw new UsageError("bad_option", name, found, {
    wanted:
      whole.length === 0
        ? "a GGUF file, or model.pt, model.safetensors or model.onnx with what belongs to it"
        : `one of them: ${whole.map((file) => `${name}/${file.path}`).join(", ")}`,
  });
}
