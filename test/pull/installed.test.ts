/** Installed models: found, loaded, repaired, listed and removed. */
import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findInstalled } from "../../src/installed/find.ts";
import { platform } from "../../src/platform/current.ts";
import { models, pull } from "../../src/pull/index.ts";
import { findEntry } from "../../src/registry/index.ts";
import { removeModel, verifyModels } from "../../src/pull/models.ts";
import { load } from "../../src/transcriber/load.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";

const tiny = await readFile(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"));
const name = "maker/model/tiny.gguf";
const repositories = { "maker/model": { files: { "tiny.gguf": tiny } } };

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
    expect((await (await platform().openStore()).model(name))?.files[0]?.stamp.changed).toBe(1000);
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
      await using partial = await (await platform().openStore()).openPartial(`sha256-${file!.sha256}`);
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
