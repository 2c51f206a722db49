/** How much a stage archive may hold, and archives whose file changes while they are written. */
import { truncate, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createArchive } from "../../../src/diff/archives/index.ts";
import { openNpz } from "../../../src/diff/archives/npz.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import { npy, zipOf } from "../../helpers/builders/hostile-archives.ts";
import { readArchive } from "../../helpers/environment/read-archive.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

/** What a folder lists in place of what it holds. */
let listed: readonly string[] | undefined;
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return { ...real, readdir: async (path: string) => listed ?? real.readdir(path) };
});

const most = 65_536;
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}.npy`);

test("a folder of 65,536 arrays is opened, of one more refused", async () => {
  const folder = await temporaryFolder();
  const open = async (count: number): Promise<unknown> => {
    listed = [...names(count), "metadata.json"];
    return readArchive(folder).finally(() => (listed = undefined));
  };
  await expect(open(most)).rejects.toMatchObject({ code: "file_not_found" }); // of the first of them
  await expect(open(most + 1)).rejects.toMatchObject({
    code: "archive_malformed",
    message: expect.stringContaining("65537 arrays; wanted at most 65536") as string,
  });
});

test("a zip of 65,536 entries is read, of one more refused", async () => {
  const none = new Uint8Array(0);
  const open = async (count: number): Promise<unknown> =>
    openNpz(openBytes(await zipOf(names(count).map((name) => [name, none])), "a.npz"));
  await expect(open(most)).rejects.toThrow('entry "0.npy": no NumPy array');
  await expect(open(most + 1)).rejects.toMatchObject({
    code: "archive_malformed",
    message: expect.stringContaining("65537 entries; wanted at most 65536") as string,
  });
});

test("a header of an array ends within 10,000 bytes", async () => {
  const folder = await temporaryFolder();
  const open = async (size: number): Promise<unknown> => {
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }".padEnd(size - 10);
    await writeFile(join(folder, "a.npy"), npy(text, 4));
    return readArchive(folder);
  };
  await expect(open(10_000)).resolves.toMatchObject({ stages: new Map([["a", { shape: [1] }]]) });
  await expect(open(10_001)).rejects.toMatchObject({
    code: "archive_malformed",
    message: expect.stringContaining("a header of 9991 bytes; wanted at most 9990") as string,
  });
});

test.each([
  ["safetensors", "a.safetensors"],
  ["gguf", "a.gguf"],
] as const)(
  "%s: a file that becomes shorter is refused, and removed",
  async (_, name) => {
    const folder = await temporaryFolder();
    const archive = await createArchive(join(folder, name));
    await archive.add("a", [3], Float32Array.of(1, 2, 3));
    const [draft = ""] = await readdir(folder);
    await truncate(join(folder, draft), 2 ** 20 + 4);
    await expect(archive.finish()).rejects.toMatchObject({
      code: "file_unwritable",
      message: expect.stringContaining("it became shorter") as string,
    });
    expect(await readdir(folder)).toEqual([]);
  },
  10_000,
);
