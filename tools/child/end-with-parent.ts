/** A thread that ends its process when the parent is gone, whatever the main thread does. */
import { workerData } from "node:worker_threads";

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, "SIGKILL");
}, 500);
