/** The side of the process that answers. */
import { Worker } from "node:worker_threads";
import { endGroup } from "./end-group.ts";

/** Answers each request of the parent, and ends with it, also while an answer keeps the event loop busy. */
export function serve(answer: (request: never) => Promise<object>): void {
  new Worker(new URL("end-with-parent.js", import.meta.url), { workerData: process.ppid }).unref();
  process.on("disconnect", () => endGroup(process.pid));
  process.on("message", (request) => void answer(request as never).then((given) => process.send!(given)));
  process.send!("ready");
}
