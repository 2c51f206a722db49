/** MLX's quantized matrices decode to the bits of what MLX makes of them (fixtures/dialects/make_mlx.py). */
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { unpackRow } from "../../../../kernels/formats/index.ts";
import { Config } from "../../../../converters/readers/config.ts";
import { groupingOf } from "../../../../converters/readers/dialects/mlx-config.ts";
import { withoutGroups } from "../../../../converters/readers/dialects/mlx-groups.ts";
import { openSafetensors } from "../../../../converters/readers/safetensors.ts";
import type { SafetensorsState } from "../../../../converters/readers/safetensors.ts";
import { openBytes } from "../../../../src/platform/bytes.ts";
import type { TensorEntry } from "../../../../src/checkpoints/checkpoint.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";

let state: SafetensorsState;
let settings: Readonly<Record<string, { readonly bits: number; readonly group_size: number }>>;
beforeAll(async () => {
  state = await openSafetensors(openBytes(await readFile(fixture("dialects/mlx-groups.safetensors"))));
  settings = JSON.parse(state.metadata.get("quantization")!) as typeof settings;
});

const grouping = (quantization: unknown) => groupingOf(new Config({ quantization }, "config.json"));
const matrices = (): Promise<ReadonlyMap<string, TensorEntry>> =>
  withoutGroups(state.tensors, state.stored, grouping(settings));

async function valuesOf(entry: TensorEntry): Promise<Float32Array> {
  const bytes = new Uint8Array(entry.byteLength);
  await entry.read(bytes);
  const values = new Float32Array(entry.shape.reduce((a, b) => a * b, 1));
  unpackRow(entry.format, bytes, 0, values, values.length);
  return values;
}

test("every width of codes and groups, bit by bit", async () => {
  const read = await matrices();
  expect(Object.keys(settings)).toHaveLength(21);
  for (const name of Object.keys(settings)) {
    const matrix = read.get(`${name}.weight`)!;
    expect([name, matrix.shape]).toEqual([name, [2, 256]]);
    const expected = await valuesOf(state.tensors.get(`${name}.expected`)!);
    expect([name, await valuesOf(matrix)]).toEqual([name, expected]);
    expect([read.has(`${name}.scales`), read.has(`${name}.biases`)]).toEqual([false, false]);
  }
});

test("codes of up to five bits keep their size where F16 holds the scales", async () => {
  const formats = [...(await matrices())]
    .filter(([name]) => name.endsWith("-64.weight"))
    .map(([name, { format }]) => [name.replace("-64.weight", ""), format]);
  expect(Object.fromEntries(formats)).toEqual({
    "float16-2": "Q4_1",
    "float16-3": "Q4_1",
    "float16-4": "Q4_1",
    "float16-5": "Q5_1",
    "float16-6": "F32",
    "float16-8": "F32",
    "bfloat16-4": "Q4_1",
    "bfloat16-8": "F32",
    "float32-3": "F32",
  });
});

test("scales that F16 does not hold keep all bits", async () => {
  const tiny = [...state.tensors].map(([name, entry]): [string, TensorEntry] => {
    if (name !== "bfloat16-4-64.scales") return [name, entry];
    const bytes = Uint8Array.from({ length: entry.byteLength }, (_, i) => (i % 2 === 0 ? 0x81 : 0x20)); // 2.2e-19
    return [name, { ...entry, read: async (target) => target.set(bytes) }];
  });
  const read = await withoutGroups(new Map(tiny), state.stored, grouping(settings));
  expect(read.get("bfloat16-4-64.weight")?.format).toBe("F32");
});

describe("the settings of a module", () => {
  test("are its own, then those of the longest prefix, then those of all", () => {
    const of = grouping({
      bits: 4,
      group_size: 64,
      "llm.model.norm": { bits: 8, group_size: 32 },
      target_bits: { llm: 6, "llm.model.layers": 8 },
      target_groups: { "llm.model": 32 },
    });
    expect(of("llm.model.norm")).toEqual({ bits: 8, groupSize: 32 });
    expect(of("llm.model.layers.0.mlp")).toEqual({ bits: 8, groupSize: 32 });
    expect(of("llm.head")).toEqual({ bits: 6, groupSize: 64 });
    expect(of("llmX")).toEqual({ bits: 6, groupSize: 64 }); // as funasr-mlx compares prefixes
    expect(of("audio_adaptor.linear1")).toEqual({ bits: 4, groupSize: 64 });
  });
});

describe("refuses", () => {
  const first = (quantization: unknown): Promise<unknown> =>
    withoutGroups(state.tensors, state.stored, grouping(quantization));
  test.each([
    ["another mode", { bits: 4, group_size: 32, mode: "mxfp4" }, /mode "mxfp4"; wanted affine groups/],
    ["other bits than the shapes show", { bits: 8, group_size: 32 }, /what 8 bits in groups of 32 take/],
    ["other groups", { bits: 2, group_size: 64 }, /what 2 bits in groups of 64 take/],
    ["bits that MLX does not have", { bits: 7, group_size: 64 }, /what 7 bits/],
  ])("%s", async (_, quantization, message) => {
    await expect(first(quantization)).rejects.toThrow(message);
  });

  test("scales without biases", async () => {
    const tensors = new Map([...state.tensors].filter(([name]) => !name.endsWith(".biases")));
    const reading = withoutGroups(tensors, state.stored, grouping(settings));
    await expect(reading).rejects.toThrow(/scales without biases/);
  });

  test("biases of other groups than the scales", async () => {
    const tensors = new Map(
      [...state.tensors].map(([name, entry]) => [
        name,
        name.endsWith(".biases") ? { ...entry, shape: [1, 1] } : entry,
      ]),
    );
    const reading = withoutGroups(tensors, state.stored, grouping(settings));
    await expect(reading).rejects.toThrow(/with scales .* what \d bits in groups/);
  });

  test("words without scales, and those alone", async () => {
    const kept = [...state.tensors].filter(([name]) => !/\.(scales|biases)$/u.test(name));
    const reading = withoutGroups(new Map(kept), state.stored, grouping(settings));
    await expect(reading).rejects.toThrow(/words of codes without scales/);
    const floats = new Map(kept.filter(([name]) => name.endsWith(".expected")));
    expect(await withoutGroups(floats, state.stored, grouping(settings))).toEqual(floats);
  });
});
