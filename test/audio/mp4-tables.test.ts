/** Counts in the tables of MP4: refused where they exceed the file, wherever their box is (ISO/IEC 14496-12, 4.2). */
import { expect, it } from "vitest";
import { checkTables } from "../../src/audio/mp4-tables.ts";
import { openBytes } from "../../src/platform/bytes.ts";
import { bytes, join } from "../helpers/builders/wav.ts";

const big = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
const named = (name: string): Uint8Array => Uint8Array.from(name, (letter) => letter.charCodeAt(0));

/** A box with its length in 32 bits. */
const box = (name: string, ...content: Uint8Array[]): Uint8Array => {
  const data = join(...content);
  return join(bytes(...big(8 + data.length)), named(name), data);
};
/** A box with its length in 64 bits. */
const long = (name: string, ...content: Uint8Array[]): Uint8Array => {
  const data = join(...content);
  return join(bytes(...big(1)), named(name), bytes(...big(0), ...big(16 + data.length)), data);
};
/** A box up to the end of the file. */
const open = (name: string, ...content: Uint8Array[]): Uint8Array =>
  join(bytes(...big(0)), named(name), ...content);

/** Version and flags, the number of entries, and one entry: this many samples of 1024. */
const times = (count: number): Uint8Array =>
  box("stts", bytes(...big(0), ...big(1), ...big(count), ...big(1024)));

it.each<[string, (table: Uint8Array) => Uint8Array]>([
  ["by itself", (table) => table],
  ["in others", (table) => box("moov", box("trak", box("mdia", table)))],
  ["in a long one", (table) => long("moov", table)],
  ["behind a long one", (table) => join(long("free", new Uint8Array(5)), box("moov", table))],
  ["behind a long one of others", (table) => join(long("moov", times(1)), box("moov", table))],
  ["in one up to the end", (table) => open("moov", box("free"), table)],
])("%s", async (_, placed) => {
  await expect(checkTables(openBytes(placed(times(20))))).resolves.toBeUndefined();
  for (const count of [1000, 0xffff_ffff])
    await expect(checkTables(openBytes(placed(times(count))))).rejects.toMatchObject({
      code: "audio_malformed",
      message: expect.stringContaining(`a count of ${count} in the box stts`),
    });
});

it("what no box of tables holds is not looked at", async () => {
  const file = join(box("mdat", times(1000)), box("moov", box("free", times(1000))));
  await expect(checkTables(openBytes(file))).resolves.toBeUndefined();
});

it.each([
  ["stts", 8],
  ["ctts", 8],
  ["stsc", 12],
  ["stco", 4],
  ["co64", 8],
  ["stss", 4],
])("entries of %s that its box has no bytes for are refused", async (name, entryBytes) => {
  const table = (count: number): Uint8Array =>
    join(box(name, bytes(...big(0), ...big(count)), new Uint8Array(2 * entryBytes)), new Uint8Array(500));
  for (const count of [0, 1, 2]) await expect(checkTables(openBytes(table(count)))).resolves.toBeUndefined();
  for (const count of [3, 40, 0xffff_ffff])
    await expect(checkTables(openBytes(table(count)))).rejects.toMatchObject({
      code: "audio_malformed",
      message: expect.stringContaining(`${count} entries in the box ${name}; wanted at most the 2`),
    });
});
