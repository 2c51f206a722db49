/** Pages and packets of FLAC by the samples that they announce: 2^24 over all channels are passed on, more are refused. */
import { expect, it } from "vitest";
import { bounded } from "../../src/audio/flac.ts";
import { bytes, join } from "../helpers/builders/wav.ts";

/** The start of a frame that announces up to 65,536 samples in each channel. */
const frame = bytes(0xff, 0xf8, 0x00);

async function pass(frames: number, channels: number): Promise<number> {
  const page = join(...Array.from({ length: frames }, () => frame));
  const pages = async function* (): AsyncGenerator<Uint8Array> {
    yield page;
  };
  let count = 0;
  for await (const passed of bounded("a.flac", pages(), channels)) count += passed.length;
  return count / frame.length;
}

it.each([
  [1, 256],
  [2, 128],
  [8, 32],
])("of %i channels", async (channels, most) => {
  expect(await pass(most, channels)).toBe(most);
  await expect(pass(most + 1, channels)).rejects.toMatchObject({
    code: "audio_malformed",
    message: expect.stringContaining(`a page or packet of ${(most + 1) * 65_536} samples`),
  });
});

it.each([
  [0, 65_536],
  [1, 192],
  [2, 576],
  [5, 4608],
  [6, 256],
  [7, 65_536],
  [8, 256],
  [12, 4096],
  [15, 32_768],
])("a header of code %i announces %i samples at most (RFC 9639, table 14)", async (code, samples) => {
  const pass = async (channels: number): Promise<number> => {
    let pages = 0;
    const header = Uint8Array.of(0xff, 0xf8, code << 4);
    const input = (async function* () {
      yield header;
    })();
    for await (const page of bounded("a.ogg", input, channels)) pages += page === header ? 1 : 0;
    return pages;
  };
  const most = Math.floor(2 ** 24 / samples);
  expect(await pass(most)).toBe(1);
  await expect(pass(most + 1)).rejects.toThrow(`a page or packet of ${samples} samples`);
});
