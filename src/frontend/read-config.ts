/** The front end that a checkpoint describes under `{architecture}.frontend`; the default where the file has no such keys. */
import { defaultFrontend } from "./frontend.ts";
import type { FrontendConfig } from "./frontend.ts";
import type { Settings } from "../configs/settings.ts";
import { windowNames } from "./window.ts";

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
