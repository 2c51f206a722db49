/**
 * A thread of the process in which mutants are read: while a mutant keeps the main thread busy or waiting, it writes the processor
 * time, and how long the process had a chance to run. A busy machine that gives it none makes no mutant a slow one.
 */
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

const TICK = 250;

const file = workerData as number;
let lived = 0;
setInterval(() => {
  const { user, system } = process.cpuUsage();
  lived += TICK;
  writeSync(file, Int32Array.of((user + system) / 1000, lived), 0, 8, 8);
}, TICK);
