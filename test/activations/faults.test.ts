/**
 * Typical faults of ports, planted one at a time in weights, configuration or the composition of modules. The raw
 * pass of a diff must notice each; the teacher-forced pass must name its stage, and no other. The reference is
 * PyTorch's, but for the fault in a quantized block: the correct model's own dump shows more stages there.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { edited, editedBytes, withMetadata } from "../helpers/builders/edited-checkpoint.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { createArchive, openArchive } from "../../src/diff/archives/index.ts";
import { diff } from "../../src/diff/diff.ts";
import type { DiffPass, DiffReport } from "../../src/diff/diff.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { load } from "../../src/index.ts";
import * as nnAttention from "../../src/nn/attention.ts";
import * as layers from "../../src/nn/layers.ts";
import * as linears from "../../src/nn/linear.ts";
import { columns, concatColumns, zeros } from "../../src/nn/ops.ts";
import * as positions from "../../src/nn/positions.ts";
import type { Weights } from "../../src/nn/weights.ts";

vi.mock("../../src/nn/positions.ts", { spy: true });
vi.mock("../../src/nn/attention.ts", { spy: true });
vi.mock("../../src/nn/layers.ts", { spy: true });
vi.mock("../../src/nn/linear.ts", { spy: true });
afterEach(() => {
  vi.resetAllMocks();
});

const clip = fixture("audio/tiny.wav");

interface Bounds {
  readonly file: string;
  /** What the correct model stays within. */
  readonly raw: number;
  readonly forced: number;
}

const models = {
  nano: { file: "fun-asr-nano/fun-asr-nano-bf16.gguf", raw: 1e-5, forced: 5e-6 },
  paraformer: { file: "paraformer/paraformer-bf16.gguf", raw: 1e-4, forced: 5e-6 },
  "nano-q8_0": { file: "fun-asr-nano/fun-asr-nano-q8_0.gguf", raw: 1e-5, forced: 5e-6 },
} satisfies Record<string, Bounds>;

type ModelName = keyof typeof models;

let folder: string;
let references: Record<ModelName, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "faults-"));
  references = {
    nano: fixture("reference/fun-asr-nano.safetensors"),
    paraformer: fixture("reference/paraformer.safetensors"),
    "nano-q8_0": join(folder, "sound.safetensors"),
  };
  using model = await load(fixture(`tiny/${models["nano-q8_0"].file}`), { backend: "cpu" });
  await using archive = await createArchive(references["nano-q8_0"]);
  await model.run(clip, {
    capture: ["*"],
    maxNewTokens: 1,
    sink: ({ name, shape, values }) => archive.add(name, shape, values),
  });
  await archive.finish();
});
afterAll(() => rm(folder, { recursive: true }));

async function report(name: ModelName, corrupt: (checkpoint: Checkpoint) => Checkpoint): Promise<DiffReport> {
  const { file, raw, forced } = models[name];
  await using checkpoint = await openCheckpoint(fixture(`tiny/${file}`));
  using model = await load(corrupt(checkpoint), { backend: "cpu" });
  await using reference = await openArchive(references[name]);
  const within = (relativeL2: number) => ({ relativeL2, cosine: 0 });
  return await diff(model, reference, clip, {
    tolerances: { raw: within(raw), forced: within(forced) },
  });
}

const flagged = (pass: DiffPass | undefined): string[] =>
  (pass?.stages ?? []).filter(({ problem }) => problem !== undefined).map(({ name }) => name);

const keep = (checkpoint: Checkpoint): Checkpoint => checkpoint;

describe.each(Object.keys(models) as ModelName[])("the correct %s", (name) => {
  it("differs nowhere", async () => {
    const { raw, teacherForced, unmatched } = await report(name, keep);
    expect({ raw: flagged(raw), forced: flagged(teacherForced), unmatched }).toEqual({
      raw: [],
      forced: [],
      unmatched: [],
    });
    expect(raw.stages.length).toBeGreaterThan(50);
    expect(teacherForced!.stages.length).toBeGreaterThan(50);
  });
});

const builders = {
  layerNorm: layers.layerNorm,
  qkNormRope: layers.qkNormRope,
  linear: linears.linear,
  parallelLinears: linears.parallelLinears,
};
type Builders = typeof builders;

/** Replaces a layer where it is built at `path`. */
async function instead<Name extends keyof Builders>(
  name: Name,
  path: string,
  build: (original: Builders[Name]) => Builders[Name],
): Promise<void> {
  type Call = (w: Weights, ...given: unknown[]) => unknown;
  const originals = {
    ...(await vi.importActual<typeof layers>("../../src/nn/layers.ts")),
    ...(await vi.importActual<typeof linears>("../../src/nn/linear.ts")),
  };
  const original = originals[name] as Builders[Name];
  vi.mocked(builders[name] as Call).mockImplementation((w, ...given) => {
    const here = w.path === path || w.join(String(given[0])) === path;
    return ((here ? build(original) : original) as Call)(w, ...given);
  });
}

