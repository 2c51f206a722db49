/** Engines: what they share, what they do not, and how they end. */
import { findBackend, engine as tensorflowJs } from "@tensorflow/tfjs-core";
import { describe, expect, it, vi } from "vitest";
import type { WasmBackend } from "../../kernels/runtime/wasm/backend.ts";
import { Engine, load, loadInWorker } from "../../src/index.ts";
import { setImmediate as nextRound } from "node:timers/promises";
import { fixture } from "../helpers/environment/fixtures.ts";
import { normals } from "../helpers/builders/random.ts";
import { untimed } from "../helpers/environment/untimed.ts";

const file = fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf");
const samples = normals(1, 8_000, 0.1);
const options = { maxNewTokens: 20, silenceGate: "off" } as const;

/** Backends of kind `wasm` that TensorFlow.js knows. */
const wasmBackends = (): string[] =>
  Object.keys(tensorflowJs().registryFactory).filter((name) => name.startsWith("wasm-"));

describe("an engine", () => {
  it("has its own settings: 1 and 2 threads at once, with the same result", async () => {
    using one = new Engine({ backend: "wasm", threads: 1 });
    using two = new Engine({ backend: "wasm", threads: 2 });
    const threadsOf = (engine: Engine): Promise<number> =>
      engine.run("wasm", async ({ id }) => (findBackend(id) as WasmBackend).runtime.threads);
    using first = await load(file, { engine: one });
    using second = await load(file, { engine: two });
    expect([await threadsOf(one), await threadsOf(two), await threadsOf(one)]).toEqual([1, 2, 1]);
    const texts = await Promise.all(
      [first, second, first].map((model) => model.transcribe(samples, options)),
    );
    expect(untimed(texts[1]!)).toBe(untimed(texts[0]!));
    expect(untimed(texts[2]!)).toBe(untimed(texts[0]!));
  });

  it("is shared by models with equal settings, and ends with the last of them", async () => {
    const before = wasmBackends();
    const models = await Promise.all([2, 2, 1].map((threads) => load(file, { backend: "wasm", threads })));
    const during = wasmBackends().filter((name) => !before.includes(name));
    expect(during.length).toBe(2);
    models[0]!.dispose();
    models[2]!.dispose();
    expect(wasmBackends().filter((name) => !before.includes(name)).length).toBe(1);
    await models[1]!.transcribe(samples, options);
    models[1]!.dispose();
    expect(wasmBackends()).toEqual(before);
  });

  it("is not ended by a model that it was given to, and not used once it is disposed", async () => {
    const engine = new Engine({ backend: "wasm", threads: 1 });
    (await load(file, { engine })).dispose();
    const model = await load(file, { engine });
    engine.dispose();
    engine.dispose();
    await expect(model.transcribe(samples, options)).rejects.toMatchObject({ code: "disposed" });
    await expect(load(file, { engine })).rejects.toMatchObject({ code: "disposed" });
    model.dispose();
  });

  it("ends waiting jobs with `disposed`, and running jobs at their next turn", async () => {
    const before = wasmBackends();
    const engine = new Engine({ backend: "wasm", threads: 1, concurrency: 2 });
    using model = await load(file, { engine });
    const started = new Set<number>();
    const running = [1, 2, 3, 4].map((_, i) =>
      model.transcribe(samples, { ...options, onProgress: () => void started.add(i) }),
    );
    const ends = Promise.allSettled(running);
    while (started.size < 2) await nextRound(); // two compute in turns, two wait for a place
    engine.dispose();
    for (const end of await ends)
      expect(end).toMatchObject({
        status: "rejected",
        reason: { code: "disposed", message: expect.stringContaining("the engine was disposed") },
      });
    expect(wasmBackends()).toEqual(before);
  });

  it("keeps working for others when a model is disposed while its jobs wait", async () => {
    using engine = new Engine({ backend: "wasm", threads: 1 });
    using other = await load(file, { engine });
    const expected = untimed(await other.transcribe(samples, options));
    const model = await load(file, { engine });
    const started = new Set<string>();
    const calls = [
      model.transcribe(samples, { ...options, onProgress: () => void started.add("first") }),
      model.transcribe(samples, options),
      other.transcribe(samples, options),
    ];
    const ends = Promise.allSettled(calls);
    while (started.size === 0) await nextRound();
    model.dispose();
    const [first, second, third] = await ends;
    const disposed = {
      status: "rejected",
      reason: { code: "disposed", message: expect.stringContaining("the model was disposed") },
    };
    expect([first, second]).toMatchObject([disposed, disposed]);
    expect(untimed((third as PromiseFulfilledResult<object>).value)).toBe(expected);
  });

  it("lets a call that waits for a place be aborted at once", async () => {
    using engine = new Engine({ backend: "wasm", threads: 1, concurrency: 1 });
    using model = await load(file, { engine });
    const first = model.transcribe(samples, options);
    const controller = new AbortController();
    const second = model.transcribe(samples, { ...options, signal: controller.signal });
    let firstEnded = false;
    const end = first.then(() => (firstEnded = true));
    setImmediate(() => controller.abort(new Error("enough")));
    await expect(second).rejects.toThrow("enough");
    expect(firstEnded).toBe(false);
    await end;
  });

  it("does not wait for a backend that starts once it is aborted, and ends that backend with itself", async () => {
    const before = wasmBackends();
    const reason = new Error("enough");
    const engine = new Engine({ backend: "wasm", threads: 1 });
    const controller = new AbortController();
    const begun = vi.fn<() => Promise<void>>();
    const run = engine.run("wasm", begun, { signal: controller.signal });
    queueMicrotask(() => controller.abort(reason));
    await expect(run).rejects.toBe(reason);
    expect(begun).not.toHaveBeenCalled();
    engine.dispose();
    using other = new Engine({ backend: "wasm", threads: 1 });
    await other.run("wasm", async () => {}); // starts after the first
    await vi.waitFor(() => expect(wasmBackends().length).toBe(before.length + 1));
  });

  it.each([
    ["backend", { backend: "abacus" as never }],
    ["threads", { threads: 0 }],
    ["concurrency", { concurrency: 1.5 }],
  ])("refuses a wrong %s", (place, wrong) => {
    expect(() => new Engine(wrong)).toThrow(expect.objectContaining({ code: "bad_option", where: place }));
  });

  it("refuses settings together with it", async () => {
    using engine = new Engine();
    await expect(load(file, { engine, threads: 2 })).rejects.toMatchObject({ code: "bad_option" });
    const elsewhere = loadInWorker(file, { engine } as never);
    await expect(elsewhere).rejects.toMatchObject({ code: "bad_option", where: "engine" });
  });

  it("drops a backend that could not start, and works with another", async () => {
    using engine = new Engine({ backend: "wasm" });
    await expect(engine.run("cuda" as never, async () => {})).rejects.toMatchObject({
      code: "backend_unavailable",
    });
    expect(await engine.run("cpu", async ({ id }) => id)).toBe("cpu");
  });
});
