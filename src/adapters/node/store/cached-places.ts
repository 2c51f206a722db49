/**
 * Where the hubs' own clients keep a file in their caches. Everything there is read only. A path is a place to look: whether
 * the bytes are the right ones, their hash decides.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CachedPlace } from "../../../platform/store.ts";
import { huggingFaceCache, modelScopeCache } from "./places.ts";

/** The paths that exist, best first. */
export async function cachedPlaces(place: CachedPlace): Promise<string[]> {
  const paths = place.hub === "huggingface" ? await inHuggingFace(place) : await inModelScope(place);
  const found: string[] = [];
  for (const path of paths) {
    const status = await stat(path).catch(() => undefined);
    if (status?.isFile() === true) found.push(path);
  }
  return found;
}

/** The folder of a repository in Hugging Face's cache. */
export const repositoryFolder = (repository: string): string =>
  join(huggingFaceCache(), `models--${repository.replaceAll("/", "--")}`);

/** The file of the commit, of the branch's commit, then of any other commit. */
async function inHuggingFace({
  repository,
  revision = "main",
  path,
  sha256,
}: CachedPlace): Promise<string[]> {
  const folder = repositoryFolder(repository);
  const commit = await readFile(join(folder, "refs", ...revision.split("/")), "utf8").catch(() => revision);
  const others = sha256 === undefined ? [] : await namesIn(join(folder, "snapshots"));
  const commits = [...new Set([commit.trim(), ...others])];
  // a file of Git LFS is named by its hash there
  const blob = sha256 === undefined ? [] : [join(folder, "blobs", sha256)];
  return [...commits.map((name) => join(folder, "snapshots", name, ...path.split("/"))), ...blob];
}

/** The layout of today's client, then those of its older versions, in which a dot of the name is three underscores. */
async function inModelScope({ repository, revision, path, sha256 }: CachedPlace): Promise<string[]> {
  const cache = modelScopeCache();
  const parts = path.split("/");
  const [owner = "", name = ""] = repository.split("/");
  const snapshots = join(cache, "models", `${owner}--${name}`, "snapshots");
  const wanted = revision ?? "master";
  const others = sha256 === undefined ? [] : await namesIn(snapshots);
  const old = name.replaceAll(".", "___");
  return [
    ...[...new Set([wanted, ...others])].map((version) => join(snapshots, version, ...parts)),
    ...[["hub", "models"], ["models"], ["hub"], []].map((folders) =>
      join(cache, ...folders, owner, old, ...parts),
    ),
  ];
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
