/** Cost of hook points: memory and time of capturing all stages, and of capturing none. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { register } from "node:module";
import type * as Engine from "../../src/node.ts";
import type { Transcriber } from "../../src/node.ts";
import type { Hook } from "../../src/lab.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import { median } from "./peers.ts";
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

type Kind = "hooks" | "none";

/**
 * The same passes with the engine unchanged, without a hook, and with an engine without hook points, interleaved; the first
 * round does not count. Measured in both orders of loading, since that decides where a model lies in memory.
 */
export async function benchUnusedHooks(path: string, seconds: number, rounds: number): Promise<Figures> {
  register("./without-hooks.js", import.meta.url);
  const withoutHooks: string = "../../src/node.js?without-hooks";
  const engines = {
    hooks: await import("../../src/node.ts"),
    none: (await import(withoutHooks)) as typeof Engine,
  };
  const samples = normals(1, seconds * 16_000, 0.1);
  const options = { maxNewTokens: 32, timestamps: "token" } as const;
  const times: { readonly [kind in Kind]: number[] } = { hooks: [], none: [] };
  const emitted = { hooks: 0, none: 0 };

  for (const order of [["hooks", "none"] as const, ["none", "hooks"] as const]) {
    const models = new Map<Kind, Transcriber>();
    for (const kind of order) models.set(kind, await engines[kind].load(path, { backend: "wasm" }));
    for (const [kind, model] of models) emitted[kind] = await offers(model, samples);
    for (let round = 0; round <= rounds; round++) {
      for (const [kind, model] of round % 2 === 0 ? models : [...models].toReversed()) {
        const start = performance.now();
        await model.transcribe(samples, options);
        if (round > 0) times[kind].push(performance.now() - start);
      }
    }
    for (const model of models.values()) model.dispose();
  }
  if (emitted.none > 0) throw new Error(`${emitted.none} hook points are left in the engine without hooks`);
  const [hooks, none] = [median(times.hooks), median(times.none)];
  return {
    offers: emitted.hooks,
    "hooks.seconds": hooks / 1000,
    "none.seconds": none / 1000,
    "hooks.ratio": hooks / none,
    "hooks.medianOfRatios": median(times.hooks.map((time, i) => time / times.none[i]!)),
  };
}

/** Number of stages that a hook for all stages receives. */
async function offers(model: Transcriber, samples: Float32Array): Promise<number> {
  let count = 0;
  const wants = (): boolean => {
    count++;
    return false;
  };
  const hook: Hook = { wants, onTensor: () => undefined };
  await model.transcribe(samples, { maxNewTokens: 32, timestamps: "token", hook });
  return count;
}
