/** WebM and Matroska as recorders write and break them: sizes that are not known, damage, and what is left out. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { bytes, chunk, join, text, wav } from "../helpers/builders/wav.ts";
import {
  CLUSTER,
  CUES,
  SEGMENT,
  TRACKS,
  VOID,
  element,
  piecesOf,
  recorded,
  takeApart,
} from "../helpers/builders/webm.ts";
import type { Size } from "../helpers/builders/webm.ts";

const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(resolve(import.meta.dirname, "compressed", name)));
const webm = file("opus.webm");
const { head, pieces } = takeApart(webm);
const clusters = pieces.filter(({ id }) => id === CLUSTER);
const load = (input: Uint8Array | AsyncIterable<Uint8Array>) => loadAudio(input, { ffmpeg: false });

async function* inPieces(all: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < all.length; at += 100) yield all.subarray(at, at + 100);
}
/** The segment's elements in a file, by the size of each. */
function build(parts: readonly Uint8Array[], size: Size = "unknown"): Uint8Array {
  return join(head, element(SEGMENT, join(...parts), size));
}
const each = (size: Size = "known"): Uint8Array[] =>
  pieces.map(({ id, content }) => element(id, content, id === CLUSTER ? size : "known"));
/** Makes the bytes of `part` from `at` on those of `values`. */
function patched(part: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = part.slice();
  copy.set(values, at);
  return copy;
}
const samples = async (input: Uint8Array): Promise<Float32Array> => (await load(input)).samples;

it("the fixture has several clusters", () => expect(clusters.length).toBeGreaterThan(3));

describe("sizes that a recorder does not know", () => {
  const sizes: readonly Size[] = ["known", "unknown", "unknown in a byte"];
  it.each(sizes.flatMap((segment) => sizes.map((cluster) => [segment, cluster] as const)))(
    "segment %s, clusters %s",
    async (segment, cluster) => {
      const input = recorded(webm, segment, cluster);
      const audio = await load(input);
      expect(audio).toMatchObject({ duration: 0.375, truncated: false, warnings: [] });
      expect(audio.samples).toEqual(await samples(webm));
      expect(await load(inPieces(input))).toEqual(audio);
    },
  );

  it("an unknown size in four bytes, of segment and clusters", async () => {
    const short = (id: string, content: Uint8Array): Uint8Array =>
      join(Uint8Array.from(Buffer.from(id, "hex")), bytes(0x1f, 0xff, 0xff, 0xff), content);
    const written = pieces.map(({ id, content }) =>
      id === CLUSTER ? short(id, content) : element(id, content),
    );
    const audio = await load(join(head, short(SEGMENT, join(...written))));
    expect(audio).toMatchObject({ duration: 0.375, truncated: false, warnings: [] });
  });

  it("a segment whose size leaves the clusters out", async () => {
    const parts = each();
    const counted = element(SEGMENT, join(...parts.slice(0, 2)));
    const audio = await load(join(head, counted, ...parts.slice(2)));
    expect(audio).toMatchObject({ duration: 0.375, truncated: false, warnings: [] });
  });
});

describe("elements that are not needed", () => {
  it.each([
    ["Cues that point nowhere", element(CUES, new Uint8Array(300).fill(0xbb))],
    ["a Void of two bytes", bytes(0xec, 0x80)],
    ["a Void of 127 bytes", join(bytes(0xec, 0xfd), new Uint8Array(125))],
    ["a Void of 128 bytes", join(bytes(0xec, 0x40, 125), new Uint8Array(125))],
    ["a Void of 129 bytes", join(bytes(0xec, 0x40, 126), new Uint8Array(126))],
    ["a checksum", join(bytes(0xbf, 0x84), bytes(1, 2, 3, 4))],
    ["a Void of 70,000 bytes", element(VOID, new Uint8Array(70_000).fill(0x1f))],
  ])("%s is passed over, wherever it is", async (_, extra) => {
    const parts = each();
    for (let at = 0; at <= parts.length; at++) {
      const audio = await load(build([...parts.slice(0, at), extra, ...parts.slice(at)]));
      expect(audio).toMatchObject({ duration: 0.375, truncated: false, warnings: [] });
    }
  });
});

