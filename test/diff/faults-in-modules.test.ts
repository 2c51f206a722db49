/**
 * Faults of conversion in the composition of modules, one at a time. The raw pass of a diff against PyTorch's dump must
 * report each; the teacher-forced pass must name its stage, and no other.
 */
import { afterEach, expect, it, vi } from "vitest";
import { compareTinyModel, flagged, references } from "../helpers/environment/tiny-diff.ts";
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
  readonly model: keyof typeof references;
  /** What the teacher-forced pass must name. */
  readonly stage: string;
  readonly plant: () => void | Promise<void>;
}

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
    what: "no position encoding",
    model: "nano",
    stage: "audio_encoder.embed",
    plant() {
      vi.mocked(positions.sinusoidalPositions).mockImplementation(
        (size) => (frames) => zeros([frames, size]),
      );
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
];

it.each(faults)("$what: $stage", async (fault) => {
  await fault.plant();
  const { model, stage } = fault;
  const { raw, teacherForced } = await compareTinyModel(model, references[model]);
  expect(flagged(raw), "the raw pass notices").toContain(stage);
  expect(flagged(teacherForced)).toEqual([stage]);
  expect(teacherForced!.firstDivergent).toBe(stage);
});
