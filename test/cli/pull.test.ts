/** Models by name on the command line: pull, models, and which model is taken where none is named. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { platform } from "../../src/platform/current.ts";
import { pull } from "../../src/pull/index.ts";
import type { ModelStatus } from "../../src/pull/models.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import { cli } from "../helpers/environment/screen.ts";

const tiny = await readFile(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"));
const name = "maker/model/tiny.gguf";
const repositories = { "maker/model": { files: { "tiny.gguf": tiny } } };
const clip = fixture("audio/tiny.wav");

/** Installs the tiny model under a name of the registry. */
async function installAs(...names: readonly string[]): Promise<void> {
  const model = await pull(name);
  const store = await platform().openStore();
  for (const one of names) await store.install({ ...model, name: one });
}

describe("pull", () => {
  it("says what it downloads, shows progress, and what to do next", async () => {
    await modelsHome(repositories);
    const { exitCode, results, notes, progress } = await cli("pull", name, "--from", "hf", "--cache", "own");
    expect(exitCode).toBe(0);
    expect(results).toEqual([expect.stringContaining(`fun-asr -m ${name} FILE`)]);
    expect(notes.join("\n")).toMatch(/tiny\.gguf, \d+ kB: hf:maker\/model/u);
    expect(notes).toContainEqual(expect.stringMatching(/^download: \d+ kB$/u));
    expect(notes).toContainEqual("download tiny.gguf: 100 %");
    expect(progress.filter((line) => line.startsWith("download")).length).toBeGreaterThan(1);
  });

  it("is silent but for the plan with -np", async () => {
    await modelsHome(repositories);
    const { notes, progress } = await cli("pull", name, "-np");
    expect(notes.filter((line) => line.includes("%"))).toEqual([]);
    expect(progress.filter((line) => line !== "")).toEqual([]);
  });

  it("has the licenses of a model of the registry in its first lines", async () => {
    await modelsHome({});
    const { exitCode, notes } = await cli("pull", "fsmn-vad", "--cache", "hf");
    expect(exitCode).toBe(2);
    expect(notes.at(-1)).toContain("[file_not_found]");
  });
});

describe("models", () => {
  it("lists known and installed models", async () => {
    await modelsHome(repositories);
    await installAs("sensevoice-small:q8_0");
    const { results } = await cli("models");
    const lines = results[0]!.split("\n");
    expect(lines.find((line) => line.startsWith("sensevoice-small:q8_0"))).toMatch(/ installed .*\.gguf$/u);
    expect(lines.find((line) => line.startsWith(name))).toMatch(/ installed /u);
    expect(lines.find((line) => line.startsWith("fun-asr-nano:q8_0"))).toMatch(
      / default +2\.13 GB +zh en ja/u,
    );
    const json = JSON.parse((await cli("models", "list", "--json")).results[0]!) as ModelStatus[];
    expect(json.filter(({ installed }) => installed).map((model) => [model.name, model.complete])).toEqual([
      ["sensevoice-small:q8_0", true],
      [name, true],
    ]);
  });

  it("describes, verifies and removes one", async () => {
    const { env } = await modelsHome(repositories);
    await pull(name);
    expect((await cli("models", "info", name)).results[0]).toMatch(/^state +installed$/mu);
    expect((await cli("models", "info", "sensevoice-small")).results[0]).toMatch(/^state +not installed$/mu);
    expect((await cli("models", "verify")).results).toEqual([`${name}  intact`]);
    const sha256 = (await (await platform().openStore()).model(name))!.files[0]!.sha256;
    const path = `${env.FUN_ASR_HOME}/blobs/sha256-${sha256}`;
    const { writeFile } = await import("node:fs/promises");
    await writeFile(path, new Uint8Array(tiny.length));
    const damaged = await cli("models", "verify", name, "--json");
    expect(damaged.exitCode).toBe(3);
    expect(JSON.parse(damaged.results[0]!)).toEqual([
      { name, damaged: [{ file: "tiny.gguf", found: "changed" }] },
    ]);
    expect((await cli("models", "remove", name)).results[0]).toContain("are free again");
    expect((await cli("models", "remove", name)).exitCode).toBe(2);
  });

  it.each([
    [["models", "lst"], "Did you mean list?"],
    [["models", "info", "fun-asr-nan"], "Did you mean fun-asr-nano?"],
    [["models", "remove"], "wanted the name of a model"],
    [["models", "list", "x"], "wanted no name"],
  ])("refuses %j", async (argv, text) => {
    await modelsHome({});
    const { exitCode, notes } = await cli(...argv);
    expect(exitCode).toBe(2);
    expect(notes.join("\n")).toContain(text);
  });
});

