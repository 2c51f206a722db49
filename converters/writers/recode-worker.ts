/** A thread of recoders.ts: takes pieces, gives them back recoded. */
import { parentPort } from "node:worker_threads";
import { recode } from "./recode.ts";
import type { Piece } from "./recode.ts";

parentPort?.on("message", ({ id, piece }: { id: number; piece: Piece }) => {
  const { bytes, deviation } = recode(piece);
  parentPort?.postMessage({ id, bytes, deviation }, [bytes.buffer as ArrayBuffer]);
});
