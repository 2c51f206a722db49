/** The commands for activations: dump, diff, patch, ablate and lens. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import type { DiffReport } from "../../src/diff/diff.ts";
import { load } from "../../src/index.ts";

const nano = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const sensevoice = fixture("tiny/sensevoice/sensevoice-bf16.gguf");
const clip = fixture("audio/tiny.wav");
const reference = fixture("reference/fun-asr-nano.safetensors");

let folder: string;
let archive: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "activations-"));
  archive = join(folder, "ours.safetensors");
});
afterAll(() => rm(folder, { recursive: true }));

describe("dump", () => {
  test("lists activations with their shapes, by pattern", async () => {
    const { exitCode, results } = await cli("dump", "--list", "-m", nano, "--stages", "*.tp_norm,lfr");
    expect(exitCode).toBe(0);
    expect(results).toEqual(["lfr                    [T, 560]\naudio_encoder.tp_norm  [T, 32]"]);
  });

  test("writes what the library captures, with the steps", async () => {
    const { exitCode, notes } = await cli("dump", clip, "-m", nano, "-n", "3", "--steps", "-o", archive);
    expect(exitCode).toBe(0);
    expect(notes.at(-1)).toMatch(/^wrote .*ours\.safetensors: \d+ stages, /u);
    const { stages, metadata } = await readArchive(archive);
    using model = await load(nano);
    const run = await model.run(clip, { capture: ["*"], steps: true, maxNewTokens: 3 });
    expect([...stages.keys()]).toEqual([...run.stages.keys()]);
    for (const [name, { shape, values }] of stages) {
      expect({ name, shape, values }).toEqual(run.stages.get(name));
    }
    expect(stages.has("llm.model.layers.0.mlp@2")).toBe(true);
    expect(metadata.get("architecture")).toBe("fun-asr-nano");
    expect(metadata.get("text")).toBe(run.transcription!.text);
  });

  test("leaves no file when it fails", async () => {
    const { exitCode, notes } = await cli("dump", reference, "-m", nano, "-o", join(folder, "none.npz"));
    expect({ exitCode, noteCount: notes.length }).toEqual({ exitCode: 4, noteCount: 1 });
    expect(await readdir(folder)).toEqual(["ours.safetensors"]);
  });

  test.each([[["-o", "x.npz"]], [[clip]], [[clip, "-o", "x.npz", "--stages", "nothing"]]])(
    "refuses %j",
    async (argv) => {
      expect((await cli("dump", "-m", nano, ...argv)).exitCode).toBe(2);
    },
  );
});

describe("diff", () => {
  test("finds no difference from PyTorch, nor from the model itself", async () => {
    for (const path of [reference, archive]) {
      const { exitCode, results } = await cli("diff", path, clip, "-m", nano);
      expect(exitCode).toBe(0);
      expect(results[0]).toMatch(/^raw: all \d+ stages are within .*\nteacher-forced: all \d+ stages/u);
    }
  });

  test("names the stage where a query differs, and exits with 5", async () => {
    // The reference was asked for spoken forms, so its four query rows are others.
    const theirs = fixture("reference/sensevoice.safetensors");
    const { exitCode, results } = await cli("diff", theirs, clip, "-m", sensevoice, "--json");
    expect(exitCode).toBe(5);
    const { raw, teacherForced } = JSON.parse(results[0]!) as DiffReport;
    expect(raw.firstDivergent).toBe("encoder.input");
    expect(teacherForced!.stages.filter(({ problem }) => problem !== undefined)).toMatchObject([
      { name: "encoder.input" },
    ]);
    expect((await cli("diff", theirs, clip, "-m", sensevoice, "--no-itn")).exitCode).toBe(0);
  });

  test("compares backends, with a given tolerance", async () => {
    const argv = ["diff", clip, "-m", nano, "--backend", "wasm", "--against", "cpu"];
    expect((await cli(...argv)).exitCode).toBe(0);
    const { exitCode, results } = await cli(...argv, "--tolerance", "1e-9", "--no-forced");
    expect(exitCode).toBe(5);
    expect(results[0]).toContain("are not within relative L2 1e-9");
  });

  test("compares formats: the coarser, the further away", async () => {
    const argv = ["diff", clip, "-m", nano, "--against", "f32", "--stages", "audio_*,llm.*", "--no-forced"];
    const types = ["--type", "f16", "q8_0", "q4_0", "--backend", "cpu"];
    const { exitCode, results } = await cli(...argv, ...types);
    expect([0, 5]).toContain(exitCode);
    const line = results[0]!.split("\n").find((text) => text.startsWith("llm.model.layers.1 "))!;
    const [f16, q8, q4] = line.split(/\s+/u).slice(1).map(Number) as [number, number, number];
    expect(f16).toBeGreaterThan(q8);
    expect(q8).toBeGreaterThan(q4);
  });

  test.each([
    ["one file", [clip]],
    ["two files and --against", [reference, clip, "--against", "cpu"]],
    ["a format that does not exist", [clip, "--against", "q9"]],
  ])("refuses %s", async (_, argv) => {
    expect((await cli("diff", "-m", nano, ...argv)).exitCode).toBe(2);
  });
});

describe("patch, ablate, lens", () => {
  const text = async (...argv: string[]): Promise<{ text: string; relativeL2?: number }[]> => {
    const { exitCode, results } = await cli(...argv, "-m", nano, "-n", "3", "--json");
    expect(exitCode).toBe(0);
    return JSON.parse(results[0]!) as { text: string; relativeL2?: number }[];
  };

  test("a patch with the run's own values changes nothing", async () => {
    const [before, patched] = await text("patch", clip, "--at", "audio_adaptor", "--from", archive);
    expect(patched).toMatchObject({ text: before!.text, relativeL2: 0 });
  });

  test("removing a head changes the logits; each removes one after the other", async () => {
    const at = "audio_encoder.encoders.0.self_attn";
    const effects = await text("ablate", clip, "--at", at, "--heads", "each");
    expect(effects).toHaveLength(1 + 4);
    for (const { relativeL2 } of effects.slice(1)) expect(relativeL2).toBeGreaterThan(0);
    const [, three] = await text("ablate", clip, "--at", at, "--heads", "3");
    expect(three!.relativeL2).toBe(effects[4]!.relativeL2);
    const [, scaled] = await text("ablate", clip, "--at", at, "--heads", "3", "--scale", "0");
    expect(scaled!.relativeL2).toBe(three!.relativeL2);
  });

  test("the rows of the hotwords are found in the prompt", async () => {
    const argv = ["ablate", clip, "-m", nano, "-n", "3", "--hotwords", "啊", "--hotword-rows"];
    const { exitCode, results } = await cli(...argv);
    expect(exitCode).toBe(0);
    const [, from, to] = /without rows (\d+)-(\d+) of the prompt/u.exec(results[0]!)!.map(Number);
    using model = await load(nano);
    const ids = async (...hotwords: string[]): Promise<number[]> => {
      const stop = { capture: ["prompt.ids"], stopAfter: "prompt.ids" };
      return [...(await model.run(clip, { ...stop, hotwords })).stages.get("prompt.ids")!.values];
    };
    const named = await ids("啊");
    expect(named.toSpliced(from!, to! + 1 - from!)).toEqual(await ids()); // without the rows, the prompt without the words
    expect((await cli("ablate", clip, "-m", nano, "--hotword-rows")).exitCode).toBe(2);
  });

  test("a lens prints a line for each layer", async () => {
    const { exitCode, results } = await cli("lens", clip, "-m", nano, "--of", "ctc");
    expect(exitCode).toBe(0);
    expect(results[0]!.split("\n")).toHaveLength(1 + 5);
  });

  test.each([
    ["patch", [clip, "--at", "audio_adaptor.*", "--from", clip]],
    ["ablate", [clip, "--at", "nowhere"]],
    ["ablate", [clip, "--at", "audio_adaptor", "--frames", "9-x"]],
    ["lens", [clip, "-m", fixture("tiny/paraformer/paraformer-bf16.gguf")]],
  ])("%s refuses %j", async (command, argv) => {
    expect((await cli(command, "-m", nano, ...argv)).exitCode).toBe(2);
  });
});