describe("the model where none is named", () => {
  const model = async (...argv: string[]): Promise<string> => {
    const { results, notes } = await cli(clip, "--dry-run", ...argv);
    expect(results.length, notes.join("\n")).toBe(1);
    return (JSON.parse(results[0]!) as { model: { source: string } }).model.source;
  };

  it("is the demo model with a note, while none is installed", async () => {
    await modelsHome({});
    const { exitCode, results, notes } = await cli(fixture("audio/demo/en-travel.wav"));
    expect([exitCode, results.length]).toEqual([0, 1]);
    expect(notes).toEqual([expect.stringMatching(/synthetic speech only.*: fun-asr pull fun-asr-nano$/u)]);
    const hindi = await cli(clip, "--dry-run", "-l", "hi");
    expect(hindi.notes).toEqual([expect.stringMatching(/fun-asr pull fun-asr-mlt-nano$/u)]);
    expect((await cli(clip, "--dry-run", "-m", "demo")).notes).toEqual([]);
  });

  it("is the best installed one for the language", async () => {
    await modelsHome(repositories);
    await installAs("sensevoice-small:q8_0", "fun-asr-mlt-nano:f16", "fsmn-vad:f32");
    expect(await model()).toBe("tiny.gguf");
    expect(await model("-l", "yue", "-m", "auto")).toBe("tiny.gguf");
    expect(await model("-m", "sensevoice-small")).toBe("tiny.gguf");
    expect((await cli(clip, "--dry-run")).notes).toEqual([]);
  });

  it("is refused where installed ones do not know the language", async () => {
    await modelsHome(repositories);
    await installAs("sensevoice-small:q8_0");
    const { exitCode, notes } = await cli(clip, "-l", "Hindi");
    expect(exitCode).toBe(2);
    expect(notes.join("\n")).toContain("Run `fun-asr pull fun-asr-mlt-nano`");
  });
});

describe("names of models", () => {
  it("are taken by inspect, convert, compare and --vad", async () => {
    const { folder } = await modelsHome({
      ...repositories,
      "maker/vad": { files: { "vad.gguf": await readFile(fixture("tiny/fsmn-vad/fsmn-vad.gguf")) } },
    });
    await pull(name);
    await pull("maker/vad");
    expect((await cli("inspect", name)).exitCode).toBe(0);
    expect((await cli("convert", name, "-o", `${folder}/copy.gguf`)).exitCode).toBe(0);
    expect((await cli("compare", name, `${folder}/copy.gguf`)).exitCode).toBe(0);
    const vad = await cli(clip, "-m", name, "--vad", "maker/vad", "-n", "4");
    expect(vad.exitCode).toBe(0);
    const missing = await cli(clip, "-m", name, "--vad", "fsmn-vad");
    expect(missing.notes.join("\n")).toContain("Run `fun-asr pull fsmn-vad`");
    expect((await cli("inspect", "fun-asr-nano")).notes.join("\n")).toContain("[not_installed]");
  });
});

it.each([
  ["transcrbe", "Did you mean fun-asr transcribe?"],
  ["modles", "Did you mean fun-asr models?"],
  ["xyzzy", "`fun-asr --help` lists the commands"],
])("the command %s is refused: %s", async (word, text) => {
  const { exitCode, notes } = await cli(word, clip);
  expect(exitCode).toBe(2);
  expect(notes).toEqual([expect.stringContaining(text)]);
});
