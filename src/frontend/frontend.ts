/**
 * From 16 kHz samples to feature rows: log-mel frames, stacked to a low frame rate. Models with constants for it
 * normalize them afterwards (`cmvn.ts`). FunASR's `WavFrontend` with dither 0, and two ports' variants of it by name.
 */
import { AudioError, UsageError } from "../errors.ts";
import { fbankFrames, planFbank } from "./fbank.ts";
import type { FbankConfig } from "./fbank.ts";
import { lfrRows, stackFrames } from "./lfr.ts";
import type { LfrConfig } from "./lfr.ts";
import type { Matrix } from "./fbank.ts";
import { centered, variants } from "./variants.ts";
import type { FrontendVariant } from "./variants.ts";
import { windowNames } from "./window.ts";
import type { WindowName } from "./window.ts";

/** Named as the keys of the checkpoint, `{arch}.frontend.*`. */
export interface FrontendConfig {
  readonly sampleRate: number;
  readonly nMels: number;
  readonly frameLengthMs: number;
  readonly frameShiftMs: number;
  readonly lfrM: number;
  readonly lfrN: number;
  readonly window: WindowName;
  /** Whether only whole frames of the clip count, as in Kaldi's default; else frames are centered on their hop. */
  readonly snipEdges: boolean;
}

/** As in every published Fun-ASR-Nano, Paraformer and SenseVoice checkpoint, CMVN apart. */
export const defaultFrontend: FrontendConfig = {
  sampleRate: 16000,
  nMels: 80,
  frameLengthMs: 25,
  frameShiftMs: 10,
  lfrM: 7,
  lfrN: 6,
  window: "hamming",
  snipEdges: true,
};

/** As in the published FSMN-VAD: a row for each frame, of the two before it to the two after it. */
export const vadFrontend: FrontendConfig = { ...defaultFrontend, lfrM: 5, lfrN: 1 };

export interface Frontend {
  /** Width of a feature row: lfrM · nMels. */
  readonly cols: number;
  /** The number of rows of a clip of `samples` samples; 0 means too short. */
  rows(samples: number): number;
  /** Log-mel frames [F, nMels], the stage `fbank`. Throws `audio_too_short` where `rows` is 0. */
  fbank(samples: Float32Array): Matrix;
  /** Stacks log-mel frames: [F, nMels] to [T, cols], the stage `lfr`. */
  stack(frames: Matrix): Matrix;
  /** `stack(fbank(samples))`. */
  features(samples: Float32Array): Matrix;
}

/** Computes the tables of a front end; the functions it returns are pure. Throws `bad_option` for numbers out of range. */
export function planFrontend(config: FrontendConfig, variantName: FrontendVariant = "kaldi"): Frontend {
  check(config, variantName);
  const { sampleRate, nMels, frameLengthMs, frameShiftMs, lfrM, lfrN, window, snipEdges } = config;
  // a port's variant has its own rule for the edges
  const variant = variantName === "kaldi" && !snipEdges ? centered(variants.kaldi) : variants[variantName];
  const frameLength = Math.floor((sampleRate * frameLengthMs) / 1000);
  const frameShift = Math.floor((sampleRate * frameShiftMs) / 1000);
  const fbankConfig: FbankConfig = { sampleRate, nMels, frameLength, frameShift, window, variant };
  const lfr: LfrConfig = { m: lfrM, n: lfrN, pad: variant.padRows };
  const logMel = planFbank(fbankConfig);

  const rows = (samples: number): number => lfrRows(fbankFrames(samples, fbankConfig), lfr);
  const fbank = (samples: Float32Array): Matrix => {
    if (rows(samples.length) > 0) return logMel(samples);
    let least = samples.length + 1;
    while (rows(least) === 0) least++;
    const milliseconds = ((samples.length / sampleRate) * 1000).toFixed(1);
    throw new AudioError("audio_too_short", "audio", `${samples.length} samples (${milliseconds} ms)`, {
      wanted: `at least ${least} samples (${Math.ceil((least / sampleRate) * 1000)} ms) at ${sampleRate} Hz`,
      remedy: "The clip is too short for speech: skip it, or add silence to it",
    });
  };
  const stack = (frames: Matrix): Matrix => stackFrames(frames, lfr);
  return { cols: lfrM * nMels, rows, fbank, stack, features: (samples) => stack(fbank(samples)) };
}

/** Wide enough for any speech front end, and narrow enough to bound every table. */
const ranges = {
  sampleRate: [4000, 384_000],
  nMels: [1, 512],
  frameLengthMs: [1, 1000],
  frameShiftMs: [1, 1000],
  lfrM: [1, 64],
  lfrN: [1, 64],
} as const;

function check(config: FrontendConfig, variant: string): void {
  const refuse = (name: string, found: unknown, wanted: string): never => {
    throw new UsageError("bad_option", `frontend.${name}`, String(found), { wanted });
  };
  if (!Object.hasOwn(variants, variant)) refuse("variant", variant, Object.keys(variants).join(", "));
  if (!windowNames.includes(config.window)) refuse("window", config.window, windowNames.join(", "));
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value = config[name as keyof typeof ranges];
    const whole = Number.isInteger(value) || name.endsWith("Ms");
    if (!whole || !(value >= least && value <= most))
      refuse(name, value, `a number from ${least} to ${most}`);
  }
  const length = Math.floor((config.sampleRate * config.frameLengthMs) / 1000);
  if (length % 2 !== 0) refuse("frameLengthMs", `${length} samples in a frame`, "an even number of samples");
}
