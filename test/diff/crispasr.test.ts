/**
 * The content of CrispASR's archives. Their scripts (tools/reference_backends/{funasr,paraformer,sensevoice}.py at 72d3c38)
 * build WavFrontend with cmvn_file=None, name its result `mel_features` and feed it to the encoder; their engine's stage
 * of that name, which the diff tool compares, comes after CMVN for Paraformer (src/paraformer.cpp, compute_features).
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArchive } from "../helpers/environment/read-archive.ts";
import { createArchive } from "../../src/diff/archives/index.ts";
import { openArchive } from "../../src/diff/archives/index.ts";
import { load } from "../../src/index.ts";
import { diff } from "../../src/lab.ts";
import type { Transcriber } from "../../src/index.ts";
import type { Activation } from "../../src/lab.ts";
import { writeGguf } from "../../converters/writers/node.ts";
import { openGguf, string } from "../../src/checkpoints/gguf/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const clip = fixture("audio/tiny.wav");
const capture = ["lfr", "cmvn", "encoder.encoders0.0"];

describe("Paraformer's features in CrispASR's archives", () => {
  let model: Transcriber;
  beforeAll(async () => {
    model = await load(fixture("tiny/paraformer/paraformer-bf16.gguf"), { backend: "cpu" });
  });
  afterAll(() => model.dispose());

  const seen = async (cmvn: "file" | "off"): Promise<ReadonlyMap<string, Activation>> =>
    (await model.run(clip, { capture, cmvn, stopAfter: "encoder.encoders0.0" })).stages;

  it("are stacked but not normalized in archives of their scripts, and so is the encoder's input", async () => {
    const path = join(await temporaryFolder(), "theirs.gguf");
    const stages = await seen("off");
    const theirs = { mel_features: "lfr", encoder_layer_0: "encoder.encoders0.0" };
    await writeGguf(path, {
      metadata: new Map([
        ["general.architecture", string("crispasr.reference")],
        ["crispasr.ref.backend", string("paraformer")],
      ]),
      tensors: Object.entries(theirs).map(([name, ours]) => {
        const { shape, values } = stages.get(ours)!;
        const bytes = new Uint8Array(values.slice().buffer);
        return { name, shape, format: "F32", chunks: () => [bytes] };
      }),
    });
    await using reference = await openArchive(path);
    expect([...reference.stages.keys()]).toEqual(["lfr", "encoder.encoders0.0"]);
    const agree = await diff(model, reference, clip, { cmvn: "off" });
    expect(agree.raw.firstDivergent).toBeUndefined();
    const normalized = await diff(model, reference, clip);
    expect(normalized.raw.firstDivergent).toBe("encoder.encoders0.0");
  });

  it("are normalized in archives that we write for their engine, and read back as such", async () => {
    const path = join(await temporaryFolder(), "ours.gguf");
    const stages = await seen("file");
    const archive = await createArchive(path, { format: "crispasr" });
    for (const { name, shape, values } of stages.values()) await archive.add(name, shape, values);
    const { architecture, backend } = model.info;
    await archive.finish(new Map(Object.entries({ architecture, backend })));

    await using file = await openGguf(path);
    expect([...file.tensors.keys()]).toEqual(["lfr", "mel_features", "encoder_layer_0"]);
    expect((await readArchive(path)).stages).toEqual(
      new Map([...stages].map(([name, { shape, values }]) => [name, { shape, values }])),
    );
  });
});

it("archives that we write for Fun-ASR-Nano are read back with the names of its encoder", async () => {
  const path = join(await temporaryFolder(), "nano.gguf");
  const archive = await createArchive(path, { format: "crispasr" });
  const names = ["lfr", "audio_encoder.encoders0.0", "audio_encoder.tp_norm"];
  for (const name of names) await archive.add(name, [1, 2], Float32Array.of(1, 2));
  await archive.finish(
    new Map([
      ["architecture", "fun-asr-nano"],
      ["backend", "wasm"],
    ]),
  );
  expect([...(await readArchive(path)).stages.keys()]).toEqual(names);
});
