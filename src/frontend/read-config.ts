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
  /** Milliseconds from a row to the next, where times are counted in rows. */
  readonly rowMs?: number | undefined;
}

/** Throws `bad_metadata` where the front end of the file gives other rows than these. */
export function checkFrontend(s: Settings, { width, rowMs }: FrontendNeeds): void {
  const { nMels, lfrM, lfrN, frameShiftMs } = readFrontend(s);
  const found = `${lfrM} frames of ${nMels} mel bins (n_mels) in a row`;
  s.require(lfrM * nMels === width, "lfr_m", found, `rows of ${width} values, the input of the network`);
  if (rowMs === undefined) return;
  const distance = `rows every ${lfrN} frames of ${frameShiftMs} ms (frame_shift_ms)`;
  s.require(
    lfrN * frameShiftMs === rowMs,
    "lfr_n",
    distance,
    `rows every ${rowMs} ms, in which times are counted`,
  );
}

/** Throws `bad_metadata` for what is not computed: audio comes at 16 kHz, whatever a model was trained with. */
export function readFrontend(s: Settings): FrontendConfig {
  const number = (key: string, usual: number, most: number): number =>
    s.has(key) ? s.integer(key, 1, most) : usual;
  const sampleRate = number("sample_rate", defaultFrontend.sampleRate, 384_000);
  const wanted = `${defaultFrontend.sampleRate}, the only rate at which models are run`;
  s.require(sampleRate === defaultFrontend.sampleRate, "sample_rate", `${sampleRate}`, wanted);
  return {
    sampleRate,
    nMels: number("n_mels", defaultFrontend.nMels, 512),
    frameLengthMs: number("frame_length_ms", defaultFrontend.frameLengthMs, 1000),
    frameShiftMs: number("frame_shift_ms", defaultFrontend.frameShiftMs, 1000),
    lfrM: number("lfr_m", defaultFrontend.lfrM, 64),
    lfrN: number("lfr_n", defaultFrontend.lfrN, 64),
    window: s.has("window") ? s.choice("window", windowNames) : defaultFrontend.window,
    snipEdges: s.has("snip_edges") ? s.flag("snip_edges") : defaultFrontend.snipEdges,
  };
}
