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
