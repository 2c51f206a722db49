/** Tensors of dialects that collide, that do not fit each other, or that are not there. */
import { describe, expect, test } from "vitest";
import { Config } from "../../../../converters/readers/config.ts";
import { Sizes } from "../../../../converters/readers/dialects/sizes.ts";
import { groupingOf } from "../../../../converters/readers/dialects/mlx-config.ts";
import { withoutGroups } from "../../../../converters/readers/dialects/mlx-groups.ts";
import { renamed, transformersNames } from "../../../../converters/readers/dialects/transformers-names.ts";
import { inOneSpelling } from "../../../../converters/readers/dialects/transformers-split-names.ts";
import { valuesEntry } from "../../../../converters/readers/families/cmvn.ts";
import { joinedRows } from "../../../../converters/readers/joined-rows.ts";
import type { TensorEntry } from "../../../../src/checkpoints/checkpoint.ts";

const entry = (name: string, ...shape: readonly number[]): TensorEntry => {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  return { ...valuesEntry(name, values)[1], shape };
};
const named = (...names: readonly string[]) => new Map(names.map((name) => [name, entry(name, 2, 3)]));
const refusal = (message: string): Error =>
  expect.objectContaining({
    code: "bad_tensors",
    message: expect.stringContaining(message) as string,
  }) as Error;

describe("names with and without model.", () => {
  const pairs = transformersNames({ encoder: 1, timePrediction: 0, adaptor: 0 });
  const query = "audio_tower.layers.0.self_attn.q_proj.weight";

  test("are of different tensors", () => {
    const found = renamed("a", named("model.language_model.norm.weight", "lm_head.weight", query), pairs);
    expect([...found.keys()]).toEqual([
      "llm.model.norm.weight",
      "llm.lm_head.weight",
      "audio_encoder.encoders0.0.self_attn.linear_q_k_v.weight",
    ]);
    expect([...inOneSpelling("a", named("model.x", "y")).keys()]).toEqual(["x", "y"]);
  });

  test.each([
    ["lm_head.weight", "llm.lm_head.weight: two tensors have this name"],
    [query, `${query}: two tensors have this name`],
  ])("are refused where both are there: %s", (name, message) => {
    expect(() => renamed("a", named(name, `model.${name}`), pairs)).toThrow(refusal(message));
    expect(() => inOneSpelling("a", named(name, `model.${name}`))).toThrow(
      refusal("two tensors have this name"),
    );
  });
});

test("rows of other lengths are not joined", () => {
  expect(joinedRows("qkv", [entry("q", 2, 3), entry("k", 1, 3)]).shape).toEqual([3, 3]);
  expect(() => joinedRows("qkv", [entry("q", 2, 3), entry("k", 2, 4)])).toThrow(
    refusal("tensor k: rows of 4; wanted 3, as q has"),
  );
});

test("a size needs its tensor", () => {
  const sizes = new Sizes("a", named("w"));
  expect(sizes.of("w", 1)).toBe(3);
  expect(() => sizes.of("w", 2)).toThrow(refusal("w: missing"));
  expect(() => sizes.of("v", 0)).toThrow(refusal("v: missing"));
});

test("groups need their words", async () => {
  const grouping = groupingOf(new Config({}, "config.json"));
  await expect(
    withoutGroups(named("m.weight", "m.scales", "m.biases"), new Map(), grouping),
  ).rejects.toMatchObject({
    code: "unsupported_format",
    message: expect.stringContaining("wanted affine groups: weight, scales and biases") as string,
  });
});
