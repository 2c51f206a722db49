/** Archives that are folders replace earlier archives and nothing else. */
import { lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createArchive } from "../../../src/diff/archives/index.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

describe("a folder", () => {
  const one = { shape: [2], values: Float32Array.of(1, 2) };
  const write = async (path: string, ...names: string[]): Promise<void> => {
    await using archive = await createArchive(path);
    for (const name of names) await archive.add(name, one.shape, one.values);
    await archive.finish();
  };
  const at = async (): Promise<string> => join(await temporaryFolder(), "mine");

  test.each([
    ["a text", async (path: string) => writeFile(join(path, "thesis.tex"), "…")],
    ["an array of the user's own", async (path: string) => writeFile(join(path, "mine.npy"), "…")],
    ["a folder named like an array", async (path: string) => mkdir(join(path, "a.npy"))],
    ["a link named like a stage", async (path: string) => symlink("/dev/null", join(path, "link.npy"))],
  ])("with %s in it is not replaced, be it an archive or not", async (_, spoil) => {
    for (const isArchive of [false, true]) {
      const path = await at();
      if (isArchive) await write(path, "a", "link");
      else await mkdir(path);
      if (isArchive) await rm(join(path, "link.npy"));
      if (isArchive) await rm(join(path, "a.npy"));
      await spoil(path);
      const before = await readdir(path);
      await expect(createArchive(path)).rejects.toMatchObject({ code: "file_unwritable" });
      expect(await readdir(path)).toEqual(before);
    }
  });

  test.each(["no JSON", "{}", '{"metadata":{}}', '{"name":"mine"}'])(
    "with a metadata.json of another program, %s, is refused",
    async (text) => {
      const path = await at();
      await mkdir(path);
      await writeFile(join(path, "metadata.json"), text);
      await expect(createArchive(path)).rejects.toMatchObject({ code: "file_unwritable" });
      expect(await readdir(path)).toEqual(["metadata.json"]);
    },
  );

  test("that becomes foreign during the work stays, and the archive is not written", async () => {
    const path = await at();
    await write(path, "a");
    await using archive = await createArchive(path);
    await archive.add("b", one.shape, one.values);
    await writeFile(join(path, "thesis.tex"), "…");
    await expect(archive.finish()).rejects.toThrow("thesis.tex");
    expect((await readdir(path)).toSorted()).toEqual(["a.npy", "metadata.json", "thesis.tex"]);
    expect(await readdir(dirname(path))).toEqual(["mine"]);
  });

  test("that is an archive is replaced, through a link and with its mode; an empty one, too", async () => {
    const path = await at();
    await mkdir(path, { mode: 0o700 });
    await write(path, "a", "b");
    const link = join(dirname(path), "link");
    await symlink("mine", link);
    await write(link, "c");
    expect((await readdir(path)).toSorted()).toEqual(["c.npy", "metadata.json"]);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await readdir(dirname(path))).toSorted()).toEqual(["link", "mine"]);
  });

  test("whose place is a file is refused", async () => {
    const path = await at();
    await writeFile(path, "mine");
    const refusal = {
      code: "file_unwritable",
      message: expect.stringContaining("a file has this name") as string,
    };
    await expect(createArchive(path)).rejects.toMatchObject(refusal);
    await expect(createArchive("/dev/null", { format: "npy" })).rejects.toMatchObject(refusal);
    expect(await readFile(path, "utf8")).toBe("mine");
  });
});
