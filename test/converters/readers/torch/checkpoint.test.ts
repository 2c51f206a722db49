/**
 * Checkpoints of the real `torch.save` against Python's own reading of them, and against FunASR's loader where they are
 * wrapped; fixtures/checkpoints/make_checkpoints.py and make_wrapped.py wrote both.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openTorch } from "../../../../converters/readers/torch/checkpoint.ts";
import { unpackRow } from "../../../../kernels/formats/index.ts";
import type { TensorEntry } from "../../../../src/checkpoints/checkpoint.ts";
import { openFile } from "../../../../src/adapters/node/open-file.ts";

const folder = new URL("../../../../fixtures/checkpoints/", import.meta.url);
const path = (file: string) => new URL(file, folder).pathname;

type State = Readonly<Record<string, { readonly shape: number[]; readonly values: number[] }>>;
const states = (file: string) =>
  JSON.parse(readFileSync(path(file), "utf8")) as Readonly<Record<string, State>>;
const expected = { ...states("expected.json"), ...states("wrapped.json") };

async function read(entry: TensorEntry): Promise<number[]> {
  const bytes = new Uint8Array(entry.byteLength + 1).fill(0xa5);
  await entry.read(bytes);
  expect(bytes.at(-1)).toBe(0xa5);
  const count = entry.shape.reduce((product, size) => product * size, 1);
  const values = new Float32Array(count);
  unpackRow(entry.format, bytes, 0, values, count);
  return [...values];
}

test("every file of the folder is tested", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".pt") && name !== "legacy.pt");
  expect(files.toSorted()).toEqual(Object.keys(expected).toSorted());
});

describe.each(Object.entries(expected))("%s", (file, state) => {
  test("has the tensors that Python reads, bit for bit", async () => {
    await using checkpoint = await openTorch(await openFile(path(file)));
    expect([...checkpoint.tensors.keys()].toSorted()).toEqual(Object.keys(state).toSorted());
    for (const [name, { shape, values }] of Object.entries(state)) {
      const entry = checkpoint.tensors.get(name) as TensorEntry;
      expect(entry).toMatchObject({ name, shape });
      expect(await read(entry)).toEqual(values);
    }
  });
});

test("formats that a GGUF can hold are kept, others become F32", async () => {
  await using checkpoint = await openTorch(await openFile(path("dtypes.pt")));
  const formats = [...checkpoint.tensors.values()].map(({ name, format }) => [name, format]);
  expect(Object.fromEntries(formats)).toMatchObject({
    float32: "F32",
    float16: "F16",
    bfloat16: "BF16",
    int64: "F32",
  });
});

test("the format before PyTorch 1.6 is refused by name", async () => {
  await using file = await openFile(path("legacy.pt"));
  await expect(openTorch(file)).rejects.toMatchObject({
    code: "checkpoint_malformed",
    message: expect.stringContaining("before PyTorch 1.6") as unknown,
  });
});

test("a read can be aborted", async () => {
  await using checkpoint = await openTorch(await openFile(path("dtypes.pt")));
  const entry = checkpoint.tensors.get("float32") as TensorEntry;
  await expect(entry.read(new Uint8Array(24), AbortSignal.abort())).rejects.toMatchObject({
    name: "AbortError",
  });
});
