/** ModelScope's addresses: files, and lists of them with their hashes. */
import type { Exchange, Hubs } from "./exchange.ts";
import type { Commit, Repository } from "./repositories.ts";

const api = /^\/api\/v1\/models\/(?<id>[^/]+\/[^/]+?)(?:\/(?<what>repo\/files|repo|revisions))?$/u;
const resolve = /^\/models\/(?<id>[^/]+\/[^/]+)\/resolve\/(?<revision>[^/]+)\/(?<path>.+)$/u;

export async function answerModelScope(exchange: Exchange, hubs: Hubs): Promise<void> {
  const { pathname, searchParams } = exchange.url;
  const direct = resolve.exec(pathname)?.groups;
  if (direct !== undefined) {
    const { id = "", revision = "", path = "" } = direct;
    return answerFile(exchange, hubs, id, decodeURIComponent(revision), decodeURIComponent(path));
  }
  const { id = "", what } = api.exec(pathname)?.groups ?? {};
  const revision = searchParams.get("Revision") ?? "master";
  if (what === "repo") return answerFile(exchange, hubs, id, revision, searchParams.get("FilePath") ?? "");
  const found = find(exchange, hubs, id, revision);
  if (found === undefined || (await exchange.fails("api", pathname))) return;
  if (what === "repo/files") {
    const root = searchParams.get("Root") ?? "";
    const deep = /^true$/iu.test(searchParams.get("Recursive") ?? "");
    exchange.json(success({ Files: listOf(found.files, found.id, root, deep) }));
  } else if (what === "revisions") {
    exchange.json(success({ RevisionMap: { Branches: [{ Revision: "master" }], Tags: [] } }));
  } else exchange.json(success({ Id: 1, Name: id.split("/")[1], Path: id.split("/")[0] }));
}

const success = (data: object): object => ({
  Code: 200,
  Data: data,
  Message: "success",
  RequestId: "0",
  Success: true,
});

const failure = (code: number, message: string): object => ({
  Code: code,
  Message: message,
  RequestId: "0",
  Success: false,
});

function find(exchange: Exchange, hubs: Hubs, id: string, revision: string): ReturnType<Repository["find"]> {
  const repository = hubs.repository("modelscope", id);
  if (repository === undefined || (repository.token !== undefined && repository.token !== exchange.token)) {
    exchange.json(failure(10_010_205_001, `Not found: model ${id}`), {}, 404);
    return undefined;
  }
  if (repository.gated) {
    exchange.json(failure(10_010_205_002, "No permission"), {}, 403);
    return undefined;
  }
  const commit = repository.find(revision);
  if (commit === undefined) exchange.json(failure(10_010_205_003, `Revision ${revision} not found`), {}, 404);
  return commit;
}

async function answerFile(
  exchange: Exchange,
  hubs: Hubs,
  id: string,
  revision: string,
  path: string,
): Promise<void> {
  const commit = find(exchange, hubs, id, revision);
  if (commit === undefined) return;
  const stored = commit.files.get(path);
  if (stored === undefined) return exchange.json(failure(10_010_205_004, `File ${path} not found`), {}, 404);
  if (!stored.lfs) return exchange.file("file", path, stored.bytes, { ETag: `"${stored.sha256}"` });
  if (await exchange.fails("file", path)) return;
  exchange.redirect(hubs.storageUrl(stored, exchange.hub), { "X-Linked-ETag": `"${stored.sha256}"` });
}

function listOf(files: Commit, revision: string, root: string, deep: boolean): object[] {
  const inside = root === "" || root === "/" ? "" : `${root.replace(/\/$/u, "")}/`;
  const listed = [...files.values()].filter(({ path }) => path.startsWith(inside));
  const blobs = listed.filter(({ path }) => deep || !path.slice(inside.length).includes("/"));
  const folders = new Set(
    listed.flatMap(({ path }) =>
      path
        .split("/")
        .slice(0, -1)
        .map((_, i, parts) => parts.slice(0, i + 1).join("/")),
    ),
  );
  return [
    ...[...folders].map((path) => ({
      Name: path.split("/").at(-1),
      Path: path,
      Type: "tree",
      Size: 0,
      Sha256: "",
      Revision: revision,
    })),
    ...blobs.map(({ path, bytes, sha256, lfs }) => ({
      Name: path.split("/").at(-1),
      Path: path,
      Type: "blob",
      Size: bytes.length,
      Sha256: sha256,
      IsLFS: lfs,
      Revision: revision,
    })),
  ];
}
