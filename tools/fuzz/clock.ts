/** A thread of the process in which mutants are read: it writes the processor time while a mutant keeps the main thread busy. */
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

const file = workerData as number;
setInterval(() => {
  const { user, system } = process.cpuUsage();
  writeSync(file, Int32Array.of((user + system) / 1000), 0, 4, 4);
}, 250);
