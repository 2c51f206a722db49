/** The numbers that the settings of FSMN-VAD may be: the ends of each range are read, what is beyond them is refused. */
import { expect, it } from "vitest";
import { readFsmnVad } from "../../src/configs/fsmn-vad.ts";
import { Settings } from "../../src/configs/settings.ts";

const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  input_dim: [1, 4096],
  input_affine_dim: [1, 4096],
  linear_dim: [1, 4096],
  proj_dim: [1, 4096],
  fsmn_layers: [1, 64],
  lorder: [2, 256],
  output_affine_dim: [1, 4096],
  output_dim: [1, 4096],
};

const read = (numbers: Readonly<Record<string, number>>) =>
  readFsmnVad(new Settings("a.gguf", new Map(Object.entries(numbers))));
const each = (of: (range: readonly [number, number]) => number): Record<string, number> =>
  Object.fromEntries(Object.entries(ranges).map(([key, range]) => [key, of(range)]));

it("are read at the ends of their ranges", () => {
  const all = Object.values(ranges);
  expect(Object.values(read(each(([least]) => least)))).toEqual(all.map(([least]) => least));
  expect(Object.values(read(each(([, most]) => most)))).toEqual(all.map(([, most]) => most));
});

it.each([
  ["nothing", undefined, "missing"],
  ["a list", [4], "an array"],
  ["text", "4", '"4"'],
])("are shown where they are %s", (_, value, found) => {
  const values = new Map<string, unknown>(Object.entries(each(([least]) => least)));
  values.set("lorder", value);
  expect(() => readFsmnVad(new Settings("a.gguf", values))).toThrow(
    `a.gguf: lorder: ${found}; wanted a number from 2 to 256`,
  );
});

it.each(Object.entries(ranges))("%s is refused beyond them", (key, [least, most]) => {
  const published = each(([low]) => low + 10);
  for (const number of [least - 1, most + 1, least + 0.5, NaN])
    expect(() => read({ ...published, [key]: number })).toThrow(
      expect.objectContaining({ code: "bad_metadata", message: expect.stringContaining(key) as string }),
    );
});
