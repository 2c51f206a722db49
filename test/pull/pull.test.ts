/** What a pull takes from where: caches of the hubs' own clients, tokens, mirrors, offline work, two processes, disk space. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { cp, mkdir, readdir, readFile, readlink, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { FunAsrError } from "../../src/errors.ts";
import { findInstalled } from "../../src/installed/find.ts";
import { platform } from "../../src/platform/current.ts";
import { models, pull } from "../../src/pull/index.ts";
import { findEntry } from "../../src/registry/index.ts";
import { removeModel, verifyModels } from "../../src/pull/models.ts";
import { load } from "../../src/transcriber/load.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import type { Home } from "../helpers/environment/models-home.ts";

const tiny = await readFile(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"));
const name = "maker/model/tiny.gguf";
const repositories = { "maker/model": { files: { "tiny.gguf": tiny } } };

/** Bytes of models that the stand-in has sent. */
const sent = ({ hub }: Home): number => hub.requests.reduce((sum, request) => sum + request.sent, 0);

/** Everything below a folder, with what would show a change. */
async function listing(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const lines = names.map(async (path) => {
    const { size, mtimeMs, ino } = await stat(join(folder, path));
    return `${path} ${size} ${mtimeMs} ${ino}`;
  });
  return (await Promise.all(lines)).toSorted();
}

