/** Hugging Face's addresses: files, and what its API says of repositories. */
import type { Exchange, Hubs } from "./exchange.ts";
import { gitSha1 } from "./repositories.ts";
import type { Commit, Repository, StoredFile } from "./repositories.ts";

const file = /^\/(?<id>[^/]+\/[^/]+)\/resolve\/(?<revision>[^/]+)\/(?<path>.+)$/u;
const info = /^\/api\/models\/(?<id>[^/]+\/[^/]+?)(?:\/revision\/(?<revision>[^/]+))?$/u;
const tree = /^\/api\/models\/(?<id>[^/]+\/[^/]+)\/tree\/(?<revision>[^/]+)(?:\/(?<path>.+))?$/u;

export async function answerHuggingFace(exchange: Exchange, hubs: Hubs): Promise<void> {
  const { pathname } = exchange.url;
  const asFile = file.exec(pathname)?.groups;
  if (asFile !== undefined) {
    const { id = "", revision = "", path = "" } = asFile;
    return answerFile(exchange, hubs, { id, revision: decoded(revision), path: decoded(path) });
  }
  const { id = "", revision = "main", path } = (tree.exec(pathname) ?? info.exec(pathname))?.groups ?? {};
  const found = find(exchange, hubs, id, decoded(revision));
  if (found === undefined || (await exchange.fails("api", pathname))) return;
  const { commit } = found;
  if (tree.test(pathname))
    exchange.json(treeOf(commit.files, exchange, path), linkToNext(exchange, commit.files));
  else exchange.json(infoOf(id, commit, exchange.url.searchParams.has("blobs")));
}

interface Found {
  readonly repository: Repository;
  readonly commit: { readonly id: string; readonly files: Commit };
}

/** Answers with the hub's error where there is no such repository or revision, or it may not be seen. */
function find(exchange: Exchange, hubs: Hubs, id: string, revision: string): Found | undefined {
  const repository = hubs.repository("huggingface", id);
  const refuse = (status: number, code: string, message: string): undefined => {
    exchange.json({ error: message }, { "X-Error-Code": code, "X-Error-Message": message }, status);
    return undefined;
  };
  if (repository === undefined || (repository.token !== undefined && repository.token !== exchange.token)) {
    // without a token the hub does not tell whether there is a repository
    return exchange.token === undefined
      ? refuse(401, "RepoNotFound", "Invalid username or password.")
      : refuse(404, "RepoNotFound", "Repository not found");
  }
  const commit = repository.find(revision);
  return commit === undefined
    ? refuse(404, "RevisionNotFound", `Invalid rev id: ${revision}`)
    : { repository, commit };
}

async function answerFile(
  exchange: Exchange,
  hubs: Hubs,
  { id, revision, path }: { readonly id: string; readonly revision: string; readonly path: string },
): Promise<void> {
  const found = find(exchange, hubs, id, revision);
  if (found === undefined) return;
  const { commit, repository } = found;
  const commitHeader = { "X-Repo-Commit": commit.id };
  const refuse = (status: number, code: string, message: string): void =>
    exchange.json(
      { error: message },
      { ...commitHeader, "X-Error-Code": code, "X-Error-Message": message },
      status,
    );
  if (repository.gated)
    return refuse(
      exchange.token === undefined ? 401 : 403,
      "GatedRepo",
      `Access to model ${id} is restricted`,
    );
  const stored = commit.files.get(path);
  if (stored === undefined) return refuse(404, "EntryNotFound", "Entry not found");
  if (!stored.lfs) {
    const headers = { ...commitHeader, ETag: `"${stored.gitSha1}"` };
    return exchange.file("file", path, stored.bytes, headers);
  }
  if (await exchange.fails("file", path)) return;
  exchange.redirect(hubs.storageUrl(stored, exchange.hub), {
    ...commitHeader,
    "X-Linked-Etag": `"${stored.sha256}"`,
    "X-Linked-Size": stored.bytes.length,
    "Accept-Ranges": "bytes",
    ...(hubs.xet ? { "X-Xet-Hash": stored.sha256 } : {}),
  });
}

function infoOf(id: string, { id: sha, files }: Found["commit"], blobs: boolean): object {
  const siblings = [...files.values()].map((stored) => ({
    rfilename: stored.path,
    ...(blobs ? { size: stored.bytes.length, blobId: stored.gitSha1, ...lfsOf(stored, "sha256") } : {}),
  }));
  return {
    _id: "0",
    id,
    modelId: id,
    sha,
    private: false,
    gated: false,
    disabled: false,
    tags: [],
    downloads: 0,
    likes: 0,
    siblings,
  };
}

const lfsOf = ({ lfs, sha256, bytes }: StoredFile, name: "oid" | "sha256"): object =>
  lfs ? { lfs: { [name]: sha256, size: bytes.length, pointerSize: 134 } } : {};

const pageBytes = 50;

/** One page of the tree: files, and the folders that they are in. */
function treeOf(files: Commit, { url }: Exchange, folder = ""): object[] {
  const start = Number(url.searchParams.get("cursor") ?? 0);
  const inside = folder === "" ? "" : `${decoded(folder)}/`;
  const deep = /^(?:true|1)$/iu.test(url.searchParams.get("recursive") ?? "");
  const listed = [...files.values()].filter(({ path }) => path.startsWith(inside));
  const shown = listed.filter(({ path }) => deep || !path.slice(inside.length).includes("/"));
  const folders = new Set(listed.flatMap(({ path }) => parents(path.slice(inside.length), deep)));
  return [
    ...[...folders].map((path) => ({
      type: "directory",
      oid: gitSha1(new Uint8Array()),
      size: 0,
      path: inside + path,
    })),
    ...shown.map((stored) => ({
      type: "file",
      oid: stored.gitSha1,
      size: stored.bytes.length,
      path: stored.path,
      ...lfsOf(stored, "oid"),
    })),
  ].slice(start, start + pageBytes);
}

function parents(path: string, deep: boolean): string[] {
  const parts = path.split("/").slice(0, -1);
  const all = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
  return deep ? all : all.slice(0, 1);
}

/** The hub lists long trees in pages, and names the next one in `Link`. */
function linkToNext(exchange: Exchange, files: Commit): Record<string, string> {
  const next = new URL(exchange.url);
  const start = Number(next.searchParams.get("cursor") ?? 0) + pageBytes;
  if (files.size <= start) return {};
  next.searchParams.set("cursor", String(start));
  return { Link: `<${next.href}>; rel="next"` };
}

function decoded(text: string): string {
  return decodeURIComponent(text);
}
