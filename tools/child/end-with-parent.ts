/** A thread that ends its process, and what this has started, when the parent is gone, whatever the main thread does. */
import { workerData } from "node:worker_threads";
import { endGroup } from "./end-group.ts";

setInterval(() => {
  if (process.ppid !== workerData) endGroup(process.pid);
}, 500);
