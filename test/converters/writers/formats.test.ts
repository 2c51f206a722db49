/** Which tensor is stored how: by role, by type, by rule. */
import { expect, test } from "vitest";
import { chooseFormats, parseFormat, parseRule } from "../../../converters/writers/formats.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";

const shapes: Readonly<Record<string, readonly number[]>> = {
  "encoder.after_norm.weight": [512],
  "encoder.encoders0.0.self_attn.linear_q_k_v.weight": [1536, 560],
  "encoder.encoders.0.self_attn.fsmn_block.weight": [512, 11],
  "encoder.encoders.0.feed_forward.w_1.weight": [2048, 512],
  "predictor.cif_output.weight": [1, 512],
  "predictor.cif_conv1d.weight": [512, 512, 3],
  "narrow.weight": [64, 96],
  "llm.model.embed_tokens.weight": [1000, 512],
  "ctc.ctc_lo.weight": [100, 96],
};
const matrices = Object.keys(shapes).filter((name) => !/norm|fsmn/.test(name));

function choose(
  type: Format | undefined,
  rules: readonly string[] = [],
  format: Format = "F32",
): Record<string, Format> {
  const tensors = Object.entries(shapes).map(([name, shape]): [string, TensorEntry] => [
    name,
    { name, shape, format, byteLength: 0, read: async () => {} },
  ]);
  const uses = tensors.map(([path, { shape }]) => ({
    path,
    shape,
    role: matrices.includes(path) ? ("matrix" as const) : ("values" as const),
  }));
  return Object.fromEntries(chooseFormats(new Map(tensors), uses, type, rules.map(parseRule)));
}

test("what the model reads as numbers is F32, whatever the type", () => {
  for (const type of ["F16", "Q8_0", "Q4_K"] as const) {
    expect(choose(type)).toMatchObject({
      "encoder.after_norm.weight": "F32",
      "encoder.encoders.0.self_attn.fsmn_block.weight": "F32",
    });
  }
});

test("Q4_K: heads get 6 bits, narrow rows Q8_0, odd rows 16 bits, the predictor is not quantized", () => {
  expect(choose("Q4_K")).toMatchObject({
    "encoder.encoders.0.feed_forward.w_1.weight": "Q4_K",
    "llm.model.embed_tokens.weight": "Q6_K",
    "ctc.ctc_lo.weight": "Q8_0",
    "narrow.weight": "Q8_0",
    "encoder.encoders0.0.self_attn.linear_q_k_v.weight": "F16",
    "predictor.cif_output.weight": "F16",
    "predictor.cif_conv1d.weight": "F16",
  });
});

test("16 bits are the source's own where it has them", () => {
  expect(choose("Q8_0", [], "BF16")["encoder.encoders0.0.self_attn.linear_q_k_v.weight"]).toBe("BF16");
});

test("a float type holds for every matrix; without a type all keep their formats", () => {
  for (const name of matrices) {
    expect(choose("BF16")[name]).toBe("BF16");
    expect(choose(undefined, [], "F16")[name]).toBe("F16");
  }
});

test("the first rule whose pattern is the whole name counts", () => {
  const chosen = choose("Q8_0", [String.raw`ctc\..*=f16`, ".*ctc_lo.*=f32", "narrow=f32"]);
  expect(chosen).toMatchObject({ "ctc.ctc_lo.weight": "F16", "narrow.weight": "Q8_0" });
});

test("a rule for a module is for its matrices; rows that are no whole blocks get 16 bits", () => {
  expect(choose("F32", [String.raw`encoder\..*=q4_k`])).toMatchObject({
    "encoder.after_norm.weight": "F32",
    "encoder.encoders.0.self_attn.fsmn_block.weight": "F32",
    "encoder.encoders.0.feed_forward.w_1.weight": "Q4_K",
    "encoder.encoders0.0.self_attn.linear_q_k_v.weight": "F16",
    "narrow.weight": "F32",
  });
  expect(choose("Q8_0", [".*norm.*=f16"])["encoder.after_norm.weight"]).toBe("F16");
});

test("types are named in any case", () => {
  expect([parseFormat("q4_k"), parseFormat("BF16")]).toEqual(["Q4_K", "BF16"]);
});
