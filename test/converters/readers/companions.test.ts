/** Small files beside a checkpoint: one that is too large is refused before a byte of it is read. */
import { expect, test } from "vitest";
import { Companions } from "../../../converters/readers/companions.ts";
import type { FileSet } from "../../../src/platform/file-set.ts";

const most = 64 * 2 ** 20;

/** A folder whose files are all of `size` zeros; `read` gets how many bytes are asked for. */
const folderOf = (size: number, read: (bytes: number) => void): FileSet => ({
  name: "folder",
  names: async () => [],
  has: async () => true,
  openPlain: async () => undefined,
  open: async (name) => ({
    name,
    size,
    remote: false,
    read: async (_, target) => read(target.length),
    [Symbol.asyncDispose]: async () => {},
  }),
});

test("of 64 MiB is read, of a byte more refused", async () => {
  const reads: number[] = [];
  const at = (size: number) => new Companions(folderOf(size, (bytes) => void reads.push(bytes)));
  expect((await at(most).bytes("a.json")).length).toBe(most);
  await expect(
    at(most + 1)
      .bytes("a.json")
      .then(({ length }) => length),
  ).rejects.toMatchObject({
    code: "checkpoint_malformed",
    where: "folder/a.json",
    message: expect.stringContaining(`${most + 1} bytes; wanted at most ${most}`),
  });
  expect(reads).toEqual([most]);
});
