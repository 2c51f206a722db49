/** What a config.json may state of Qwen3, and where it states the base of the rotary angles. */
import { expect, it } from "vitest";
import { Config } from "../../../../converters/readers/config.ts";
import { requireQwen3, ropeBase } from "../../../../converters/readers/families/qwen3.ts";

const plain = { model_type: "qwen3", hidden_act: "silu", rope_theta: 1_000_000 };
const config = (values: object): Config => new Config({ ...plain, ...values }, "config.json");

it.each([
  ["nothing more", {}],
  ["full attention in every layer", { layer_types: ["full_attention", "full_attention"] }],
  ["what is null", { layer_types: null, rope_scaling: null }],
  ["what is off", { attention_bias: false, use_sliding_window: false }],
])("may state %s", (_, values) => {
  expect(() => requireQwen3(config(values))).not.toThrow();
});

it.each([
  ["another model", { model_type: "qwen2" }, "model_type"],
  ["another activation", { hidden_act: "gelu" }, "hidden_act"],
  ["biases", { attention_bias: true }, "attention_bias"],
  ["a sliding window", { use_sliding_window: true }, "use_sliding_window"],
  ["scaled angles", { rope_scaling: { type: "yarn" } }, "rope_scaling"],
  ["other angles", { rope_parameters: { rope_type: "yarn" } }, "rope_parameters.rope_type"],
  ["one other layer", { layer_types: ["full_attention", "sliding_attention"] }, "layer_types"],
  ["layers that are no list", { layer_types: "full_attention" }, "layer_types"],
])("may not state %s", (_, values, path) => {
  expect(() => requireQwen3(config(values))).toThrow(
    expect.objectContaining({ code: "checkpoint_malformed", where: `config.json, ${path}` }),
  );
});

it("has the base of the angles beside the rest, nested, or the same in both places", () => {
  expect(ropeBase(config({}))).toBe(1_000_000);
  expect(ropeBase(config({ rope_theta: undefined, rope_parameters: { rope_theta: 5000 } }))).toBe(5000);
  expect(ropeBase(config({ rope_parameters: { rope_theta: 1_000_000 } }))).toBe(1_000_000);
  expect(() => ropeBase(config({ rope_parameters: { rope_theta: 5000 } }))).toThrow("rope_theta");
});
