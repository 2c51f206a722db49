/**
 * A thread of bandwidth.ts. On each message it compares two halves of its memory of `workerData` bytes, by the C
 * library's memcmp, which reads at full speed.
 */
import { parentPort, workerData } from "node:worker_threads";

const bytes = workerData as number;
const memory = Buffer.alloc(bytes, 1);
const [a, b] = [memory.subarray(0, bytes / 2), memory.subarray(bytes / 2)];
parentPort?.on("message", () => parentPort?.postMessage(a.compare(b), []));
parentPort?.postMessage("ready", []);
