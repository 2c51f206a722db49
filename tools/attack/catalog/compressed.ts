/** Compressed audio that is cut, forged, damaged or a bomb. */
import { loadAudio } from "../../../src/audio/container.ts";
import { refusedAudio, shortAudio } from "../../../test/helpers/builders/hostile-compressed.ts";
import type { AttackCase } from "../case.ts";

const refused: readonly AttackCase[] = refusedAudio.map(([name, bytes, code, options]) => ({
  name,
  run: () => loadAudio(bytes, { ffmpeg: false, ...options }),
  expected: [code],
  // a bomb is decoded up to the limit that it is read with
  ...(name.includes("bomb") ? { milliseconds: 5000, mebibytes: 1024 } : {}),
}));

const short: readonly AttackCase[] = shortAudio.map(([name, bytes]) => ({
  name: `${name}, read strictly`,
  run: () => loadAudio(bytes, { ffmpeg: false, strict: true }),
  expected: ["audio_truncated", "audio_empty"],
}));

export const cases: readonly AttackCase[] = [...refused, ...short];
