/** Audio of every container, cut at shares of its length: its samples so far, with a warning, or a refusal by name. */
import { loadAudio } from "../../../src/audio/container.ts";
import { compressed } from "../../../test/helpers/builders/hostile-compressed.ts";
import { int16, wav } from "../../../test/helpers/builders/wav.ts";
import type { AttackCase } from "../case.ts";

const files: readonly (readonly [name: string, bytes: () => Uint8Array])[] = [
  ["WAV", () => wav(int16(...Array.from({ length: 4000 }, (_, i) => (i * 37) % 5000)))],
  ...["mono-16.flac", "stereo-24.flac", "mono.mp3", "mono.ogg", "mono.opus", "opus.m4a", "opus.webm"].map(
    (name) => [name, () => compressed(name)] as const,
  ),
];
const shares = [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.99];

/** What the bytes of a whole file are given with: whole, and in pieces that come one by one. */
const inputs = {
  file: (bytes: Uint8Array) => bytes,
  stream: (bytes: Uint8Array) => pieces(bytes),
};

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
}

async function readCut(
  bytes: Uint8Array,
  share: number,
  give: (typeof inputs)["file" | "stream"],
): Promise<void> {
  const cut = bytes.subarray(0, Math.ceil(bytes.length * share));
  const { samples, warnings } = await loadAudio(give(cut), { ffmpeg: false });
  if (!samples.every(Number.isFinite)) throw new Error("a sample is no number");
  // the last hundredth of a file may be an index, which nothing needs
  if (share < 0.9 && warnings.length === 0) throw new Error("read without a warning");
}

export const cases: readonly AttackCase[] = files.flatMap(([name, bytes]) =>
  shares.flatMap((share) =>
    Object.entries(inputs).map(([kind, give]) => ({
      name: `${100 * share} % of ${name} as a ${kind}`,
      run: () => readCut(bytes(), share, give),
      expected: [
        "read",
        "audio_malformed",
        "audio_empty",
        "not_audio",
        "audio_too_short",
        "unsupported_encoding",
      ],
    })),
  ),
);
