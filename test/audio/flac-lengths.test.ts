/** Every sample of a FLAC file is decoded, whatever the length of its last frame: 240 files written by libFLAC. */
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { clipOf, readTestSet } from "../../tools/eval/test-set.ts";

/** Where STREAMINFO has the number of samples, 36 bits, of which the first four share a byte. */
const COUNT_AT = 8 + 13;

it("reports what a damaged frame lacks, whether the file states its length or not", async () => {
  const file = new Uint8Array(await readFile(new URL("compressed/mono-16.flac", import.meta.url)));
  const whole = await loadAudio(file.slice());
  file[file.length >> 1]! ^= 1;
  const stated = await loadAudio(file.slice());
  file.fill(0, COUNT_AT + 1, COUNT_AT + 5);
  file[COUNT_AT]! &= 0xf0;
  const unstated = await loadAudio(file.slice());
  const [kept, all] = [stated.samples.length, whole.samples.length];
  expect(kept).toBeLessThan(all);
  expect(stated.warnings.join("\n")).toContain(`${kept} of ${all} samples are present`);
  expect(unstated).toEqual(stated);
});

it("decodes as many samples as were encoded", async () => {
  for (const utterance of await readTestSet()) {
    const { samples, warnings } = await loadAudio(clipOf(utterance));
    expect(samples.length, utterance.id).toBe(utterance.samples);
    expect(warnings, utterance.id).toEqual([]);
  }
});
