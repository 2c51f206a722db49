/** Stage archives that break a rule: each is refused with its code, and so is any mutant of a good file. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readArchive } from "../../helpers/environment/read-archive.ts";
import { FunAsrError } from "../../../src/errors.ts";
import { ZipWriter } from "../../../src/adapters/node/zip/write.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { mutant } from "../../helpers/builders/mutate.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

/** An array with this dictionary and number of bytes of values. */
function npy(dictionary: string, dataBytes = 4, version = 1, length = dictionary.length): Buffer {
  const head = Buffer.from("\u0093NUMPY\u0001\u0000\u0000\u0000", "latin1");
  head.writeUInt8(version, 6);
  head.writeUInt16LE(length, 8);
  return Buffer.concat([head, Buffer.from(dictionary, "latin1"), Buffer.alloc(dataBytes)]);
}

const dict = (descr = "<f4", shape = "1,", fortran = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }\n`;
const sound = npy(dict());

const arrays: [what: string, bytes: Uint8Array, message: string][] = [
  ["nothing", new Uint8Array(), "no NumPy array"],
  ["another magic", Buffer.from("PNG and much more than that"), "no NumPy array"],
  ["version 4", npy(dict(), 4, 4), "version 4"],
  ["a header beyond the file", npy(dict(), 4, 1, 65_535), "header of 65535 bytes"],
  ["a header of 4 GB", Buffer.concat([npy("", 0, 2, 0xffff), Buffer.alloc(30, 255)]), "header of 4294967295"],
  ["a header that is cut", npy(dict().slice(0, 20)), "wanted a dictionary"],
  [
    "code in the header",
    npy("{'descr': __import__('os').system('x'), 'fortran_order': False, 'shape': (1,)}"),
    "wanted a dictionary",
  ],
  ["objects", npy(dict("|O")), "type |O"],
  ["big-endian numbers", npy(dict(">f4")), "type >f4"],
  ["complex numbers", npy(dict("<c8"), 8), "type <c8"],
  ["Fortran order", npy(dict("<f4", "2, 2", "True"), 16), "columns first"],
  ["a size without digits", npy(dict("<f4", "2,,2"), 16), 'the size ""'],
  ["a size of 2⁶⁴", npy(dict("<f4", "18446744073709551616,")), "the size"],
  ["a size beyond 2⁵³", npy(dict("<f4", "9007199254740993,")), "the size"],
  [
    "sizes whose product wraps",
    npy(dict("<f4", "4294967296, 4294967296"), 0),
    "0 bytes for [4294967296, 4294967296]",
  ],
  ["33 dimensions", npy(dict("<f4", "1,".repeat(33))), "33 dimensions"],
  ["too few values", npy(dict("<f4", "2,")), "4 bytes for [2]"],
  ["too many values", npy(dict(), 8), "8 bytes for [1]"],
];

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

async function zipOf(entries: readonly (readonly [string, Uint8Array])[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const zip = new ZipWriter(async (piece) => void pieces.push(Uint8Array.from(piece)));
  for (const [name, bytes] of entries) await zip.add(name, [bytes]);
  await zip.end();
  return Buffer.concat(pieces);
}

/** The only entry of `zip` marked as deflated, to `size` bytes. */
function asDeflated(zip: Buffer, size: number): Buffer {
  const directory = zip.indexOf("PK\u0001\u0002", 0, "latin1");
  for (const [method, length] of [
    [8, 22],
    [directory + 10, directory + 24],
  ] as const) {
    zip.writeUInt16LE(8, method);
    zip.writeUInt32LE(size, length);
  }
  return zip;
}

describe("a NumPy array", () => {
  test.each(arrays)("%s", async (_, bytes, message) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.npy"), bytes);
    await expectRefused(folder, message);
    const path = join(folder, "a.npz");
    await writeFile(path, await zipOf([["a.npy", bytes]]));
    await expectRefused(path, message);
  });
});

const deflated = deflateRawSync(sound);
const zips: [what: string, make: () => Promise<Uint8Array>, message: string][] = [
  ["only a magic", async () => Buffer.from("PK\u0003\u0004"), "signature not found"],
  [
    "a name twice",
    () =>
      zipOf([
        ["a.npy", sound],
        ["a.npy", sound],
      ]),
    "twice",
  ],
  ["a name that climbs", () => zipOf([["../a.npy", sound]]), "relative path"],
  ["an absolute name", () => zipOf([["/a.npy", sound]]), "absolute path"],
  ["a foreign file", () => zipOf([["a.exe", sound]]), "a foreign file"],
  ["metadata that is no JSON", () => zipOf([["__metadata__.json", Buffer.from("{]")]]), "no JSON"],
  ["metadata that is a list", () => zipOf([["__metadata__.json", Buffer.from("[]")]]), "something else"],
  [
    "metadata that is not text",
    () => zipOf([["__metadata__.json", Buffer.from('{"metadata":{"a":1}}')]]),
    "not text",
  ],
  ["a cut directory", async () => (await zipOf([["a.npy", sound]])).subarray(0, -30), "signature"],
  [
    "more than it promises",
    async () => asDeflated(await zipOf([["a.npy", deflated]]), sound.length - 1),
    "bytes for [1]",
  ],
  [
    "less than it promises",
    async () => asDeflated(await zipOf([["a.npy", deflated]]), sound.length + 4),
    "bytes for [1]",
  ],
  [
    "no deflated data",
    async () => asDeflated(await zipOf([["a.npy", Buffer.alloc(40, 255)]]), 99),
    "cannot be inflated",
  ],
];

test.each(zips)("a zip: %s", async (_, make, message) => {
  const path = join(await temporaryFolder(), "a.npz");
  await writeFile(path, await make());
  await expectRefused(path, message);
});

test("a bomb is inflated no further than its array is long", async () => {
  const path = join(await temporaryFolder(), "bomb.npz");
  const bomb = deflateRawSync(Buffer.concat([sound, Buffer.alloc(64 * 2 ** 20)]));
  await writeFile(path, asDeflated(await zipOf([["a.npy", bomb]]), sound.length));
  await expectRefused(path, "cannot be inflated to its size");
});

test("a folder: no arrays, or a list of others", async () => {
  const folder = await temporaryFolder();
  await expectRefused(folder, "no arrays");
  await writeFile(join(folder, "a.npy"), sound);
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

test("GGUF: a model is no archive", async () => {
  await readArchive(fixture("archives/python/crispasr.gguf")); // loads what reads GGUF
  await expectRefused(fixture("tiny/paraformer/paraformer-bf16.gguf"), "of architecture paraformer");
});

test.each([
  "python/stages.npz",
  "python/compressed.npz",
  "ours/zip64.npz",
  "python/crispasr.gguf",
  "python/stages.safetensors",
])("mutants of %s are read or refused", async (name) => {
  const original = await readFile(fixture(`archives/${name}`));
  const path = join(await temporaryFolder(), "mutant");
  // the end record's fields of a zip, and the first lengths of the others
  const fields = [8, 16, original.length - 12, original.length - 10, original.length - 6].map(
    (offset) => ({ offset, bytes: 4 }) as const,
  );
  for (let index = 0; index < 300; index++) {
    await writeFile(path, mutant(original, fields, index));
    await readArchive(path).catch((error: unknown) => {
      expect(error, `mutant ${index}`).toBeInstanceOf(FunAsrError);
    });
  }
});
