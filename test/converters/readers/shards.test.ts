/** Safetensors in several files: all of them are read, and an index that states something else is refused. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openShards } from "../../../converters/readers/shards.ts";
import { openFolder } from "../../../src/adapters/node/folder.ts";
import { openModel } from "../../../src/containers/open-model.ts";
import { encodeSafetensors, floatTensor } from "../../../src/checkpoints/safetensors/index.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

async function folderWith(index: unknown): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of ["a", "b"]) {
    const content = encodeSafetensors([floatTensor(`${name}.weight`, [2], Float32Array.of(1, 2))]);
    await writeFile(join(folder, `${name}.safetensors`), Buffer.concat([...content]));
  }
  await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify(index));
  return folder;
}

test("the tensors of all files", async () => {
  const map = { "a.weight": "a.safetensors", "b.weight": "b.safetensors" };
  await using state = await openShards(openFolder(await folderWith({ weight_map: map })));
  expect([...state.tensors.keys()]).toEqual(["a.weight", "b.weight"]);
  expect(state.shards).toEqual(["a.safetensors", "b.safetensors"]);
});

test("one of the files stands for all", async () => {
  const folder = fixture("dialects/funasr-mlx-nano");
  await using whole = await openModel(folder);
  await using part = await openModel(join(folder, "model-00003.safetensors"));
  expect([...part.tensors.keys()]).toEqual([...whole.tensors.keys()]);
});

describe("refused is an index", () => {
  const whole = { "a.weight": "a.safetensors", "b.weight": "b.safetensors" };
  test.each<[string, unknown, RegExp]>([
    ["without a map", {}, /no weight_map/],
    ["that is no object", 7, /no weight_map/],
    ["of a tensor that is nowhere", { weight_map: { ...whole, c: "a.safetensors" } }, /does not hold c/],
    [
      "that lacks a tensor",
      { weight_map: { "b.weight": "b.safetensors", "a.x": "a.safetensors" } },
      /a\.weight is in/,
    ],
    [
      "of the wrong file",
      { weight_map: { "a.weight": "b.safetensors", "b.weight": "a.safetensors" } },
      /is in/,
    ],
    ["that leads elsewhere", { weight_map: { a: "../a.safetensors" } }, /a safetensors file of the folder/],
    ["of a number", { weight_map: { a: 1 } }, /a safetensors file of the folder/],
    ["of a file that is not there", { weight_map: { c: "c.safetensors" } }, /there is no such file/],
  ])("%s", async (_, index, message) => {
    await expect(openShards(openFolder(await folderWith(index)))).rejects.toThrow(message);
  });
});

test("an index of 1,000 files is read, one of 1,001 is refused before any is opened", async () => {
  const map = (files: number): unknown => ({
    weight_map: Object.fromEntries(Array.from({ length: files }, (_, i) => [`w${i}`, `${i}.safetensors`])),
  });
  const at = async (files: number) => openShards(openFolder(await folderWith(map(files))));
  await expect(at(1_000)).rejects.toMatchObject({ code: "file_not_found" }); // it goes on to the first of them
  await expect(at(1_001)).rejects.toMatchObject({
    code: "checkpoint_malformed",
    message: expect.stringContaining("1001 files"),
  });
});

test("a header whose length begins like a zip archive is no zip archive", async () => {
  const head = await readFile(fixture("dialects/transformers/model.safetensors"));
  expect(head.subarray(0, 1).toString()).toBe("P");
  const folder = await temporaryFolder();
  for (const name of ["model.safetensors", "config.json", "tokenizer.json"])
    await copyFile(fixture(`dialects/transformers/${name}`), join(folder, name));
  await using model = await openModel(join(folder, "model.safetensors"));
  expect(model.tensors.size).toBe(129);
});
