/** Stage archives that break a rule or inflate to far more than they hold. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { encodeNpyHeader } from "../../../src/diff/archives/npy.ts";
import { openArchive } from "../../../src/diff/archives/index.ts";
import { hostileArrays, hostileZips, zipOf } from "../../../test/helpers/builders/hostile-archives.ts";
import { deflatedZip } from "../../../test/helpers/builders/zip.ts";
import type { AttackCase } from "../case.ts";

/** Reads every stage of an archive with these bytes, under a name. */
async function read(name: string, bytes: Uint8Array): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-attack-"));
  try {
    await writeFile(join(folder, name), bytes);
    await using archive = await openArchive(name.endsWith(".npy") ? folder : join(folder, name));
    for (const stage of archive.stages.keys()) await archive.read(stage);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Zeros of `megabytes`, as an entry of an archive that is a thousand times smaller; it is written down as `size`. */
function bomb(megabytes: number, size?: number): Buffer {
  const content = Buffer.concat([encodeNpyHeader([megabytes * 2 ** 18]), Buffer.alloc(megabytes * 2 ** 20)]);
  const entry = { deflated: deflateRawSync(content), size: size ?? content.length, crc: crc32(content) };
  return deflatedZip([{ name: "a.npy", ...entry }]);
}

const cut = (bytes: Uint8Array, share: number): Uint8Array =>
  bytes.subarray(0, Math.floor(bytes.length * share));
const refused = ["archive_malformed"] as const;

export const cases: readonly AttackCase[] = [
  ...hostileArrays.flatMap(([what, bytes]) => [
    { name: `npy: ${what}`, run: () => read("a.npy", bytes), expected: refused },
    {
      name: `npz: ${what}`,
      run: async () => read("a.npz", await zipOf([["a.npy", bytes]])),
      expected: refused,
    },
  ]),
  ...hostileZips.map(([what, make]) => ({
    name: `zip: ${what}`,
    run: async () => read("a.npz", await make()),
    expected: refused,
  })),
  ...[0.1, 0.5, 0.9, 0.99].map((share) => ({
    name: `${share} of a bomb`,
    run: () => read("a.npz", cut(bomb(16), share)),
    expected: refused,
  })),
  {
    name: "a bomb of 256 MB that promises 1 kB",
    run: () => read("a.npz", bomb(256, 1024)),
    expected: refused,
    milliseconds: 4000,
    mebibytes: 1024,
  },
];
