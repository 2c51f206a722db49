/** Safetensors by range give what the whole file gives. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { openSafetensors } from "../../../converters/readers/safetensors.ts";
import { unpackRow } from "../../../kernels/formats/index.ts";
import { openFile } from "../../../src/adapters/node/open-file.ts";
import { floatsOf, parseSafetensors } from "../../../src/checkpoints/safetensors/index.ts";

test("every dtype, by range", async () => {
  const path = new URL("../../checkpoints/safetensors/every-dtype.safetensors", import.meta.url).pathname;
  const whole = parseSafetensors(await readFile(path));
  await using checkpoint = await openSafetensors(await openFile(path));
  expect([...checkpoint.tensors.keys()]).toEqual([...whole.tensors.keys()]);
  for (const tensor of whole.tensors.values()) {
    const entry = checkpoint.tensors.get(tensor.name)!;
    const bytes = new Uint8Array(entry.byteLength);
    await entry.read(bytes);
    const expected = floatsOf(tensor);
    const values = new Float32Array(expected.length);
    unpackRow(entry.format, bytes, 0, values, values.length);
    expect(values).toEqual(expected);
    expect(entry.shape).toEqual(tensor.shape);
  }
});