async function place(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

describe("files in the caches of the hubs' own clients", () => {
  const revision = "1".repeat(40);
  const places: readonly (readonly [string, string, string])[] = [
    [
      "Hugging Face's snapshots",
      "hf",
      `huggingface/hub/models--maker--model/snapshots/${revision}/tiny.gguf`,
    ],
    ["ModelScope's snapshots", "modelscope", "modelscope/models/maker--model/snapshots/master/tiny.gguf"],
    ["ModelScope's older layout", "modelscope", "modelscope/hub/models/maker/model/tiny.gguf"],
    ["ModelScope's oldest layout", "modelscope", "modelscope/hub/maker/model/tiny.gguf"],
  ];
  it.each(places)("%s: are used in place, and stay as they are", async (_, from, path) => {
    const home = await modelsHome(repositories);
    await place(join(home.folder, path), tiny);
    await place(join(home.folder, "huggingface/hub/models--maker--model/refs/main"), revision);
    const before = await listing(home.folder);
    const model = await pull(name, { from });
    expect(model.files.map(({ cachedAt }) => cachedAt)).toEqual([join(home.folder, path)]);
    expect(sent(home)).toBe(0);
    const after = await listing(home.folder);
    expect(after.filter((line) => !line.startsWith("fun-asr"))).toEqual(before);
    await removeModel(name);
    expect((await stat(join(home.folder, path))).size).toBe(tiny.length);
  });

  it("are not used where their bytes differ", async () => {
    const home = await modelsHome(repositories);
    const wrong = Buffer.from(tiny);
    wrong[5000]! ^= 1;
    await place(join(home.folder, "modelscope/hub/models/maker/model/tiny.gguf"), wrong);
    const model = await pull(`ms:${name}`);
    expect(model.files[0]!.cachedAt).toBeUndefined();
    expect(sent(home)).toBe(tiny.length);
  });

  it("are found by load without a pull, offline too", async () => {
    const home = await modelsHome(repositories, { offline: true });
    const path = join(home.folder, "huggingface/hub/models--maker--model/snapshots", revision, "tiny.gguf");
    await place(path, tiny);
    await place(join(home.folder, "huggingface/hub/models--maker--model/refs/main"), revision);
    expect(await findInstalled(name)).toEqual({ paths: [path] });
    expect(home.hub.requests).toEqual([]);
  });
});

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

describe("an installed model", () => {
  it("is not asked for again", async () => {
    const { hub } = await modelsHome(repositories);
    const first = await pull(name);
    hub.forget();
    expect(await pull(name)).toEqual(first);
    expect(hub.requests).toEqual([]);
  });

  it("loads by its name, and transcribes as its file does", async () => {
    await modelsHome(repositories);
    await pull(name);
    using named = await load(name);
    using plain = await load(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"));
    const options = { maxNewTokens: 8 };
    const audio = fixture("audio/tiny.wav");
    expect((await named.transcribe(audio, options)).text).toBe((await plain.transcribe(audio, options)).text);
    expect(named.info.source).toBe("tiny.gguf");
  });

  it("is a folder where it is a model.pt with what belongs to it", async () => {
    const folder = fixture("tiny/fun-asr-nano");
    const names = ["model.pt", "config.yaml", "multilingual.tiktoken"];
    const inner = (await readdir(join(folder, "Qwen3-tiny"))).map((file) => `Qwen3-tiny/${file}`);
    const files = Object.fromEntries(
      await Promise.all([...names, ...inner].map(async (file) => [file, await readFile(join(folder, file))])),
    );
    await modelsHome({ "maker/original": { files: { ...files, "README.md": "x", "fig/a.png": "x" } } });
    const model = await pull("maker/original");
    expect(model.files.map((file) => file.name).toSorted()).toEqual(Object.keys(files).toSorted());
    using loaded = await load("maker/original");
    expect(loaded.info.naming).toContain("FunASR");
  });

  it("is refused where a small file, which has no SHA-256 on the hub, has another byte", async () => {
    const { hub } = await modelsHome({
      "hf:maker/small": { files: { "model.pt": tiny, "config.yaml": "model: x" } },
    });
    hub.fault({ at: "file", method: "GET", path: "config.yaml", fault: { kind: "corrupt", at: 3 } });
    await expect(pull("hf:maker/small")).rejects.toMatchObject({ code: "download_mismatch" });
    hub.heal();
    expect((await pull("hf:maker/small")).files.map((file) => file.name).toSorted()).toEqual([
      "config.yaml",
      "model.pt",
    ]);
  });

  it("is refused where its file is gone or another one, and repaired by a pull", async () => {
    const { env } = await modelsHome(repositories);
    const { files } = await pull(name);
    const blob = join(env.FUN_ASR_HOME, "blobs", `sha256-${files[0]!.sha256}`);
    const wrong = Buffer.from(tiny);
    wrong[5000]! ^= 1;
    await writeFile(blob, wrong);
    await expect(load(name)).rejects.toMatchObject({
      code: "not_installed",
      remedy: `Run \`fun-asr pull ${name}\``,
    });
    await pull(name);
    expect((await readFile(blob)).equals(tiny)).toBe(true);
    await rm(blob);
    await expect(load(name)).rejects.toMatchObject({ code: "not_installed" });
    await pull(name);
    expect(await verifyModels(name)).toEqual([{ name, damaged: [] }]);
  });

  it("is hashed again where its file was touched, and then not any more", async () => {
    const { env } = await modelsHome(repositories);
    const { files } = await pull(name);
    await utimes(join(env.FUN_ASR_HOME, "blobs", `sha256-${files[0]!.sha256}`), 1, 1);
    expect((await findInstalled(name))?.paths.length).toBe(1);
    expect((await platform().openStore().model(name))?.files[0]?.stamp.changed).toBe(1000);
  });

  it("is listed, and removed with its bytes", async () => {
    const { env } = await modelsHome(repositories);
    await pull(name);
    const listed = (await models()).find((model) => model.name === name);
    expect(listed).toMatchObject({ installed: true, complete: true, bytes: tiny.length });
    expect(await removeModel(name)).toBe(tiny.length);
    expect(await readdir(join(env.FUN_ASR_HOME, "blobs"))).toEqual([]);
    await expect(removeModel(name)).rejects.toMatchObject({ code: "not_installed" });
  });

  it("is removed where its pull was not finished", async () => {
    const { env } = await modelsHome({});
    const [file] = findEntry("fsmn-vad")!.variants[0]!.files;
    {
      await using partial = await platform().openStore().openPartial(`sha256-${file!.sha256}`);
      await partial.append(new Uint8Array(1000));
    }
    expect(await removeModel("fsmn-vad")).toBe(1000);
    expect(await readdir(join(env.FUN_ASR_HOME, "blobs"))).toEqual([]);
    await expect(removeModel("fsmn-vad")).rejects.toMatchObject({ code: "not_installed" });
  });

  it("keeps bytes that another model needs", async () => {
    await modelsHome({ ...repositories, "maker/twin": { files: { "tiny.gguf": tiny } } });
    await pull(name);
    await pull("maker/twin/tiny.gguf");
    expect(await removeModel(name)).toBe(0);
    expect((await findInstalled("maker/twin/tiny.gguf"))?.paths.length).toBe(1);
  });
});

describe("names", () => {
  it("of files that exist come first", async () => {
    await modelsHome(repositories);
    expect(await findInstalled(fixture("tiny/fun-asr-nano"))).toBeUndefined();
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
  const store = { ...platform().openStore(), freeBytes: async () => 1000 };
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
