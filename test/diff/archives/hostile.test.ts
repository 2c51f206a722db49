/** Stage archives that break a rule: each is refused with its code, and so is any mutant of a good file. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readArchive } from "../../helpers/environment/read-archive.ts";
import { FunAsrError } from "../../../src/errors.ts";
import {
  asDeflated,
  deflatedTo,
  hostileArrays,
  hostileZips,
  soundArray,
  zipOf,
} from "../../helpers/builders/hostile-archives.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { survey } from "../../../tools/fuzz/survey.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

async function expectRefused(path: string, message: string, code = "archive_malformed"): Promise<void> {
  const start = process.cpuUsage();
  const error = await readArchive(path).then(
    () => undefined,
    (error: unknown) => error,
  );
  const { user, system } = process.cpuUsage(start); // of this process: others may use the processor
  expect((user + system) / 1000).toBeLessThan(250);
  expect(error).toBeInstanceOf(FunAsrError);
  expect(error).toMatchObject({ code });
  expect((error as FunAsrError).message).toContain(message);
}

describe("a NumPy array", () => {
  test.each(hostileArrays)("%s", async (_, bytes, message) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.npy"), bytes);
    await expectRefused(folder, message);
    const path = join(folder, "a.npz");
    await writeFile(path, await zipOf([["a.npy", bytes]]));
    await expectRefused(path, message);
  });
});

test.each(hostileZips)("a zip: %s", async (_, make, message) => {
  const path = join(await temporaryFolder(), "a.npz");
  await writeFile(path, await make());
  await expectRefused(path, message);
});

test("a bomb is inflated no further than its array is long", async () => {
  const path = join(await temporaryFolder(), "bomb.npz");
  const bomb = deflateRawSync(Buffer.concat([soundArray, Buffer.alloc(64 * 2 ** 20)]));
  await writeFile(path, asDeflated(await zipOf([["a.npy", bomb]]), soundArray.length));
  await expectRefused(path, "cannot be inflated to its size");
});

test("a deflated array of one byte below 2 GiB is refused for its ratio alone", async () => {
  const path = join(await temporaryFolder(), "a.npz");
  await writeFile(path, await deflatedTo(2 ** 31 - 1));
  await expectRefused(path, "2147483647 bytes deflated to", "archive_limit");
});

test("a folder: no arrays, or a list of others", async () => {
  const folder = await temporaryFolder();
  await expectRefused(folder, "no arrays");
  await writeFile(join(folder, "a.npy"), soundArray);
  await writeFile(join(folder, "metadata.json"), '{"stages":["b"]}');
  await expectRefused(folder, 'lists "b"');
  await writeFile(join(folder, "metadata.json"), '{"stages":["../a"]}');
  await expectRefused(folder, 'lists "../a"');
  await writeFile(join(folder, "metadata.json"), '{"stages":[1]}');
  await expectRefused(folder, "not names");
  await mkdir(join(folder, "b.npy"));
  await writeFile(join(folder, "metadata.json"), "{}");
  await expectRefused(folder, "regular file", "file_unreadable");
});

test("metadata of 16 MiB are read, in a folder and in a zip, and a byte more is refused", async () => {
  const most = 16 * 2 ** 20;
  const text = (size: number): Buffer => Buffer.from('{"metadata":{"a":"b"}}'.padEnd(size));
  const folder = await temporaryFolder();
  await writeFile(join(folder, "a.npy"), soundArray);
  const zip = join(folder, "a.npz");
  for (const size of [most, most + 1]) {
    await writeFile(join(folder, "metadata.json"), text(size));
    await writeFile(
      zip,
      await zipOf([
        ["a.npy", soundArray],
        ["__metadata__.json", text(size)],
      ]),
    );
    for (const path of [folder, zip]) {
      if (size > most) await expectRefused(path, `${size} bytes of metadata`);
      else expect((await readArchive(path)).metadata).toEqual(new Map([["a", "b"]]));
    }
  }
});

test("GGUF: a model is no archive", async () => {
  await readArchive(fixture("archives/python/crispasr.gguf")); // loads what reads GGUF
  await expectRefused(fixture("tiny/paraformer/paraformer-bf16.gguf"), "of architecture paraformer");
});

test("1,500 mutants are read or refused, never anything else", async () => {
  const { read, refused } = await survey("stage archives", 0, 1_500);
  expect(read).toBeGreaterThan(30);
  expect(refused).toBeGreaterThan(500);
});
