/** Threads compile one after the other, for V8's switches are those of the process. */
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { exclusively } from "../../../../../kernels/runtime/wasm/hosts/compile-lock.ts";

describe("the lock", () => {
  it("lets one thread compile at a time, is given back after errors, and is not waited for without end", async () => {
    expect(
      exclusively(
        () =>
          exclusively(
            () => "both",
            () => "one",
          ),
        () => "none",
      ),
    ).toBe("one");
    expect(() =>
      exclusively(
        () => JSON.parse("{"),
        () => undefined,
      ),
    ).toThrow(SyntaxError);
    expect(
      exclusively(
        () => "free",
        () => "taken",
      ),
    ).toBe("free");

    const lock = "fun-asr/compile-lock";
    const program = `
      const { getEnvironmentData, parentPort } = require("node:worker_threads");
      const lock = getEnvironmentData("${lock}");
      Atomics.store(lock, 0, 1);
      parentPort.postMessage("held");
      setTimeout(() => { Atomics.store(lock, 0, 0); Atomics.notify(lock, 0); }, 300);`;
    const worker = new Worker(program, { eval: true });
    await new Promise((resolve) => worker.once("message", resolve));
    const start = performance.now();
    expect(
      exclusively(
        () => "free",
        () => "taken",
      ),
    ).toBe("free");
    expect(performance.now() - start).toBeGreaterThan(100);
    await worker.terminate();
  });
});
