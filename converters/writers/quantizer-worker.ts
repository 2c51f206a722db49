/** A thread of quantizer-pool.ts: takes chunks of tensors, gives them back in their new format. */
import { parentPort } from "node:worker_threads";
import { quantizeChunk } from "./quantize-chunk.ts";
import type { QuantizerJob } from "./quantizer-pool.ts";

parentPort?.on("message", ({ id, chunk }: QuantizerJob) => {
  const { bytes, deviation } = quantizeChunk(chunk);
  parentPort?.postMessage({ id, bytes, deviation }, [bytes.buffer as ArrayBuffer]);
});
