/**
 * Faults of conversion in weights or configuration, one at a time. The raw pass of a diff must report each; the
 * teacher-forced pass must name its stage, and no other. The reference is PyTorch's, but for the fault in a quantized block:
 * the dump of the correct model shows more stages there.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { edited, editedBytes, withMetadata } from "../helpers/builders/edited-checkpoint.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { clip, compareTinyModel, flagged, models, references } from "../helpers/environment/tiny-diff.ts";
import type { ModelName } from "../helpers/environment/tiny-diff.ts";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { createArchive } from "../../src/diff/archives/index.ts";
import { load } from "../../src/index.ts";

let folder: string;
let archives: Record<ModelName, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "faults-"));
  archives = { ...references, "nano-q8_0": join(folder, "sound.safetensors") };
  using model = await load(fixture(`tiny/${models["nano-q8_0"].file}`), { backend: "cpu" });
  await using archive = await createArchive(archives["nano-q8_0"]);
  await model.run(clip, {
    capture: ["*"],
    maxNewTokens: 1,
    sink: ({ name, shape, values }) => archive.add(name, shape, values),
  });
  await archive.finish();
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(Object.keys(models) as ModelName[])("the correct %s", (name) => {
  it("differs nowhere", async () => {
    const { raw, teacherForced, unmatched } = await compareTinyModel(name, archives[name]);
    expect({ raw: flagged(raw), forced: flagged(teacherForced), unmatched }).toEqual({
      raw: [],
      forced: [],
      unmatched: [],
    });
    expect(raw.stages.length).toBeGreaterThan(50);
    expect(teacherForced!.stages.length).toBeGreaterThan(50);
  });
});

interface Fault {
  readonly what: string;
  readonly model: ModelName;
  /** What the teacher-forced pass must name. */
  readonly stage: string;
  readonly corrupt: (checkpoint: Checkpoint) => Checkpoint;
}

const kernelSize = 11;
const faults: readonly Fault[] = [
  {
    what: "an FSMN without its residual",
    model: "nano",
    stage: "audio_encoder.tp_encoders.1.self_attn.fsmn_block",
    // v + conv(v) with 1 less in the kernel's center is conv(v).
    corrupt(checkpoint) {
      return edited(checkpoint, `${this.stage}.weight`, (kernel) =>
        kernel.map((tap, i) => (i % kernelSize === (kernelSize - 1) / 2 ? tap - 1 : tap)),
      );
    },
  },
  {
    what: "a transposed FSMN kernel",
    model: "paraformer",
    stage: "encoder.encoders.0.self_attn.fsmn_block",
    corrupt(checkpoint) {
      return edited(checkpoint, `${this.stage}.weight`, transposedInPlace(kernelSize));
    },
  },
  {
    what: "one flipped sign of a Q8_0 scale",
    model: "nano-q8_0",
    stage: "audio_encoder.encoders.1.feed_forward.w_1",
    corrupt(checkpoint) {
      return editedBytes(checkpoint, `${this.stage}.weight`, (bytes) => {
        bytes[34 * 5 + 1]! ^= 0x80; // the sixth block's scale, a half, little-endian
      });
    },
  },
  {
    what: "an RMS norm with Gemma's 1 + w",
    model: "nano",
    stage: "llm.model.layers.1.post_attention_layernorm",
    corrupt(checkpoint) {
      return edited(checkpoint, `${this.stage}.weight`, (weight) => weight.map((w) => w + 1));
    },
  },
  {
    what: "a convolution's kernel the wrong way round in time",
    model: "paraformer",
    stage: "predictor.cif_conv1d",
    corrupt(checkpoint) {
      const reversed = (weight: Float32Array): Float32Array =>
        weight.map((_, i) => weight[i - (i % 3) + 2 - (i % 3)]!);
      return edited(checkpoint, `${this.stage}.weight`, reversed);
    },
  },
  {
    // without any tail the tokens are counted in another way, too
    what: "an integration with next to no tail",
    model: "paraformer",
    stage: "predictor.alphas",
    corrupt: (checkpoint) => withMetadata(checkpoint, "paraformer.predictor.tail_threshold", 1e-6),
  },
  {
    what: "means added that were to be subtracted",
    model: "paraformer",
    stage: "cmvn",
    corrupt: (checkpoint) => edited(checkpoint, "cmvn.shift", (shift) => shift.map((x) => -x)),
  },
  {
    what: "a square matrix transposed",
    model: "paraformer",
    stage: "decoder.decoders.0.src_attn.linear_q",
    corrupt(checkpoint) {
      return edited(checkpoint, `${this.stage}.weight`, transposedInPlace(32));
    },
  },
];

/** A matrix [rows, columns] filled from what is really its transpose. */
function transposedInPlace(columnCount: number): (values: Float32Array) => Float32Array {
  return (values) => {
    const rowCount = values.length / columnCount;
    return values.map((_, i) => values[(i % columnCount) * rowCount + Math.floor(i / columnCount)]!);
  };
}

it.each(faults)("$what: $stage", async (fault) => {
  const { model, stage } = fault;
  const { raw, teacherForced } = await compareTinyModel(model, archives[model], (checkpoint) =>
    fault.corrupt(checkpoint),
  );
  expect(flagged(raw), "the raw pass notices").toContain(stage);
  expect(flagged(teacherForced)).toEqual([stage]);
  expect(teacherForced!.firstDivergent).toBe(stage);
});
