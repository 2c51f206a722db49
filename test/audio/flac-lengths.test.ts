/** Every sample of a FLAC file is decoded, whatever the length of its last frame: 240 files written by libFLAC. */
import { expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { clipOf, readTestSet } from "../../tools/eval/test-set.ts";

it("decodes as many samples as were encoded", async () => {
  for (const utterance of await readTestSet()) {
    const { samples, warnings } = await loadAudio(clipOf(utterance));
    expect(samples.length, utterance.id).toBe(utterance.samples);
    expect(warnings, utterance.id).toEqual([]);
  }
});
