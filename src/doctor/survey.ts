/** Which backends can start here, how fast they are, and which one is best for this machine. */
import { Engine } from "../engine/engine.ts";
import { backendNames } from "../nn/backend.ts";
import type { BackendName } from "../nn/backend.ts";
import { probe } from "../nn/benchmark.ts";
import type { Probe } from "../nn/benchmark.ts";
import { proveTensorflow } from "./tensorflow.ts";

interface Survey {
  /** Columns: backend, state, encoder, decoder. */
  readonly rows: readonly (readonly string[])[];
  readonly advice: string;
}

/** Throws the signal's reason, between two measurements. */
export async function surveyBackends(signal?: AbortSignal): Promise<Survey> {
  using engine = new Engine({ backend: "wasm" });
  const rows = [["backend", "state", "encoder", "decoder"]];
  const probes = new Map<BackendName, Probe>();
  for (const name of backendNames) {
    try {
      const state = await stateOf(name, signal);
      const found = await probe(engine, name, signal);
      probes.set(name, found);
      rows.push([
        name,
        state,
        `${(found.encoder / 1e9).toPrecision(3)} GFLOP/s`,
        `${(1000 * found.decoder).toPrecision(3)} ms per matrix`,
      ]);
    } catch (error) {
      signal?.throwIfAborted();
      rows.push([name, error instanceof Error ? error.message : String(error), "", ""]);
    }
  }
  return { rows, advice: adviceOf(probes) };
}

async function stateOf(name: BackendName, signal: AbortSignal | undefined): Promise<string> {
  if (name !== "tensorflow") return "ready";
  const { tensorflow, gpu } = await proveTensorflow(signal);
  return `ready: TensorFlow ${tensorflow}, ${gpu ? "on the GPU" : "on the processor"}`;
}

function adviceOf(probes: ReadonlyMap<BackendName, Probe>): string {
  const best = (better: (a: Probe, b: Probe) => boolean): BackendName =>
    [...probes].reduce((one, other) => (better(other[1], one[1]) ? other : one))[0];
  const encoder = best((a, b) => a.encoder > b.encoder);
  const decoder = best((a, b) => a.decoder < b.decoder);
  const reason = `the encoder is fastest on ${encoder}, the decoder on ${decoder}`;
  if (encoder === decoder) return `use --backend ${encoder}: ${reason}`;
  const both = encoder === "tensorflow" && decoder === "wasm" ? "hybrid" : decoder;
  return `use --backend ${both} (or auto, which makes the same measurement): ${reason}`;
}
