/** The stand-in of the hubs: what it answers, header by header, and its faults. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startHub } from "./hub.ts";
import type { FakeHub, Fault } from "./hub.ts";

const weights = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const sha256 = createHash("sha256").update(weights).digest("hex");
const config = '{"a": 1}\n';
/** `printf '{"a": 1}\n' | git hash-object --stdin` */
const configSha1 = "cb5b2f69babc53f9145b45ad20b9a075d48717ef";

let hub: FakeHub;
beforeEach(async () => {
  hub = await startHub({
    repositories: {
      "owner/name": { files: { "model.gguf": weights, "config.json": config, "sub/deep/x.txt": "x" } },
      "hf:owner/secret": { files: { "model.gguf": weights }, token: "t" },
      "hf:owner/gated": { files: { "model.gguf": weights }, gated: true },
    },
  });
});
afterEach(() => hub[Symbol.asyncDispose]());

const at = (path: string, revision = "main"): string =>
  `${hub.huggingface}/owner/name/resolve/${revision}/${path}`;
const head = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: "HEAD", redirect: "manual", headers });
const bytesOf = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await response.arrayBuffer());

describe("Hugging Face", () => {
  test("redirects a large file to another host, with its sha256, size and commit", async () => {
    const { status, headers } = await head(at("model.gguf"));
    expect(status).toBe(302);
    expect(headers.get("x-linked-etag")).toBe(`"${sha256}"`);
    expect(headers.get("x-linked-size")).toBe("100000");
    expect(headers.get("x-repo-commit")).toMatch(/^[0-9a-f]{40}$/u);
    const location = new URL(headers.get("location") ?? "");
    expect(location.hostname).toBe("localhost");
    expect(new URL(hub.huggingface).hostname).toBe("127.0.0.1");
    expect(await bytesOf(await fetch(location))).toEqual(weights);
  });

  test("sends a small file itself, with git's hash of it", async () => {
    const response = await head(at("config.json"));
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toBe(`"${configSha1}"`);
    expect(response.headers.get("content-length")).toBe(String(config.length));
    expect(await (await fetch(at("config.json"))).text()).toBe(config);
  });

  test("sends ranges, and 416 behind the end", async () => {
    const part = await fetch(at("model.gguf"), { headers: { Range: "bytes=99990-" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 99990-99999/100000"]);
    expect(await bytesOf(part)).toEqual(weights.subarray(99_990));
    const middle = await fetch(at("model.gguf"), { headers: { Range: "bytes=5-9" } });
    expect(await bytesOf(middle)).toEqual(weights.subarray(5, 10));
    const behind = await fetch(at("model.gguf"), { headers: { Range: "bytes=100000-" } });
    expect([behind.status, behind.headers.get("content-range")]).toEqual([416, "bytes */100000"]);
  });

  test("lists a repository with hashes, in the API's two forms", async () => {
    const info = (await (
      await fetch(`${hub.huggingface}/api/models/owner/name/revision/main?blobs=true`)
    ).json()) as {
      sha: string;
      siblings: object[];
    };
    expect(info.sha).toMatch(/^[0-9a-f]{40}$/u);
    expect(info.siblings).toContainEqual({
      rfilename: "config.json",
      size: config.length,
      blobId: configSha1,
    });
    expect(info.siblings).toContainEqual(
      expect.objectContaining({ rfilename: "model.gguf", lfs: { sha256, size: 100_000, pointerSize: 134 } }),
    );
    const tree = (await (
      await fetch(`${hub.huggingface}/api/models/owner/name/tree/main?recursive=true`)
    ).json()) as object[];
    expect(tree).toContainEqual(expect.objectContaining({ type: "directory", path: "sub/deep" }));
    expect(tree).toContainEqual({ type: "file", oid: configSha1, size: config.length, path: "config.json" });
  });

  test.each([
    ["owner/none/resolve/main/a", {}, 401, "RepoNotFound"],
    ["owner/none/resolve/main/a", { authorization: "Bearer t" }, 404, "RepoNotFound"],
    ["owner/name/resolve/v9/config.json", {}, 404, "RevisionNotFound"],
    ["owner/name/resolve/main/none.json", {}, 404, "EntryNotFound"],
    ["owner/gated/resolve/main/model.gguf", {}, 401, "GatedRepo"],
    ["owner/gated/resolve/main/model.gguf", { authorization: "Bearer t" }, 403, "GatedRepo"],
    ["owner/secret/resolve/main/model.gguf", {}, 401, "RepoNotFound"],
    ["owner/secret/resolve/main/model.gguf", { authorization: "Bearer t" }, 302, null],
  ])("answers %s %j with %i %s", async (path, headers, status, code) => {
    const response = await head(`${hub.huggingface}/${path}`, headers as Record<string, string>);
    expect([response.status, response.headers.get("x-error-code")]).toEqual([status, code]);
  });

  test("a new commit moves the branch, and the old one stays", async () => {
    const old = (await head(at("config.json"))).headers.get("x-repo-commit") ?? "";
    const id = hub.push("owner/name", { "config.json": "new" });
    expect((await head(at("config.json"))).headers.get("x-repo-commit")).toBe(id);
    expect(await (await fetch(at("config.json"))).text()).toBe("new");
    expect(await (await fetch(at("config.json", old))).text()).toBe(config);
  });
});

describe("ModelScope", () => {
  test.each([
    "/api/v1/models/owner/name/repo?Revision=master&FilePath=model.gguf",
    "/models/owner/name/resolve/master/model.gguf",
  ])("sends %s by way of its storage", async (path) => {
    expect((await head(hub.modelscope + path)).status).toBe(302);
    expect(await bytesOf(await fetch(hub.modelscope + path))).toEqual(weights);
  });

  test("lists files with sha256", async () => {
    const url = `${hub.modelscope}/api/v1/models/owner/name/repo/files?Revision=master&Recursive=True`;
    const { Code, Data } = (await (await fetch(url)).json()) as { Code: number; Data: { Files: object[] } };
    expect(Code).toBe(200);
    expect(Data.Files).toContainEqual(
      expect.objectContaining({ Path: "model.gguf", Type: "blob", Size: 100_000, Sha256: sha256 }),
    );
    expect(Data.Files).toContainEqual(expect.objectContaining({ Path: "sub", Type: "tree" }));
  });

  test("answers 404 with its code where there is nothing", async () => {
    const response = await fetch(`${hub.modelscope}/api/v1/models/owner/none/repo/files?Revision=master`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ Success: false, Message: "Not found: model owner/none" });
  });
});

describe("faults", () => {
  const first = { Range: "bytes=10-" };
  const meet = async (fault: Fault, headers: Record<string, string> = {}): Promise<Response> => {
    hub.fault({ at: "storage", path: ".gguf", fault });
    return fetch(at("model.gguf"), { headers });
  };

  test("a status, as often as asked for, with Retry-After", async () => {
    hub.fault({ at: "storage", times: 2, fault: { kind: "status", status: 429, retryAfter: "1" } });
    const answers = [
      await fetch(at("model.gguf")),
      await fetch(at("model.gguf")),
      await fetch(at("model.gguf")),
    ];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(answers[0]?.headers.get("retry-after")).toBe("1");
  });

  test("the whole file instead of a range", async () => {
    const response = await meet({ kind: "no range" }, first);
    expect([response.status, (await bytesOf(response)).length]).toEqual([200, 100_000]);
  });

  test("another range", async () => {
    const response = await meet({ kind: "other range", from: 3 }, first);
    expect(response.headers.get("content-range")).toBe("bytes 3-99999/100000");
  });

  test("a connection that ends, before and amid the body", async () => {
    await expect(meet({ kind: "reset" })).rejects.toThrow("fetch failed");
    hub.heal();
    await expect(meet({ kind: "cut", after: 50_000 }).then(bytesOf)).rejects.toThrow("terminated");
    expect(hub.requests.at(-1)).toMatchObject({ server: "storage", sent: 50_000 });
  });

  test("fewer bytes, and wrong ones", async () => {
    expect(await bytesOf(await meet({ kind: "short", bytes: 7 }))).toEqual(weights.subarray(0, 7));
    hub.heal();
    const wrong = await bytesOf(await meet({ kind: "corrupt", at: 5 }));
    expect([...wrong.entries()].filter(([i, byte]) => byte !== weights[i]).map(([i]) => i)).toEqual([5]);
  });

  test("gzip, and a page instead of the file", async () => {
    const zipped = await meet({ kind: "gzip" });
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect(await bytesOf(zipped)).toEqual(weights);
    hub.heal();
    const page = await meet({ kind: "page" }, first);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"]);
  });

  test("slow, endless, and silence", async () => {
    const begun = performance.now();
    await bytesOf(await meet({ kind: "slow", rate: 500_000 }));
    expect(performance.now() - begun).toBeGreaterThan(150);
    hub.heal();
    for (const [fault, least] of [
      [{ kind: "endless" }, 300_000],
      [{ kind: "stall", after: 20_000 }, 20_000],
    ] as const) {
      const abort = new AbortController();
      hub.fault({ at: "storage", fault });
      const response = await fetch(at("model.gguf"), { signal: abort.signal });
      let bytes = 0;
      for await (const piece of response.body ?? []) {
        bytes += (piece as Uint8Array).length;
        if (bytes >= least) break;
      }
      abort.abort();
      expect(bytes).toBeGreaterThanOrEqual(least);
      expect(response.headers.get("content-length")).toBe(fault.kind === "endless" ? null : "100000");
      hub.heal();
    }
  });

  test("addresses that have expired", async () => {
    const location = (await head(at("model.gguf"))).headers.get("location") ?? "";
    hub.expire();
    expect((await fetch(location)).status).toBe(403);
    expect((await fetch(at("model.gguf"))).status).toBe(200);
  });
});

test("every request is recorded with its headers and the bytes sent", async () => {
  await fetch(at("model.gguf"), { headers: { authorization: "Bearer t", Range: "bytes=0-99" } });
  expect(hub.requests.map(({ server, status, sent }) => ({ server, status, sent }))).toEqual([
    { server: "huggingface", status: 302, sent: 0 },
    { server: "storage", status: 206, sent: 100 },
  ]);
  // fetch does not send the token to the other host
  expect(hub.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer t", undefined]);
  expect(hub.sent()).toBe(100);
  hub.forget();
  expect(hub.sent()).toBe(0);
});
