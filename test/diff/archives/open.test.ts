/** Files that are no stage archives. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isArchive, openArchive } from "../../../src/diff/archives/open.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

/** The length of a safetensors header, and its first byte. */
const safetensors = (length: bigint): Buffer =>
  Buffer.concat([Buffer.from(BigUint64Array.of(length).buffer), Buffer.from("{")]);

test.each([
  ["an empty file", Buffer.alloc(0), "the file is empty"],
  ["a text", Buffer.from("text of no archive"), "the first bytes are no archive's"],
  ["a header longer than the file", safetensors(10n), "the first bytes are no archive's"],
  ["a header without an end", safetensors(2n ** 64n - 1n), "the first bytes are no archive's"],
])("%s", async (_, bytes, message) => {
  const path = join(await temporaryFolder(), "a");
  await writeFile(path, bytes);
  expect(await isArchive(path)).toBe(false);
  await expect(openArchive(path)).rejects.toMatchObject({
    code: "archive_malformed",
    message: expect.stringContaining(`${message}; wanted a stage archive`) as string,
  });
});

test("a header as long as the file is read as one", async () => {
  const path = join(await temporaryFolder(), "a");
  await writeFile(path, safetensors(9n));
  expect(await isArchive(path)).toBe(true);
});
