/** Sounds that are no speech, and clips that are hard to recognize: 16 kHz, the same for the same seed. */
import { seededRandom } from "../../src/decoding/random.ts";
import { MODEL_RATE } from "../../src/audio/limits.ts";

const sound = (seconds: number, at: (time: number) => number): Float32Array =>
  Float32Array.from({ length: seconds * MODEL_RATE }, (_, i) => at(i / MODEL_RATE));

/** Values of -1 to 1. */
function whiteNoise(length: number, random: () => number): Float32Array {
  return Float32Array.from({ length }, () => 2 * random() - 1);
}

/** Three seconds of each kind. */
export function soundsOf(seed: number): ReadonlyMap<string, Float32Array> {
  const random = seededRandom(seed);
  const between = (least: number, most: number): number => least + (most - least) * random();
  const [low, high, rate] = [between(200, 800), between(1500, 5000), between(0.5, 4)];
  const [gap, ring] = [between(0.08, 0.6), between(500, 4000)];
  const root = between(110, 330);
  const chord = [1, 1.26, 1.5, 2].map((ratio) => root * ratio);
  const beat = between(0.3, 1);
  const decaying = (time: number, hz: number, seconds: number): number =>
    Math.exp(-time / seconds) * Math.sin(2 * Math.PI * hz * time);
  const noise = whiteNoise(3 * MODEL_RATE, random);
  return new Map([
    [
      "chirps",
      sound(3, (t) => {
        const phase = (t * rate) % 1;
        return 0.4 * Math.sin((2 * Math.PI * (low * phase + ((high - low) * phase * phase) / 2)) / rate);
      }),
    ],
    ["clicks", sound(3, (t) => 0.8 * decaying(t % gap, ring, 0.002))],
    ["chords", sound(3, (t) => chord.reduce((sum, hz) => sum + 0.15 * decaying(t % beat, hz, 0.4), 0))],
    ["tones", sound(3, (t) => 0.3 * Math.sin(2 * Math.PI * low * t))],
    ["noise", noise.map((value) => 0.2 * value)],
  ]);
}

/** Speech with white noise of its own loudness plus `decibels`. */
export function withNoise(speech: Float32Array, decibels: number, seed: number): Float32Array {
  const noise = whiteNoise(speech.length, seededRandom(seed));
  const power = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);
  const gain = 10 ** (decibels / 20) * Math.sqrt(power(speech) / power(noise));
  return speech.map((value, i) => value + gain * noise[i]!);
}

/** Faster and higher, or slower and lower. */
export function atSpeed(speech: Float32Array, speed: number): Float32Array {
  return Float32Array.from({ length: Math.floor(speech.length / speed) }, (_, i) => {
    const at = i * speed;
    const before = speech[Math.floor(at)] ?? 0;
    const after = speech[Math.floor(at) + 1] ?? before;
    return before + (at % 1) * (after - before);
  });
}

export function reversed(speech: Float32Array): Float32Array {
  return speech.toReversed();
}
