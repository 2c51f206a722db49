/**
 * Switches of V8 hold for the process, and a thread that puts them back while another compiles would slow its kernels down.
 * So threads compile one after the other: they share a lock through the environment data that workers inherit.
 */
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";

const key = "fun-asr/compile-lock";
/** Milliseconds to wait for other threads; compiling takes some ten. A thread that was ended may have kept the lock. */
const patience = 5_000;

const inherited = getEnvironmentData(key);
const lock = inherited instanceof Int32Array ? inherited : new Int32Array(new SharedArrayBuffer(4));
if (lock !== inherited) setEnvironmentData(key, lock);

/** Runs `work` while no other thread does, or `otherwise` where the lock cannot be acquired. */
export function exclusively<Result>(work: () => Result, otherwise: () => Result): Result {
  const deadline = Date.now() + patience;
  while (Atomics.compareExchange(lock, 0, 0, 1) !== 0) {
    const left = deadline - Date.now();
    if (left <= 0 || Atomics.wait(lock, 0, 1, left) === "timed-out") return otherwise();
  }
  try {
    return work();
  } finally {
    Atomics.store(lock, 0, 0);
    Atomics.notify(lock, 0, 1);
  }
}
