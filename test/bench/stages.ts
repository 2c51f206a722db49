/** What looking inside costs: memory and time of capturing everything, and of not listening at all. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { load } from "../../src/index.ts";
import { tensor } from "../../src/nn/ops.ts";
import { offer, TapPoint } from "../../src/nn/tap.ts";
import { normals } from "../helpers/random.ts";
import type { Figures } from "./sections.ts";
import { syntheticNano } from "./synthetic.ts";

interface Pass {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly stageBytes: number;
}

/** Every stage of a clip to disk, against the same pass without, each in a fresh process. */
export async function benchCapture(seconds: number): Promise<Figures> {
  await syntheticNano("Q8_0");
  const script = fileURLToPath(new URL("stages-pass.js", import.meta.url));
  const pass = (kind: string): Pass =>
    JSON.parse(execFileSync(process.execPath, [script, kind, String(seconds)], { encoding: "utf8" })) as Pass;
  const [plain, capture] = [pass("plain"), pass("capture")];
  return {
    "plain.seconds": plain.seconds,
    "capture.seconds": capture.seconds,
    "stages.bytes": capture.stageBytes,
    "plain.peakBytes": plain.peakBytes,
    "capture.peakBytes": capture.peakBytes,
    "capture.aboveBytes": capture.peakBytes - plain.peakBytes,
  };
}

/** The share of a pass that goes into asking whether somebody listens, while nobody does. */
export async function benchSilence(seconds: number): Promise<Figures> {
  using model = await load(await syntheticNano("Q8_0"), { backend: "wasm" });
  const samples = normals(1, seconds * 16_000, 0.1);
  const start = performance.now();
  await model.transcribe(samples, { maxNewTokens: 8, timestamps: "character" });
  const pass = performance.now() - start;

  const point = new TapPoint();
  const value = tensor(new Float32Array(1), [1]);
  const repeats = 5_000_000;
  const begin = performance.now();
  for (let i = 0; i < repeats; i++) offer(point, "audio_encoder.encoders.7.norm1", value);
  const nanoseconds = ((performance.now() - begin) * 1e6) / repeats;
  value.dispose();

  // Each stage of the prompt's pass once, and those of the language model with each further token.
  const stages = model.stages();
  const offers = stages.length + 7 * stages.filter(({ name }) => name.startsWith("llm.")).length;
  return {
    "pass.seconds": pass / 1000,
    offers,
    "offer.nanoseconds": nanoseconds,
    "offers.percentOfPass": (100 * offers * nanoseconds) / 1e6 / pass,
  };
}
