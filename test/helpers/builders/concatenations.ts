/** Long recordings made of the demo model's test clips, with silences between them: the text and its times are known. */
import { loadAudio } from "../../../src/audio/container.ts";
import { MODEL_RATE } from "../../../src/audio/limits.ts";
import { clipOf, readTestSet } from "../../../tools/eval/test-set.ts";
import type { Utterance } from "../../../tools/eval/test-set.ts";
import { uniform } from "./random.ts";

export interface Concatenation {
  readonly samples: Float32Array;
  readonly clips: readonly {
    readonly utterance: Utterance;
    readonly samples: Float32Array;
    /** Where it begins, in samples. */
    readonly at: number;
  }[];
}

const decoded = new Map<string, Promise<Float32Array>>();

function samplesOf(utterance: Utterance): Promise<Float32Array> {
  const known = decoded.get(utterance.id);
  if (known !== undefined) return known;
  const samples = loadAudio(clipOf(utterance)).then((audio) => audio.samples);
  decoded.set(utterance.id, samples);
  return samples;
}

/** Clips in random order until `seconds` are full, with silences of `least` to `most` seconds after each. */
export async function concatenation(
  seed: number,
  {
    seconds,
    least = 0.8,
    most = 2.5,
    utterances,
  }: { seconds: number; least?: number; most?: number; utterances?: readonly Utterance[] },
): Promise<Concatenation> {
  const next = uniform(seed);
  const from = utterances ?? (await readTestSet());
  const clips: { utterance: Utterance; samples: Float32Array; at: number }[] = [];
  let length = 0;
  while (length < seconds * MODEL_RATE) {
    const utterance = from[Math.floor(next() * from.length)]!;
    const samples = await samplesOf(utterance);
    clips.push({ utterance, samples, at: length });
    length += samples.length + Math.round(MODEL_RATE * (least + (most - least) * next()));
  }
  const all = new Float32Array(length);
  for (const { samples, at } of clips) all.set(samples, at);
  return { samples: all, clips };
}