type AttentionModule = typeof nnAttention.attention;

/** Replaces the attention that is built at `path`. */
async function otherAttention(
  path: string,
  build: (original: AttentionModule) => AttentionModule,
): Promise<void> {
  const { attention: original } = await vi.importActual<typeof nnAttention>("../../src/nn/attention.ts");
  vi.mocked(nnAttention.attention).mockImplementation((w, config) =>
    (w.path === path ? build(original) : original)(w, config),
  );
}

interface Fault {
  readonly what: string;
  readonly model: ModelName;
  /** What the teacher-forced pass must name. */
  readonly stage: string;
  readonly plant?: () => void | Promise<void>;
  readonly corrupt?: (checkpoint: Checkpoint) => Checkpoint;
}

const kernelSize = 11;
const faults: readonly Fault[] = [
  {
    what: "a layer norm's eps of 1e-5 for 1e-12",
    model: "nano",
    stage: "audio_adaptor.blocks.0.norm1",
    plant() {
      return instead("layerNorm", this.stage, (original) => (w, name, size) => original(w, name, size, 1e-5));
    },
  },
  {
    what: "two heads for four in one block",
    model: "nano",
    stage: "audio_encoder.encoders.0.self_attn.linear_out",
    plant: () =>
      otherAttention(
        "audio_encoder.encoders.0.self_attn",
        (original) => (w, config) =>
          original(w, { ...config, heads: config.heads / 2, headDim: config.headDim * 2 }),
      ),
  },
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
    what: "a wrong rotary base in one layer",
    model: "nano",
    stage: "llm.model.layers.1.self_attn.o_proj",
    plant() {
      const wrong = { theta: 1e4 };
      return instead(
        "qkNormRope",
        "llm.model.layers.1.self_attn",
        (original) => (w, name, rotated, config) => original(w, name, rotated, { ...config, ...wrong }),
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
    what: "no position encoding",
    model: "nano",
    stage: "audio_encoder.embed",
    plant() {
      vi.mocked(positions.sinusoidalPositions).mockImplementation((frames, size) => zeros([frames, size]));
    },
  },
  {
    what: "a decoder layer that sees the future",
    model: "nano",
    stage: "llm.model.layers.0.self_attn.o_proj",
    plant: () =>
      otherAttention(
        "llm.model.layers.0.self_attn",
        (original) => (w, config) => original(w, { ...config, causal: false }),
      ),
  },
  {
    what: "query heads that read the wrong key heads",
    model: "nano",
    stage: "llm.model.layers.1.self_attn.o_proj",
    plant: () =>
      otherAttention("llm.model.layers.1.self_attn", (original) => (w, config) => {
        const attend = original(w, config);
        return (q, k, v, length) => {
          const half = k.shape[1]! / 2;
          return attend(q, concatColumns(columns(k, half, half), columns(k, 0, half)), v, length);
        };
      }),
  },
  {
    what: "gate and up exchanged",
    model: "nano",
    stage: "llm.model.layers.0.mlp",
    plant: () =>
      instead("parallelLinears", "llm.model.layers.0.mlp", (original) => (...given) => {
        const apply = original(...given);
        const exchanged = (x: Parameters<typeof apply>[0]): ReturnType<typeof apply> =>
          apply(x).toReversed() as unknown as ReturnType<typeof apply>;
        return Object.assign(exchanged, { parts: apply.parts });
      }),
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
    what: "a feed-forward without its rectifier",
    model: "paraformer",
    stage: "encoder.encoders.1.feed_forward",
    plant() {
      return instead("linear", `${this.stage}.w_1`, (original) => (...given) => {
        const linear = original(...given);
        const { weight, bias } = linear;
        return Object.assign((x: Parameters<typeof linear>[0]) => linear(x), { relu: linear, weight, bias });
      });
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
    what: "an integration without its tail",
    model: "paraformer",
    stage: "predictor.alphas",
    corrupt: (checkpoint) => withMetadata(checkpoint, "paraformer.predictor.tail_threshold", 0),
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
  await fault.plant?.();
  const { raw, teacherForced } = await report(
    fault.model,
    (checkpoint) => fault.corrupt?.(checkpoint) ?? checkpoint,
  );
  expect(flagged(raw), "the raw pass notices").toContain(fault.stage);
  expect(flagged(teacherForced)).toEqual([fault.stage]);
  expect(teacherForced!.firstDivergent).toBe(fault.stage);
});
