/**
 * The front end that a checkpoint describes under `{architecture}.frontend`; the default where the file has no such keys.
 * What it gives must be what the network takes: rows of its width, as far apart as its times assume.
 */
import { defaultFrontend } from "./frontend.ts";
import type { FrontendConfig } from "./frontend.ts";
import type { Settings } from "../configs/settings.ts";
import { windowNames } from "./window.ts";

interface FrontendNeeds {
  /** The width of a feature row. */
  readonly width: number;
  /** Milliseconds from a row to the next, in which times are counted. */
  readonly rowMs: number;
  /** The one front end that is computed, whatever a file states; absent where the file's is. */
  readonly only?: FrontendConfig | undefined;
}

/** Throws `bad_metadata` where the front end of the file gives other rows than these. */
export function checkFrontend(s: Settings, { width, rowMs, only }: FrontendNeeds): void {
  const config = readFrontend(s, only);
  const { nMels, lfrM, lfrN, frameShiftMs } = config;
  const found = `${lfrM} frames of ${nMels} mel bins (n_mels) in a row`;
  s.require(lfrM * nMels === width, "lfr_m", found, `rows of ${width} values, the input of the network`);
  const distance = `rows every ${lfrN} frames of ${frameShiftMs} ms (frame_shift_ms)`;
  s.require(
    lfrN * frameShiftMs === rowMs,
    "lfr_n",
    distance,
    `rows every ${rowMs} ms, in which times are counted`,
  );
  for (const [name, value] of Object.entries(only ?? {})) {
    const key = keys[name as keyof FrontendConfig];
    const stated = config[name as keyof FrontendConfig];
    s.require(stated === value, key, `${stated}`, `${value}, as in the published model`);
  }
}

const keys = {
  sampleRate: "sample_rate",
  nMels: "n_mels",
  frameLengthMs: "frame_length_ms",
  frameShiftMs: "frame_shift_ms",
  lfrM: "lfr_m",
  lfrN: "lfr_n",
  window: "window",
  snipEdges: "snip_edges",
} as const satisfies Readonly<Record<keyof FrontendConfig, string>>;

/**
 * A key that the file lacks is `usual`'s. Throws `bad_metadata` for what is not computed: audio comes at 16 kHz, whatever
 * a model was trained with.
 */
export function readFrontend(s: Settings, usual: FrontendConfig = defaultFrontend): FrontendConfig {
  const number = (
    name: "sampleRate" | "nMels" | "frameLengthMs" | "frameShiftMs" | "lfrM" | "lfrN",
    most: number,
  ) => (s.has(keys[name]) ? s.integer(keys[name], 1, most) : usual[name]);
  const sampleRate = number("sampleRate", 384_000);
  const wanted = `${defaultFrontend.sampleRate}, the only rate at which models are run`;
  s.require(sampleRate === defaultFrontend.sampleRate, keys.sampleRate, `${sampleRate}`, wanted);
  return {
    sampleRate,
    nMels: number("nMels", 512),
    frameLengthMs: number("frameLengthMs", 1000),
    frameShiftMs: number("frameShiftMs", 1000),
    lfrM: number("lfrM", 64),
    lfrN: number("lfrN", 64),
    window: s.has(keys.window) ? s.choice(keys.window, windowNames) : usual.window,
    snipEdges: s.has(keys.snipEdges) ? s.flag(keys.snipEdges) : usual.snipEdges,
  };
}
