/** Marks of containers, by headers as their specifications have them, and the same headers with one field changed. */
import { describe, expect, it } from "vitest";
import { startsContainer } from "../../src/audio/signatures.ts";
import { bytes, join, text } from "../helpers/builders/wav.ts";

/** Behind a byte that is not part of it. */
const starts = (header: Uint8Array): boolean =>
  startsContainer(join(bytes(7), header, new Uint8Array(64)), 1);

const first = join(text("OggS"), bytes(0, 2)); // RFC 3533: version 0, flag 2 on the first page of a stream
const flv = join(text("FLV"), bytes(1, 4, 0, 0, 0, 9)); // version 1, audio, a header of 9 bytes
const flac = join(text("fLaC"), bytes(0x80, 0, 0, 34)); // RFC 9639: STREAMINFO of 34 bytes, the last block
const aiff = join(text("FORM"), bytes(0, 1, 2, 3), text("AIFC")); // AIFF: a size, then the kind of form
const wavpack = join(text("wvpk"), bytes(9, 9, 9, 9, 0x10, 4)); // a size, version 0x410
const sun = join(text(".snd"), bytes(0, 0, 0, 24, 9, 9, 9, 9, 0, 0, 0, 3)); // data at 24, a size, encoding 3
const mp4 = join(bytes(0, 0, 0, 24), text("ftypM4A ")); // ISO/IEC 14496-12: the size of the box, its name

describe("a header of", () => {
  it.each([
    ["Ogg", first],
    ["Ogg with another flag too", first.with(5, 6)],
    ["FLV", flv],
    ["FLV with a picture", flv.with(4, 5)],
    ["FLAC", flac],
    ["AIFF", aiff],
    ["MP4", mp4],
    ["WavPack", wavpack],
    ["Sun audio", sun],
    ["Sun audio in another encoding", sun.with(15, 27)],
    ["FLAC with more blocks", flac.with(4, 0)],
  ])("%s starts a part", (_, header) => {
    expect(starts(header)).toBe(true);
  });

  it.each([
    ["a later page of Ogg", first.with(5, 0)],
    ["the last page of Ogg", first.with(5, 4)],
    ["another version of Ogg", first.with(4, 1)],
    ["FLV of another length", flv.with(8, 8)],
    ["MP4 with a box of 64 KiB", mp4.with(1, 1)],
    ["MP4 with a box of 280 bytes", mp4.with(2, 1)],
    ["another form of IFF", aiff.with(8, 0x42)],
    ["another version of WavPack", wavpack.with(9, 3)],
    ["Sun audio of an encoding that there is not", sun.with(14, 1)],
    ["Sun audio whose data is far away", sun.with(5, 1)],
    ["FLAC that begins with another block", flac.with(4, 4)],
    ["FLAC with a STREAMINFO of another length", flac.with(7, 35)],
  ])("%s does not", (_, header) => {
    expect(starts(header)).toBe(false);
  });
});
