/** Safetensors by range give what the whole file gives; an index needs a map. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSafetensors } from "../../../converters/readers/safetensors.ts";
import { openShards } from "../../../converters/readers/shards.ts";
import { unpackRow } from "../../../kernels/formats/index.ts";
import { openFolder } from "../../../src/adapters/node/folder.ts";
import { openFile } from "../../../src/adapters/node/open-file.ts";
import { floatsOf, parseSafetensors } from "../../../src/checkpoints/safetensors/index.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

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

test.each([null, 7])("an index whose map is %s is refused", async (map) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  await expect(openShards(openFolder(folder))).rejects.toMatchObject({
    code: "checkpoint_malformed",
    message: expect.stringContaining("no weight_map") as string,
  });
});
