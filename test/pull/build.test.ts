/** Models that `pull` makes of their original: downloaded, converted, and only the result is kept. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { convert } from "../../converters/writers/convert.ts";
import { platform } from "../../src/platform/current.ts";
import { pull } from "../../src/pull/index.ts";
import { pullModel } from "../../src/pull/pull-model.ts";
import type { PullProgress } from "../../src/pull/types.ts";
import { load } from "../../src/transcriber/load.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";

const folder = fixture("tiny/fun-asr-nano");
const names = [
  "model.pt",
  "config.yaml",
  "multilingual.tiktoken",
  ...(await readdir(join(folder, "Qwen3-tiny"))).map((name) => `Qwen3-tiny/${name}`),
];
const files = Object.fromEntries(
  await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
);

vi.mock("../../models/registry.json", async () => {
  const { readdirSync } = await import("node:fs");
  const tiny = new URL("../../fixtures/tiny/fun-asr-nano/", import.meta.url);
  const inner = readdirSync(new URL("Qwen3-tiny", tiny)).map((name) => `Qwen3-tiny/${name}`);
  const from = (path: string): object => ({
    role: path === "model.pt" ? "weights" : "config",
    from: [`ms:maker/original/${path}`],
  });
  const model = {
    name: "tiny-nano",
    aliases: ["tiny"],
    title: "Tiny Nano",
    description: "for tests",
    task: "recognition",
    architecture: "fun-asr-nano",
    licenses: [{ name: "MIT", url: "https://example.org/license" }],
    languages: ["zh"],
    abilities: { ctc: true, punctuation: true, times: true, hotwords: true },
    defaultFormat: "q8_0",
    original: ["model.pt", "config.yaml", "multilingual.tiktoken", ...inner].map(from),
    variants: ["q8_0", "bf16"].map((format) => ({
      format,
      memory: 1,
      recipe: { type: format.toUpperCase() },
    })),
  };
  return { default: { version: 1, models: [model] } };
});

const repositories = { "ms:maker/original": { files } };

it("converts the original, and keeps the result only", async () => {
  const { folder: home, env, hub } = await modelsHome(repositories);
  const stages = new Set<PullProgress["stage"]>();
  const model = await pull("tiny", { onProgress: ({ stage }) => stages.add(stage) });
  expect(model.name).toBe("tiny-nano:q8_0");
  expect(model.files.map(({ name }) => name)).toEqual(["tiny-nano-q8_0.gguf"]);
  expect([...stages]).toEqual(expect.arrayContaining(["download", "verify", "convert"]));
  expect(await readdir(join(env.FUN_ASR_HOME, "blobs"))).toEqual([`sha256-${model.files[0]!.sha256}`]);
  expect((await (await platform().openStore()).models()).map(({ name }) => name)).toEqual(["tiny-nano:q8_0"]);

  // the same bytes as `convert` writes of the folder
  await convert(folder, join(home, "by-hand.gguf"), { type: "Q8_0" });
  const byHand = await readFile(join(home, "by-hand.gguf"));
  const built = await readFile(join(env.FUN_ASR_HOME, "blobs", `sha256-${model.files[0]!.sha256}`));
  expect(built.equals(byHand)).toBe(true);
  using loaded = await load("tiny-nano");
  expect(loaded.info).toMatchObject({ ctc: true, source: "tiny-nano-q8_0.gguf" });

  hub.forget();
  await pull("tiny");
  expect(hub.requests).toEqual([]);
});

it("downloads nothing again where the conversion was interrupted", async () => {
  const { env, hub } = await modelsHome(repositories);
  const interrupted = pullModel("tiny", {}, async (_, to) => {
    const { writeFile } = await import("node:fs/promises");
    await writeFile(join(to, "..", ".tiny-nano%3Aq8_0.building.1.tmp"), "left by a process that was killed");
    throw new Error("killed");
  });
  await expect(interrupted).rejects.toThrow("killed");
  hub.forget();
  await expect(load("tiny")).rejects.toMatchObject({ code: "not_installed" });
  await pull("tiny");
  expect(hub.requests.filter(({ sent }) => sent > 0)).toEqual([]);
  expect((await readdir(join(env.FUN_ASR_HOME, "blobs"))).length).toBe(1);
});

it("uses an original in ModelScope's cache in place", async () => {
  const { env, folder: home, hub } = await modelsHome(repositories);
  const { cp } = await import("node:fs/promises");
  const cached = join(home, "modelscope/models/maker--original/snapshots/master");
  await cp(folder, cached, { recursive: true });
  await pull("tiny:bf16");
  expect(hub.requests.filter(({ sent }) => sent > 0)).toEqual([]);
  expect((await readdir(cached)).length).toBeGreaterThan(3);
  expect((await readdir(join(env.FUN_ASR_HOME, "blobs"))).length).toBe(1);
});
