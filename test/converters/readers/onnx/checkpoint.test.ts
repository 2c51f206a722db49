/** ONNX exports against the weights that went into them; fixtures/onnx/make_onnx.py wrote both with Python's onnx. */
import { readFileSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openOnnx } from "../../../../converters/readers/onnx/checkpoint.ts";
import { unpackRow } from "../../../../kernels/formats/index.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { openFile } from "../../../../src/adapters/node/open-file.ts";
import { cli } from "../../../helpers/environment/screen.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

const folder = new URL("../../../../fixtures/onnx/", import.meta.url).pathname;
const expected = JSON.parse(readFileSync(`${folder}expected.json`, "utf8")) as Readonly<
  Record<string, { readonly shape: number[]; readonly values: number[] }>
>;

test.each([
  ["linear.onnx", "F32"],
  ["linear-fp16.onnx", "F16"],
  ["linear-external.onnx", "F32"],
  ["linear-here.onnx", "F32"],
  ["linear-folder.onnx", "F32"],
])("%s: every weight under its module's name, matrices turned back", async (file, format) => {
  await using checkpoint = await openOnnx(await openFile(folder + file), openFolder(folder));
  const read: Record<string, unknown> = {};
  for (const entry of checkpoint.tensors.values()) {
    expect(entry.format).toBe(format);
    const bytes = new Uint8Array(entry.byteLength);
    await entry.read(bytes);
    const values = new Float32Array(entry.shape.reduce((product, size) => product * size, 1));
    unpackRow(entry.format, bytes, 0, values, values.length);
    read[entry.name] = { shape: entry.shape, values: [...values] };
  }
  expect(read).toEqual(expected);
});

test("integers without a scale are no weights", async () => {
  await using file = await openFile(`${folder}linear-int8.onnx`);
  await expect(openOnnx(file, openFolder(folder))).rejects.toMatchObject({
    code: "unsupported_format",
    message: expect.stringContaining("without a scale") as unknown,
  });
});

test.each([
  ["linear-external.onnx", "linear.bin"],
  ["linear-folder.onnx", "data/linear.bin"],
])("%s is not opened without its data, or with a part of it", async (name, data) => {
  const copy = await temporaryFolder();
  await mkdir(join(copy, "data"));
  await copyFile(folder + name, join(copy, name));
  const open = async (): Promise<unknown> => openOnnx(await openFile(join(copy, name)), openFolder(copy));
  const refusal = (reason: string) => ({
    code: "checkpoint_malformed",
    message: expect.stringContaining(reason) as unknown,
  });
  await expect(open()).rejects.toMatchObject(refusal("cannot be opened"));
  const whole = readFileSync(folder + data);
  await writeFile(join(copy, data), whole.subarray(0, -1));
  await expect(open()).rejects.toMatchObject(refusal(`at most ${whole.length - 1}`));
  expect((await cli("inspect", join(copy, name))).exitCode).toBe(3);
});
