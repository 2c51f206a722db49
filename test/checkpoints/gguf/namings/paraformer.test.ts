import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../../src/architectures/open.ts";
import { uint32 } from "../../../../src/checkpoints/gguf/index.ts";
import type { GgufContent } from "../../../../src/checkpoints/gguf/index.ts";
import {
  crispAsrParaformer,
  crispAsrSenseVoice,
  officialParaformer,
  officialSenseVoice,
} from "../../../helpers/builders/namings-paraformer.ts";
import { readModel } from "../../../helpers/builders/namings.ts";
import type { Model } from "../../../helpers/builders/namings.ts";
import { expectTwin, written } from "../../../helpers/builders/twins.ts";

const tiny = join(import.meta.dirname, "../../../../fixtures/tiny");
const paraformer = await readModel(join(tiny, "paraformer/paraformer-bf16.gguf"));
const senseVoice = await readModel(join(tiny, "sensevoice/sensevoice-bf16.gguf"));
/** The official naming of SenseVoice has no usable CMVN vectors, and CrispASR's has them since 0.8.45. */
const withoutCmvn: Model = {
  ...senseVoice,
  tensors: new Map([...senseVoice.tensors].filter(([name]) => !name.startsWith("cmvn."))),
};

const having = (content: GgufContent, key: string, value: number): GgufContent => ({
  ...content,
  metadata: new Map([...content.metadata, [key, uint32(value)]]),
});

describe("openCheckpoint", () => {
  test("reads our own files unchanged", async () => {
    for (const [path, model] of [
      ["paraformer/paraformer-bf16.gguf", paraformer],
      ["sensevoice/sensevoice-bf16.gguf", senseVoice],
    ] as const) {
      await using checkpoint = await openCheckpoint(join(tiny, path));
      expect(checkpoint.naming).toBe("gguf (fun-asr)");
      await expectTwin(checkpoint, model);
    }
  });

  type Row = readonly [naming: string, content: () => GgufContent, model: Model];
  const rows: readonly Row[] = [
    ["official Paraformer", () => officialParaformer(paraformer), paraformer],
    ["CrispASR Paraformer", () => crispAsrParaformer(paraformer), paraformer],
    ["CrispASR Paraformer", () => crispAsrParaformer(paraformer, { quantized: true }), paraformer],
    ["official SenseVoice", () => officialSenseVoice(senseVoice), withoutCmvn],
    ["CrispASR SenseVoice", () => crispAsrSenseVoice(senseVoice), withoutCmvn],
    ["CrispASR SenseVoice", () => crispAsrSenseVoice(senseVoice, { constants: true }), senseVoice],
  ];
  test.for(rows)("%s is the model", async ([naming, content, model]) => {
    await using checkpoint = await openCheckpoint(await written(content()));
    expect(checkpoint.naming).toBe(`gguf (${naming})`);
    await expectTwin(checkpoint, model);
  });

  test("refuses a Paraformer that could be either of two", async () => {
    const both = having(officialParaformer(paraformer), "paraformer.encoder.num_blocks", 3);
    await expect(openCheckpoint(await written(both))).rejects.toMatchObject({ code: "unknown_architecture" });
  });

  test("refuses absurd numbers of blocks before it makes names of them", async () => {
    for (const [content, key] of [
      [crispAsrParaformer(paraformer), "paraformer.n_enc_blocks"],
      [crispAsrParaformer(paraformer), "paraformer.n_dec_blocks"],
      [crispAsrSenseVoice(senseVoice), "sensevoice.n_blocks_base"],
      [crispAsrSenseVoice(senseVoice), "sensevoice.n_blocks_tp"],
    ] as const) {
      const opening = openCheckpoint(await written(having(content, key, 2 ** 31)));
      await expect(opening).rejects.toMatchObject({ code: "bad_metadata" });
    }
  });
});
