/**
 * Stage archives against Python's own libraries: what they wrote we read, and what we write is byte for byte what
 * fixtures/reference/check_archives.py has read with them.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readArchive } from "../../helpers/environment/read-archive.ts";
import {
  exampleFiles,
  exampleMetadata,
  exampleStages,
  wave,
  writeExamples,
} from "../../helpers/builders/example-archives.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const python = (name: string): string => fixture(`archives/python/${name}`);

test("what we write is what Python's libraries have read", async () => {
  const folder = await temporaryFolder();
  await writeExamples(folder);
  for (const file of exampleFiles)
    expect(await readFile(join(folder, file)), file).toEqual(
      await readFile(fixture(`archives/ours/${file}`)),
    );
});

test.each(["stages.safetensors", "stages.npz"])("%s of Python", async (name) => {
  const archive = await readArchive(python(name));
  expect(archive.stages).toEqual(exampleStages);
  // save_file sorts by name
  if (name.endsWith(".npz")) expect([...archive.stages.keys()]).toEqual([...exampleStages.keys()]);
  expect(archive.metadata).toEqual(exampleMetadata);
});

test("savez_compressed of Python", async () => {
  const { stages, metadata } = await readArchive(python("compressed.npz"));
  expect([...stages]).toEqual([...exampleStages]);
  expect(metadata.size).toBe(0);
});

test("arrays of other types, in a folder without a list", async () => {
  const { stages } = await readArchive(python("types"));
  expect([...stages.keys()]).toEqual([
    "bool", "float16", "float64", "fortran", "int32", "int64", "uint8", "version2",
  ]); // prettier-ignore
  const { values } = wave(3, 4);
  const whole = values.map(Math.trunc);
  expect(stages.get("float64")?.values).toEqual(values);
  expect(stages.get("float16")?.values).toEqual(values);
  expect(stages.get("int64")?.values).toEqual(whole);
  expect(stages.get("int32")?.values).toEqual(whole);
  expect(stages.get("uint8")?.values).toEqual(whole.map((x) => x & 255));
  expect(stages.get("bool")?.values).toEqual(values.map((x) => (x === 0 ? 0 : 1)));
  expect(stages.get("version2")).toEqual(wave(2, 2));
  expect(stages.get("fortran")).toEqual(wave(1, 6));
});
