/**
 * Faults in the weights of the demo model, one at a time: each must be named. The model is really trained, so what is sound has
 * the figures of a sound model.
 */
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src/architectures/open.ts";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { verifyModel } from "../../src/verify/verify.ts";
import type { VerifyReport } from "../../src/verify/verify.ts";
import type { Clip } from "../../src/verify/clips.ts";
import { edited, editedBytes } from "../helpers/builders/edited-checkpoint.ts";

const demo = new URL("../../models/demo/fun-asr-demo-q8_0.gguf", import.meta.url).pathname;
const folder = new URL("../../fixtures/audio/demo/", import.meta.url);

let clips: Clip[];
beforeAll(async () => {
  const list = JSON.parse(await readFile(new URL("clips.json", folder), "utf8")) as {
    file: string;
    written: string;
    spoken: string;
  }[];
  clips = ["zh-weather.wav", "en-travel.wav"].map((name) => {
    const { file, written, spoken } = list.find((clip) => clip.file === name)!;
    return { name: file, audio: new URL(file, folder).pathname, texts: [written, spoken] };
  });
});

async function verified(change: (checkpoint: Checkpoint) => Checkpoint): Promise<VerifyReport> {
  await using checkpoint = await openCheckpoint(demo);
  return await verifyModel(change(checkpoint), { clips });
}

/** Another tensor's values under this name, and the other way round. */
function swapped(checkpoint: Checkpoint, a: string, b: string): Checkpoint {
  const [first, second] = [checkpoint.tensors.get(a)!, checkpoint.tensors.get(b)!];
  expect(first.shape).toEqual(second.shape);
  const tensors = new Map(checkpoint.tensors);
  tensors.set(a, { ...second, name: a });
  tensors.set(b, { ...first, name: b });
  return { ...checkpoint, tensors, [Symbol.asyncDispose]: () => checkpoint[Symbol.asyncDispose]() };
}

test("the sound model: nothing is suspicious, and the texts are right", async () => {
  const report = await verified((checkpoint) => checkpoint);
  expect(report.findings).toEqual([]);
  expect(report.suspect).toBeUndefined();
  expect(
    report.clips.map(({ errorRate, draftErrorRate, agreement }) => [errorRate, draftErrorRate, agreement]),
  ).toEqual([
    [0, 0, 1],
    [0, 0, 1],
  ]);
  expect(report.tensors).toBe(199);
  expect(report.stages).toBeGreaterThan(100);
});

const q = "audio_encoder.encoders.1.feed_forward.w_1.weight";

describe("what no sound model has", () => {
  test("NaN in one value", async () => {
    const { suspect, clips: results } = await verified((checkpoint) =>
      edited(checkpoint, q, (values) => values.with(4321, NaN)),
    );
    expect(suspect).toEqual({ stage: q, why: "1 values are NaN or infinite" });
    expect(results[0]?.failure).toContain("NaN");
  });

  test("an infinite scale of a block", async () => {
    const { suspect } = await verified((checkpoint) =>
      editedBytes(checkpoint, q, (bytes) => bytes.set([0x00, 0x7c], 34 * 7)),
    );
    expect(suspect?.stage).toBe(q);
  });

  test("a block of zeros", async () => {
    const { suspect } = await verified((checkpoint) =>
      editedBytes(checkpoint, q, (bytes) => bytes.fill(0, 34 * 12, 34 * 13)),
    );
    expect(suspect).toEqual({ stage: q, why: "32 zeros from row 2, column 0 on" });
  });
});

describe("what differs from its siblings", () => {
  test("a matrix that is 16 times as large", async () => {
    const { findings } = await verified((checkpoint) =>
      edited(checkpoint, q, (values) => values.map((value) => value * 16)),
    );
    expect(findings[0]?.name).toBe(q);
    expect(findings[0]?.what).toMatch(/^1[56] times larger than in other layers$/u);
  });

  test("a matrix without siblings, 100 times as small", async () => {
    const name = "audio_adaptor.linear2.weight";
    const { suspect } = await verified((checkpoint) =>
      edited(checkpoint, name, (values) => values.map((value) => value / 100)),
    );
    expect(suspect?.stage).toBe(name);
  });

  test("scale and shift of a norm, swapped", async () => {
    const norm = "audio_encoder.encoders.2.norm1";
    const { findings, suspect } = await verified((checkpoint) =>
      swapped(checkpoint, `${norm}.weight`, `${norm}.bias`),
    );
    expect(
      findings
        .slice(0, 2)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual([`${norm}.bias`, `${norm}.weight`]);
    expect(suspect).toBeUndefined(); // seven layers make up for one: the texts are right
  });
});

describe("what no figure shows is narrowed down by the two decoders", () => {
  const encoder = (part: string, layer: number): string => `audio_encoder.encoders.${layer}.${part}.weight`;

  test("two layers of the encoder, swapped", async () => {
    const report = await verified((checkpoint) =>
      swapped(
        swapped(checkpoint, encoder("self_attn.linear_q_k_v", 0), encoder("self_attn.linear_q_k_v", 3)),
        encoder("feed_forward.w_2", 0),
        encoder("feed_forward.w_2", 3),
      ),
    );
    expect(report.suspect?.stage).toMatch(/^audio_encoder/u);
  });

  test("two layers of the language model, swapped", async () => {
    const name = (part: string, layer: number): string => `llm.model.layers.${layer}.${part}.weight`;
    const report = await verified((checkpoint) =>
      swapped(
        swapped(checkpoint, name("self_attn.o_proj", 0), name("self_attn.o_proj", 2)),
        name("mlp.down_proj", 0),
        name("mlp.down_proj", 2),
      ),
    );
    expect(report.suspect?.stage).toMatch(/llm/u);
    expect(report.clips.map(({ draftErrorRate }) => draftErrorRate)).toEqual([0, 0]);
  });

  test("the labels of the CTC head, off by one", async () => {
    const width = 192;
    const report = await verified((checkpoint) =>
      edited(checkpoint, "ctc.ctc_lo.weight", (values) =>
        values.map((_, i) => values[(i + width) % values.length]!),
      ),
    );
    expect(report.suspect?.stage).toBe("ctc_decoder");
    expect(report.clips.map(({ errorRate }) => errorRate)).toEqual([0, 0]);
  });
});
