/** The identification header of Vorbis, in the first page of a stream: its length, version, channels and rate. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { decodeVorbis } from "../../src/audio/vorbis.ts";
import { openBytes } from "../../src/platform/bytes.ts";

const mono = new Uint8Array(readFileSync(resolve(import.meta.dirname, "compressed/mono.ogg")));
/** The first packet, behind the header of its page. */
const packet = 28;

function patched(at: number, ...values: number[]): Uint8Array {
  const copy = mono.slice();
  copy.set(values, packet + at);
  return copy;
}
async function decode(input: Uint8Array): Promise<number> {
  let samples = 0;
  for await (const { channels } of decodeVorbis(openBytes(input, "a.ogg"))) samples += channels[0]!.length;
  return samples;
}

it("is read", async () => {
  expect(await decode(mono)).toBeGreaterThan(0);
});

it.each([
  ["a version", patched(7, 1), "unsupported_encoding", "Vorbis version 1 with 1 channels"],
  ["nine channels", patched(11, 9), "unsupported_encoding", "Vorbis version 0 with 9 channels"],
  ["no channels", patched(11, 0), "audio_malformed", "0 channels"],
  ["no rate", patched(12, 0, 0, 0, 0), "audio_rate", "0 Hz"],
  ["no packet", mono.slice(0, packet), "audio_malformed", "cut inside the first page"],
  ["29 of its bytes", mono.slice(0, packet + 29), "audio_malformed", "cut inside the first page"],
])("with %s is refused", async (_, input, code, found) => {
  await expect(decode(input)).rejects.toMatchObject({ code, message: expect.stringContaining(found) });
});

it.each([
  ["eight channels", patched(11, 8)],
  ["all of its 30 bytes and no more", mono.slice(0, packet + 30)],
])("with %s is no reason to refuse it", async (_, input) => {
  const message = await decode(input).then(String, String);
  expect(message).not.toMatch(/with 8 channels|cut inside the first page/u);
});
