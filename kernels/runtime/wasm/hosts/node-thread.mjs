/**
 * A thread of the pool on Node: instantiates the kernels on the shared memory and serves until the pool is stopped.
 * `workerData` is a ThreadStart of host.ts.
 */
import { workerData } from "node:worker_threads";

const { module, memory, kernels, thread } = workerData;
const table = new WebAssembly.Table({ initial: kernels.length + 1, element: "anyfunc" });
const abort = () => undefined;
const { exports } = new WebAssembly.Instance(module, { env: { memory, table, abort } });
for (const [i, name] of kernels.entries()) table.set(i + 1, exports[name]);
exports.serve(thread);
