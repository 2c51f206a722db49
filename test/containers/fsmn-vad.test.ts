/**
 * FSMN-VAD in every container: the published form of a folder, and FunASR's own ONNX export, are the official GGUF.
 * fixtures/reference/make_fsmn_vad_folder.py wrote them.
 */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compareModels } from "../../converters/compare.ts";
import { openModel } from "../../src/containers/open-paths.ts";
import { detectSpeech } from "../../src/index.ts";
import { normals } from "../helpers/builders/random.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const folder = fixture("tiny/fsmn-vad");
const official = join(folder, "fsmn-vad.gguf");

/** Copies of files of the model, with other text in place of some of config.yaml's. */
async function copyOf(files: readonly string[], from = "", to = ""): Promise<string> {
  const copy = await temporaryFolder();
  for (const file of files) await copyFile(join(folder, file), join(copy, file));
  if (from !== "") {
    const config = await readFile(join(folder, "config.yaml"), "utf8");
    expect(config).toContain(from);
    await writeFile(join(copy, "config.yaml"), config.replace(from, to));
  }
  return copy;
}

async function expectOfficial(place: string): Promise<void> {
  await using model = await openModel([place]);
  await using expected = await openModel([official]);
  const { tensors, keys } = await compareModels(model, expected);
  expect(tensors).toHaveLength(26);
  expect(tensors.filter(({ maxAbs }) => maxAbs !== 0)).toEqual([]);
  // which the official file leaves to the program
  expect(keys.map(({ key }) => key.replace("fsmn-vad.frontend.", "")).toSorted()).toEqual(
    ["general.name", "sample_rate", "frame_length_ms", "frame_shift_ms", "window"].toSorted(),
  );
}

describe("the weights", () => {
  it.each(["", "model.pt", "model.onnx"])("are those of the official file: the folder, %s", async (file) => {
    await expectOfficial(join(folder, file));
  });

  it.each([
    ["a folder with the export alone", ["model.onnx", "am.mvn", "config.yaml"]],
    ["without config.yaml", ["model.onnx", "am.mvn"]],
    ["model.pt without config.yaml", ["model.pt", "am.mvn"]],
  ])("are there in %s", async (_, files) => {
    await expectOfficial(await copyOf(files));
  });

  it("are recognized beside the configuration of another model", async () => {
    const copy = await copyOf(["model.onnx", "am.mvn"]);
    await copyFile(fixture("tiny/paraformer/config.yaml"), join(copy, "config.yaml"));
    await expectOfficial(join(copy, "model.onnx"));
  });
});

describe("a folder that is not whole", () => {
  it("names am.mvn", async () => {
    const copy = await copyOf(["model.pt", "config.yaml"]);
    await expect(openModel([copy])).rejects.toMatchObject({ where: join(copy, "am.mvn") });
  });

  it.each([
    ["max_end_silence_time: 800", "max_end_silence_time: 500"],
    ["detect_mode: 1", "detect_mode: 0"],
    ["- 0", "- 1"],
    ["- 0", "- 0\n  - 2"],
    ["rorder: 0", "rorder: 1"],
    ["lstride: 1", "lstride: 2"],
  ])("with rules that are not computed is refused: %s, %s", async (from, to) => {
    const copy = await copyOf(["model.pt", "am.mvn"], from, to);
    await expect(openModel([copy])).rejects.toMatchObject({ code: "checkpoint_malformed" });
  });

  it("whose sizes are not those of the weights is incomplete", async () => {
    const copy = await copyOf(["model.pt", "am.mvn"], "proj_dim: 24", "proj_dim: 23");
    expect(await cli("inspect", copy)).toMatchObject({ exitCode: 3 });
  });
});

describe("what is done with it", () => {
  it.each(["", "model.pt", "model.onnx"])("convert writes the official layout back, %s", async (file) => {
    const output = join(await temporaryFolder(), "vad.gguf");
    const run = await cli("convert", join(folder, file), "--layout", "official", "-o", output);
    expect(run.exitCode).toBe(0);
    expect((await readFile(output)).equals(await readFile(official))).toBe(true);
  });

  it("the official layout has no other type than F32", async () => {
    const output = join(await temporaryFolder(), "vad.gguf");
    const run = await cli("convert", folder, "--layout", "official", "-t", "f16", "-o", output);
    expect(run).toMatchObject({ exitCode: 2 });
  });

  it("detection takes every container", async () => {
    const samples = normals(7, 5 * 16_000, 0.1);
    const expected = await detectSpeech(samples, { vad: official });
    for (const file of ["", "model.pt", "model.onnx"])
      expect(await detectSpeech(samples, { vad: join(folder, file) })).toEqual(expected);
  });
});
