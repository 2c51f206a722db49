/** A thousand transcriptions in one process: memory afterwards equals memory after the first ones. */
import { backend } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "../../kernels/runtime/wasm/backend.ts";
import { load } from "../../src/node.ts";
import type { TranscribeOptions } from "../../src/node.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import type { Figures } from "../bench/sections.ts";

/** Memory of a process. */
export interface Holdings {
  readonly tensors: number;
  /** Bytes in use, and where the memory in use ends. */
  readonly wasmUsed: number;
  readonly wasmEnd: number;
  readonly residentBytes: number;
}

/**
 * Clips of many lengths through one model, `atOnce` at a time, with the CTC branch's drafts; where several, each in windows
 * that are recognized at once. `seen` is called after each clip, or after all of these.
 */
export async function transcribeMany(
  path: string,
  count: number,
  seen: (done: number, holdings: () => Holdings) => void,
  atOnce = 1,
): Promise<void> {
  using model = await load(path, { backend: "wasm" });
  const { allocator } = (backend() as WasmBackend).runtime;
  const holdings = (): Holdings => ({
    tensors: liveTensors(),
    wasmUsed: allocator.used,
    wasmEnd: allocator.end,
    residentBytes: process.memoryUsage.rss(),
  });
  const noise = normals(1, 4 * 16_000, 0.1);
  const options: TranscribeOptions =
    atOnce === 1 ? {} : { chunk: { seconds: 1, overlap: 0, cut: "fixed" }, parallel: 3 };
  const transcribe = async (number: number): Promise<void> => {
    const seconds = number <= atOnce ? 4 : 0.4 + ((number * 7) % 36) / 10; // the longest first
    await model.transcribe(noise.subarray(0, seconds * 16_000), { maxNewTokens: 12, ...options });
  };
  for (let done = atOnce; done <= count; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, i) => transcribe(done - i)));
    seen(done, holdings);
  }
}

/** Four at a time. */
export async function benchSoak(path: string, count: number): Promise<Figures> {
  const start = performance.now();
  const at: Holdings[] = [];
  await transcribeMany(
    path,
    count,
    (done, holdings) => {
      if (done % (count / 10) === 0) at.push(holdings());
    },
    4,
  );
  const [first, last] = [at[0]!, at.at(-1)!];
  const middle = at[Math.floor(at.length / 2)]!;
  return {
    "soak.transcriptions": count,
    "soak.seconds": (performance.now() - start) / 1000,
    "soak.tensorsMore": last.tensors - first.tensors,
    "soak.wasmBytesMore": last.wasmUsed - first.wasmUsed,
    "soak.wasmEndMore": last.wasmEnd - first.wasmEnd,
    "soak.residentBytes": last.residentBytes,
    "soak.residentBytesMore": last.residentBytes - first.residentBytes,
    "soak.residentBytesMoreInSecondHalf": last.residentBytes - middle.residentBytes,
  };
}
