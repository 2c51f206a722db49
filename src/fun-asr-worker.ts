/**
 * The program of the threads that `loadInWorker` starts. It has this name, and lies beside node.ts, so that bundlers find it
 * or can be told to write it beside their bundle: the package exports it as `fun-asr/worker`.
 */
import { parentPort } from "node:worker_threads";
import { installNode } from "./adapters/node/install.ts";
import { serve } from "./worker/serve.ts";

installNode();

if (parentPort !== null) {
  const port = parentPort;
  port.on(
    "message",
    serve((reply) => port.postMessage(reply)),
  );
}
