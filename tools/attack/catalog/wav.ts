/** Malicious and damaged WAV files. */
import { loadAudio } from "../../../src/audio/container.ts";
import { hostileWavs } from "../../../test/helpers/builders/hostile-wav.ts";
import type { AttackCase } from "../case.ts";

export const cases: readonly AttackCase[] = hostileWavs.map(([name, bytes, code]) => ({
  name,
  run: () => loadAudio(bytes, { ffmpeg: false }),
  expected: [code],
}));
