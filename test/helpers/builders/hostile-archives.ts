/** Stage archives that break a rule: NumPy arrays, and zip files of them. */
import { deflateRawSync } from "node:zlib";
import { ZipWriter } from "../../../src/adapters/node/zip/write.ts";

/** An array with this dictionary and number of bytes of values. */
export function npy(dictionary: string, dataBytes = 4, version = 1, length = dictionary.length): Buffer {
  const head = Buffer.from("\u0093NUMPY\u0001\u0000\u0000\u0000", "latin1");
  head.writeUInt8(version, 6);
  head.writeUInt16LE(length, 8);
  return Buffer.concat([head, Buffer.from(dictionary, "latin1"), Buffer.alloc(dataBytes)]);
}

const dict = (descr = "<f4", shape = "1,", fortran = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }\n`;
/** An array of one number. */
export const soundArray = npy(dict());

/** Arrays that break a rule, and what the refusal says. */
export const hostileArrays: [what: string, bytes: Uint8Array, message: string][] = [
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

export async function zipOf(entries: readonly (readonly [string, Uint8Array])[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const zip = new ZipWriter(async (piece) => void pieces.push(Uint8Array.from(piece)));
  for (const [name, bytes] of entries) await zip.add(name, [bytes]);
  await zip.end();
  return Buffer.concat(pieces);
}

/** The only entry of `zip` marked as deflated, to `size` bytes. */
export function asDeflated(zip: Buffer, size: number): Buffer {
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

/** An array of integers of a byte that states to inflate to `size` bytes, its header included; it holds the header alone. */
export async function deflatedTo(size: number): Promise<Buffer> {
  const digits = String(size).length;
  const head = npy(dict("|i1", `${"0".repeat(digits)},`), 0);
  const stated = npy(dict("|i1", `${String(size - head.length).padStart(digits, "0")},`), 0);
  return asDeflated(await zipOf([["a.npy", deflateRawSync(stated)]]), size);
}

const deflated = deflateRawSync(soundArray);
/** Zip files that break a rule, and what the refusal says. */
export const hostileZips: [what: string, make: () => Promise<Uint8Array>, message: string][] = [
  ["only a magic", async () => Buffer.from("PK\u0003\u0004"), "signature not found"],
  [
    "a name twice",
    () =>
      zipOf([
        ["a.npy", soundArray],
        ["a.npy", soundArray],
      ]),
    "twice",
  ],
  ["a name that climbs", () => zipOf([["../a.npy", soundArray]]), "relative path"],
  ["an absolute name", () => zipOf([["/a.npy", soundArray]]), "absolute path"],
  ["a foreign file", () => zipOf([["a.exe", soundArray]]), "a foreign file"],
  ["metadata that is no JSON", () => zipOf([["__metadata__.json", Buffer.from("{]")]]), "no JSON"],
  ["metadata that is a list", () => zipOf([["__metadata__.json", Buffer.from("[]")]]), "something else"],
  [
    "metadata that is not text",
    () => zipOf([["__metadata__.json", Buffer.from('{"metadata":{"a":1}}')]]),
    "not text",
  ],
  ["a cut directory", async () => (await zipOf([["a.npy", soundArray]])).subarray(0, -30), "signature"],
  [
    "more than it promises",
    async () => asDeflated(await zipOf([["a.npy", deflated]]), soundArray.length - 1),
    "bytes for [1]",
  ],
  [
    "less than it promises",
    async () => asDeflated(await zipOf([["a.npy", deflated]]), soundArray.length + 4),
    "bytes for [1]",
  ],
  [
    "fewer values than its header and its size promise",
    async () => {
      const short = npy(dict("<f4", "2,"), 4);
      return asDeflated(await zipOf([["a.npy", deflateRawSync(short)]]), short.length + 4);
    },
    `${soundArray.length} bytes inflated; wanted ${soundArray.length + 4}`,
  ],
  ["deflated to 2 GiB", () => deflatedTo(2 ** 31), "2147483648 bytes deflated; wanted at most 2147483647"],
  [
    "no deflated data",
    async () => asDeflated(await zipOf([["a.npy", Buffer.alloc(40, 255)]]), 99),
    "cannot be inflated",
  ],
];
