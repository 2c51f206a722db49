/** Stage archives of every format: what is written is read back, and nothing is left of what is abandoned. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { archiveFormats, createArchive, openArchive } from "../../../src/diff/archives/index.ts";
import type { ArchiveFormat } from "../../../src/diff/archives/index.ts";
import { bytesOf } from "../../../src/diff/archives/archive.ts";
import { readArchive } from "../../helpers/environment/read-archive.ts";
import { exampleMetadata, ggufStages, writeStages } from "../../helpers/builders/example-archives.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const python = (name: string): string => fixture(`archives/python/${name}`);

const endings: Readonly<Record<ArchiveFormat, string>> = {
  safetensors: "a.safetensors",
  npz: "a.npz",
  npy: "folder",
  gguf: "a.gguf",
  crispasr: "b.gguf",
};

describe.each(archiveFormats)("%s", (format) => {
  test("keeps all values and names", async () => {
    const folder = await temporaryFolder();
    const name = fc.stringMatching(/^[a-z_][a-z0-9_.]{0,40}$/u);
    const stage = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return fc.float32Array({ minLength: length, maxLength: length }).map((values) => ({ shape, values }));
    });
    const stages = fc.uniqueArray(fc.tuple(name, stage), {
      maxLength: 6,
      selector: ([name]) => name.toLowerCase(),
    });
    const path = join(folder, endings[format]);
    await fc.assert(
      fc.asyncProperty(
        stages.filter((all) => all.length > 0),
        async (all) => {
          await writeStages(path, new Map(all), { format });
          const { stages, metadata } = await readArchive(path);
          expect([...stages]).toEqual(all);
          expect(metadata).toEqual(exampleMetadata);
        },
      ),
      { numRuns: 25 },
    );
    expect(await readdir(folder)).toEqual([endings[format]]);
  });

  test("leaves no files when it is abandoned", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, endings[format]);
    const archive = await createArchive(path, { format });
    await archive.add("a", [2], Float32Array.of(1, 2));
    await archive.abort();
    await expect(archive.add("b", [1], Float32Array.of(1))).rejects.toThrow("complete");
    expect(await readdir(folder)).toEqual([]);
  });

  test("keeps an earlier archive until it is finished", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, endings[format]);
    await writeStages(path, ggufStages, { format });
    const archive = await createArchive(path, { format });
    await archive.add("a", [1], Float32Array.of(1));
    expect((await readArchive(path)).stages.size).toBe(ggufStages.size);
    await archive.finish();
    expect([...(await readArchive(path)).stages.keys()]).toEqual(["a"]);
  });

  test("writes overlapping calls in their order", async () => {
    const path = join(await temporaryFolder(), endings[format]);
    const archive = await createArchive(path, { format });
    const calls = Array.from({ length: 20 }, (_, i) => archive.add(`s${19 - i}`, [1], Float32Array.of(i)));
    await Promise.all([...calls, archive.finish()]);
    const { stages } = await readArchive(path);
    expect([...stages].map(([name, { values }]) => [name, values[0]])).toEqual(
      Array.from({ length: 20 }, (_, i) => [`s${19 - i}`, i]),
    );
  });

  test("takes a name of 200 bytes, of 63 in GGUF", async () => {
    const path = join(await temporaryFolder(), endings[format]);
    const name = "x".repeat(["gguf", "crispasr"].includes(format) ? 63 : 200);
    await using archive = await createArchive(path, { format });
    await archive.add(name, [1], Float32Array.of(1));
    await archive.finish();
    expect([...(await readArchive(path)).stages.keys()]).toEqual([name]);
  });

  test("refuses an invalid stage, and is not written then", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, endings[format]);
    for (const name of ["", "a/b", "..", ".hidden", "a\\b", "c:", "x".repeat(201), "a\nb", "__metadata__"]) {
      const archive = await createArchive(path, { format });
      await expect(archive.add(name, [1], Float32Array.of(1)), name).rejects.toMatchObject({
        code: "archive_limit",
      });
      await expect(archive.finish()).rejects.toMatchObject({ code: "archive_limit" });
      await archive.abort();
    }
    const archive = await createArchive(path, { format });
    await archive.add("a", [1], Float32Array.of(1));
    await expect(archive.add("a", [1], Float32Array.of(1))).rejects.toThrow("taken");
    await archive.abort();
    for (const count of [5, 7]) {
      const other = await createArchive(path, { format });
      const added = other.add("a", [2, 3], new Float32Array(count));
      await expect(added).rejects.toThrow(`${count} values for [2, 3]`);
      await other.abort();
    }
    expect(await readdir(folder)).toEqual([]);
  });
});

describe.each([
  { format: "safetensors", names: 190, many: 5000, alignment: 1 },
  { format: "gguf", names: 58, many: 12_000, alignment: 32 },
] as const)("a $format archive", ({ format, names, many, alignment }) => {
  const least = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

  test("that is large pads its header instead of moving its values", async () => {
    const path = join(await temporaryFolder(), endings[format]);
    const large = new Float32Array(17 * 2 ** 20).map((_, i) => i);
    const small = Float32Array.of(1, 2, 3);
    await writeStages(path, new Map([["small", { shape: [3], values: small }], ["large", { shape: [17, 2 ** 20], values: large }]])); // prettier-ignore
    expect((await stat(path)).size).toBe(2 ** 20 + large.byteLength + least(small.byteLength));
    const { stages, metadata } = await readArchive(path);
    expect(Buffer.compare(bytesOf(stages.get("large")!.values), bytesOf(large))).toBe(0);
    expect(stages.get("small")!.values).toEqual(small);
    expect(metadata).toEqual(exampleMetadata);
  });

  test.each([
    ["more names than there is room for", many],
    ["few names", 5],
  ])("of %s is moved, whatever overlaps", async (_, count) => {
    const path = join(await temporaryFolder(), endings[format]);
    const values = new Float32Array(3 * 2 ** 20 + 1).map((_, i) => i);
    const rest = Array.from({ length: count }, (_, i) => `${"x".repeat(names)}${i}`);
    const one = { shape: [1], values: Float32Array.of(7) };
    await writeStages(path, new Map([["first", { shape: [values.length], values }], ...rest.map((name) => [name, one] as const)])); // prettier-ignore
    await using archive = await openArchive(path);
    expect([...archive.stages.keys()]).toEqual(["first", ...rest]);
    expect(Buffer.compare(bytesOf((await archive.read("first")).values), bytesOf(values))).toBe(0);
    for (const name of rest.slice(-5)) expect(await archive.read(name)).toEqual(one);
  });
});

test("GGUF refuses stages that it cannot hold", async () => {
  const folder = await temporaryFolder();
  const rows: [string, number[]][] = [
    ["n".repeat(64), [1]],
    ["empty", [0, 3]],
    ["deep", [1, 1, 1, 1, 1]],
  ];
  for (const [name, shape] of rows) {
    await using archive = await createArchive(join(folder, "a.gguf"));
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    await expect(archive.add(name, shape, values), name).rejects.toMatchObject({ code: "archive_limit" });
  }
});

test("an unknown ending is refused", async () => {
  await expect(createArchive("a.txt")).rejects.toMatchObject({ code: "bad_option" });
});

test("a missing stage is named", async () => {
  await using archive = await openArchive(python("stages.npz"));
  await expect(archive.read("llm.lm_head")).rejects.toThrow('stages.npz: there is no stage "llm.lm_head"');
});
