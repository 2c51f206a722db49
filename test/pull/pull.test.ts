/** What a pull takes from where: tokens, mirrors, offline work, two processes, disk space. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { cp, mkdir, readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { FunAsrError } from "../../src/errors.ts";
import { withInstalled } from "../../src/installed/replace.ts";
import { platform } from "../../src/platform/current.ts";
import { pull } from "../../src/pull/index.ts";
import { verifyModels } from "../../src/pull/models.ts";
import { load } from "../../src/transcriber/load.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import type { Home } from "../helpers/environment/models-home.ts";

const tiny = await readFile(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"));
const name = "maker/model/tiny.gguf";
const repositories = { "maker/model": { files: { "tiny.gguf": tiny } } };

/** Bytes of models that the stand-in has sent. */
const sent = ({ hub }: Home): number => hub.requests.reduce((sum, request) => sum + request.sent, 0);

async function place(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

describe("where files come from", () => {
  it("is ModelScope where Hugging Face does not answer", async () => {
    const { hub } = await modelsHome(repositories);
    hub.fault({ at: "file", hub: "huggingface", fault: { kind: "reset" } });
    const { source } = await pull(name);
    expect(source).toMatch(/^ms:/u);
  });

  it("is another hub for the rest, where the first breaks off for good", async () => {
    const home = await modelsHome(repositories);
    home.hub.fault({ at: "storage", hub: "huggingface", times: 1, fault: { kind: "cut", after: 50_000 } });
    home.hub.fault({ at: "storage", hub: "huggingface", fault: { kind: "status", status: 503 } });
    await pull(name);
    // what the first had sent is not sent again by the second
    const second = home.hub.requests.filter(({ url }) => url.includes("/modelscope/"));
    expect(second.map(({ headers }) => headers.range)).toEqual([expect.stringMatching(/^bytes=[1-9]/u)]);
    expect(sent(home)).toBeLessThan(tiny.length + 2 ** 16);
  });

  it("is a mirror that is named, which gets no token", async () => {
    const { hub } = await modelsHome(repositories);
    vi.stubEnv("HF_TOKEN", "hf_secret");
    vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9");
    await pull(name, { from: `${hub.huggingface}/` });
    expect(hub.requests.length).toBeGreaterThan(0);
    expect(hub.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    vi.unstubAllEnvs();
  });

  it("is refused where a name is no hub", async () => {
    await modelsHome(repositories);
    await expect(pull(name, { from: "ollama" })).rejects.toMatchObject({ code: "bad_option", where: "from" });
  });

  it("is nowhere, offline", async () => {
    const { hub } = await modelsHome(repositories, { offline: true });
    for (const one of [name, "maker/model", "https://127.0.0.1:9/a.gguf", "fun-asr-nano"])
      await expect(pull(one)).rejects.toMatchObject({ code: "offline" });
    expect(hub.requests).toEqual([]);
  });
});

describe("a token", () => {
  const secret = { "maker/model": { files: { "tiny.gguf": tiny }, token: "hf_secret" } };

  it("goes to the hub and not to the host of the bytes", async () => {
    const { hub } = await modelsHome(secret);
    vi.stubEnv("HF_TOKEN", "hf_secret");
    await pull(`hf:${name}`);
    vi.unstubAllEnvs();
    const told = hub.requests.map(({ server, headers }) => [server, headers.authorization] as const);
    expect(told).toContainEqual(["huggingface", "Bearer hf_secret"]);
    expect(told).toContainEqual(["storage", undefined]);
    expect(told.filter(([server, token]) => server !== "huggingface" && token !== undefined)).toEqual([]);
    expect(hub.requests.filter(({ url }) => url.includes("secret"))).toEqual([]);
  });

  it("is read from the file of Hugging Face's own login", async () => {
    const { folder } = await modelsHome(secret);
    await place(join(folder, "huggingface/token"), "hf_secret\n");
    expect((await pull(`hf:${name}`)).files.length).toBe(1);
  });

  it("is a cookie of ModelScope", async () => {
    const { hub } = await modelsHome(secret);
    vi.stubEnv("MODELSCOPE_API_TOKEN", "hf_secret");
    await pull(`ms:${name}`);
    vi.unstubAllEnvs();
    const storage = hub.requests.filter(({ server }) => server === "storage");
    expect(storage.map(({ headers }) => headers.cookie)).toEqual([undefined]);
  });

  it("that is missing gives one error that names the variable", async () => {
    await modelsHome(secret);
    const error = await pull(`hf:${name}`).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: expect.stringMatching(/access_denied|file_not_found/u) });
  });
});

