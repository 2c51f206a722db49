/** A stream that is joined late: its pages count samples from the start of the broadcast (RFC 7845, section 4.1). */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { checksum } from "../../src/audio/ogg.ts";
import { join } from "../helpers/builders/wav.ts";

const file = new Uint8Array(readFileSync(resolve(import.meta.dirname, "compressed/mono.opus")));
/** The last of three pages, of whole packets of 20 ms. */
const last = 869;
const count = file[last + 26]!;
const lengths = [...file.subarray(last + 27, last + 27 + count)];
const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0));

/** A page of packets [from, to) of the last page, with another position of its end. */
function page(from: number, to: number, { flags, number, position }: Record<string, number>): Uint8Array {
  const data = file.subarray(last + 27 + count);
  const head = file.slice(last, last + 27);
  const fields = new DataView(head.buffer);
  head[5] = flags!;
  fields.setBigUint64(6, BigInt(position!), true);
  fields.setUint32(18, number!, true);
  head[26] = to - from;
  const lacing = Uint8Array.from(lengths.slice(from, to));
  const whole = join(head, lacing, data.subarray(ends[from - 1] ?? 0, ends[to - 1]));
  new DataView(whole.buffer).setUint32(22, checksum(whole), true);
  return whole;
}

it.each([0, 480_000])("of pages whose positions begin at %i", async (start) => {
  const alone = await loadAudio(file);
  const position = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(last + 6, true));
  const joined = join(
    file.subarray(0, last),
    page(0, 8, { flags: 0, number: 2, position: start + 8 * 960 }),
    page(8, count, { flags: 4, number: 3, position: start + position }),
  );
  const audio = await loadAudio(joined);
  expect(audio).toMatchObject({ truncated: false, warnings: [] });
  expect(audio.duration).toBe((position - 312) / 48_000); // 312: the header's pre-skip
  expect(audio.samples).toEqual(alone.samples);
});