describe("damage", () => {
  const second = element(CLUSTER, clusters[1]!.content);
  /** Blocks are of 20 ms. */
  const lost = 0.02 * piecesOf(clusters[1]!.content).filter(({ id }) => id === "a3" || id === "a0").length;

  it.each([1, 2, 8, 9, 127, 128, 129, 4_000, 600_000])(
    "%i bytes between clusters lose no audio",
    async (length) => {
      const parts = each();
      const junk = new Uint8Array(length).fill(0x55);
      const audio = await load(build([...parts.slice(0, 3), junk, ...parts.slice(3)]));
      if (length >= 2) {
        expect(audio.samples).toEqual(await samples(webm));
        expect(audio.warnings).toEqual([`${length} bytes are damaged and were left out`]);
      }
      expect(audio.truncated).toBe(true);
    },
  );

  it.each([
    ["its identifier", 0],
    ["the identifier of a block", 12 + 3],
    ["the size of a block", 12 + 4],
  ])("of a cluster in %s loses that cluster alone", async (_, at) => {
    const parts = each();
    const broken = patched(second, at, 0, 0, 0);
    const audio = await load(build([...parts.slice(0, 3), broken, ...parts.slice(4)]));
    expect(audio.truncated).toBe(true);
    expect(audio.duration).toBeCloseTo(0.375 - lost, 3);
    expect(audio.warnings.join()).toMatch(/bytes are damaged/u);
  });

  it.each([0, 5, 60, 10_000, 2 ** 40])("a cluster whose size says %i is read whole", async (size) => {
    const field = new DataView(new ArrayBuffer(8));
    field.setBigUint64(0, (1n << 56n) | BigInt(size));
    const parts = each();
    const wrong = patched(second, 4, ...new Uint8Array(field.buffer));
    const audio = await load(build([...parts.slice(0, 3), wrong, ...parts.slice(4)]));
    expect(audio.samples).toEqual(await samples(webm));
  });

  it.each(["known", "unknown"] as const)(
    "cut anywhere, sizes %s, keeps the blocks that are whole",
    async (size) => {
      const whole = recorded(webm, size);
      const all = await samples(webm);
      const start = join(head, element(SEGMENT, join(...each().slice(0, 2)))).length + 20;
      let last = 0;
      for (let end = start; end < whole.length; end += 13) {
        const audio = await load(whole.slice(0, end)).catch((error: { code: string }) => error.code);
        if (typeof audio === "string") {
          expect([audio, last]).toEqual(["audio_empty", 0]);
          continue;
        }
        expect(audio.duration).toBeGreaterThanOrEqual(last);
        last = audio.duration;
        expect(audio.samples.slice(0, -20)).toEqual(all.slice(0, audio.samples.length - 20));
        if (size === "known") expect(audio.truncated).toBe(true);
      }
      expect(last).toBeGreaterThan(0.3);
    },
  );
});

describe("what is behind the segment", () => {
  const tone = wav(new Uint8Array(3200).fill(3), { after: chunk("LIST", text("abcd")) });
  it.each(["known", "unknown"] as const)("is decoded, too, where sizes are %s", async (size) => {
    const one = recorded(webm, size);
    for (const two of [tone, one, file("mono.opus"), file("mono-16.flac")]) {
      const audio = await load(join(one, two));
      const apart = [await load(one), await load(two)];
      expect(audio.duration).toBeCloseTo(apart[0]!.duration + apart[1]!.duration, 9);
      expect(audio).toMatchObject({ truncated: false, warnings: [] });
    }
  });
});

it.each(["\n", `TAG${"a".repeat(125)}`])("text behind a segment of known size is no damage", async (tail) => {
  const audio = await load(join(recorded(webm, "known"), text(tail)));
  expect(audio).toMatchObject({ duration: 0.375, truncated: false, warnings: [] });
});

describe("FLAC", () => {
  const flac = file("mono-16.flac");
  const number = (id: string, value: number): Uint8Array => element(id, bytes(value));
  /** A track of eight channels at 16 kHz, and one block with the frame as often as it is given. */
  const inMatroska = (frame: Uint8Array, times: number): Uint8Array => {
    const rate = new DataView(new ArrayBuffer(8));
    rate.setFloat64(0, 16_000);
    const audio = element("e1", join(element("b5", new Uint8Array(rate.buffer)), number("9f", 8)));
    const codec = join(element("86", text("A_FLAC")), element("63a2", flac.slice(0, 42)));
    const track = element("ae", join(number("d7", 1), number("83", 2), codec, audio));
    const frames = join(...Array.from({ length: times }, () => frame));
    const cluster = join(number("e7", 0), element("a3", join(bytes(0x81, 0, 0, 0x80), frames)));
    return build([element(TRACKS, track), element(CLUSTER, cluster)]);
  };

  it("whose few bytes stand for gigabytes is refused", async () => {
    const zeros = bytes(0xff, 0xf8, 0x75, 0x78, 0, 0xff, 0xfe, 0xa9, ...Array<number>(26).fill(0));
    await expect(load(inMatroska(zeros, 10_000))).rejects.toMatchObject({
      code: "audio_malformed",
      message: expect.stringContaining("samples"),
    });
  });
});

describe("what is refused", () => {
  const parts = each();
  it.each([
    ["no segment", head],
    ["no tracks", build([parts[0]!, ...parts.slice(2)])],
    ["damage before the clusters", build([parts[0]!, new Uint8Array(9), ...parts.slice(1)])],
    ["tracks of nothing", build([parts[0]!, element(TRACKS, new Uint8Array(0)), ...parts.slice(2)])],
    ["tracks of zeros", build([parts[0]!, element(TRACKS, new Uint8Array(90)), ...parts.slice(2)])],
    ["tracks that are cut", build(parts).slice(0, head.length + 12 + parts[0]!.length + 30)],
    ["another codec", build([parts[0]!, vorbis(parts[1]!), ...parts.slice(2)])],
  ])("%s: as an encoding that ffmpeg may know", async (_, input) => {
    await expect(load(input)).rejects.toMatchObject({ code: "unsupported_encoding" });
  });

  function vorbis(tracks: Uint8Array): Uint8Array {
    return patched(tracks, Buffer.from(tracks).indexOf("A_OPUS"), ...text("A_XXXX"));
  }
});