describe("names", () => {
  it("of files that exist come first", async () => {
    await modelsHome(repositories);
    const folder = fixture("tiny/fun-asr-nano");
    expect(await withInstalled(folder)).toEqual({ sources: [folder] });
  });

  it.each([
    ["fun-asr-nano", "not_installed", /Run `fun-asr pull fun-asr-nano`/u],
    ["maker/model", "not_installed", /Run `fun-asr pull maker\/model`/u],
    ["fun-asr-nanoo", "file_not_found", /Did you mean fun-asr-nano/u],
    ["fun-asr-nano:q9", "bad_option", /fun-asr-nano:q8_0/u],
  ])("%s without a model: %s", async (one, code, text) => {
    await modelsHome(repositories);
    const error = await load(one).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(String(error)).toMatch(text);
  });

  it("that no model has are refused by pull with the nearest", async () => {
    await modelsHome(repositories);
    await expect(pull("sensvoice-small")).rejects.toMatchObject({
      code: "unknown_model",
      remedy: expect.stringContaining("sensevoice-small"),
    });
    await expect(pull("maker/nothing")).rejects.toMatchObject({ code: "file_not_found" });
  });

  it("of a repository with several models are refused with the list", async () => {
    await modelsHome({ "maker/two": { files: { "a.gguf": tiny, "b.gguf": tiny } } });
    await expect(pull("maker/two")).rejects.toThrow(/maker\/two\/a\.gguf, maker\/two\/b\.gguf/u);
  });
});

it("refuses a server that names files outside of the model's folder", async () => {
  const { folder } = await modelsHome({
    "hf:maker/evil": {
      files: {
        "model.pt": tiny,
        "config.yaml": "x",
        "../evil.yaml": "x",
        [String.raw`a\..\evil.yaml`]: "x",
      },
    },
  });
  await expect(pull("hf:maker/evil")).rejects.toMatchObject({ code: "download_failed" });
  expect((await readdir(folder, { recursive: true })).filter((path) => path.includes("evil.yaml"))).toEqual(
    [],
  );
});

it.each(["https://", "https://%", "https://127.0.0.1:9/%E0%A4%A"])("refuses the address %s", async (one) => {
  await modelsHome({});
  await expect(pull(one)).rejects.toBeInstanceOf(FunAsrError);
});

it("does not begin where the disk has too little space", async () => {
  const { hub } = await modelsHome(repositories);
  const store = { ...(await platform().openStore()), freeBytes: async () => 1000 };
  await expect(pull(name, { store })).rejects.toMatchObject({ code: "disk_full" });
  expect(hub.requests.filter(({ server }) => server === "storage")).toEqual([]);
});

it("lets a process wait for another that downloads the same, and takes over where that one is killed", async () => {
  const home = await modelsHome(repositories);
  home.hub.fault({ at: "storage", times: 1, fault: { kind: "stall", after: 100_000 } });
  const root = new URL("../../dist/src", import.meta.url).href;
  const program = `
    const { installNode } = await import(${JSON.stringify(`${root}/adapters/node/install.js`)});
    const { pull } = await import(${JSON.stringify(`${root}/pull/index.js`)});
    installNode();
    await pull(${JSON.stringify(name)}, { onProgress: ({ stage }) => { if (stage === "wait") console.log("waits"); } });
    console.log("done");`;
  const start = (): ChildProcess =>
    spawn(process.execPath, ["--input-type=module", "-e", program], {
      env: { ...process.env, ...home.env },
      stdio: ["ignore", "pipe", "inherit"],
    });
  const first = start();
  while (!home.hub.requests.some(({ server }) => server === "storage")) await sleep(20);
  const second = start();
  const said: string[] = [];
  for await (const text of second.stdout!) {
    said.push(...String(text).trim().split("\n"));
    if (said.includes("waits")) first.kill("SIGKILL");
  }
  expect(said).toEqual(["waits", "done"]);
  const storage = home.hub.requests.filter(({ server }) => server === "storage");
  expect(storage.map(({ headers }) => headers.range)).toEqual([undefined, expect.stringMatching(/^bytes=/u)]);
  expect(await verifyModels(name)).toEqual([{ name, damaged: [] }]);
});

it.each([name, "maker/model"])(
  "writes Hugging Face's layout with the cache hf: a link of the snapshot to a blob, and the ref: %s",
  async (one) => {
    const { folder, env } = await modelsHome(repositories);
    const { files } = await pull(`hf:${one}`, { cache: "hf" });
    const repository = join(folder, "huggingface/hub/models--maker--model");
    const commit = await readFile(join(repository, "refs/main"), "utf8");
    expect(commit).toMatch(/^[0-9a-f]{40}$/u);
    const snapshot = join(repository, "snapshots", commit, "tiny.gguf");
    expect(files[0]!.cachedAt).toBe(snapshot);
    expect(await readlink(snapshot)).toBe(`../../blobs/${files[0]!.sha256}`);
    expect(await readdir(join(repository, "blobs"))).toEqual([files[0]!.sha256]);
    expect(await readdir(join(env.FUN_ASR_HOME, "blobs")).catch(() => [])).toEqual([]);
    // a cache that was moved still fits: its links are relative
    await cp(join(folder, "huggingface"), join(folder, "moved"), { recursive: true, verbatimSymlinks: true });
    expect(
      (await stat(join(folder, "moved/hub/models--maker--model/snapshots", commit, "tiny.gguf"))).size,
    ).toBe(tiny.length);
  },
);
