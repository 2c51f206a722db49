/** What lies under the kernels: memory, threads, the choice of instructions. */
import { findBackend, removeBackend } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attentionContext,
  attentionProbabilities,
  attentionScores,
} from "../../../../kernels/ops/attention-parts/index.ts";
import { attention } from "../../../../kernels/ops/attention/index.ts";
import { layerNorm } from "../../../../kernels/ops/layer-norm/index.ts";
import { linear } from "../../../../kernels/ops/linear/index.ts";
import { topLabels } from "../../../../kernels/ops/top-labels/index.ts";
import { Allocator } from "../../../../kernels/runtime/wasm/allocator.ts";
import type { WasmHost } from "../../../../kernels/runtime/wasm/hosts/host.ts";
import { nodeHost } from "../../../../kernels/runtime/wasm/hosts/node.ts";
import { WasmRuntime } from "../../../../kernels/runtime/wasm/runtime.ts";
import type { WasmOptions } from "../../../../kernels/backends/wasm.ts";
import type { WasmBackend } from "../../../../kernels/runtime/wasm/backend.ts";
import { add, dispose, tensor, values } from "../../../../src/nn/ops.ts";
import { normals } from "../../../helpers/builders/random.ts";
import {
  encode,
  nmse,
  operand,
  runWasm,
  startWasm,
  upload,
} from "../../../helpers/environment/wasm-kernels.ts";

describe("the allocator", () => {
  it("never allocates the same byte twice, and is one piece again when all is freed", () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.nat()), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(sizes, (requests) => {
        const allocator = new Allocator(1024, () => {});
        const live: { start: number; end: number }[] = [];
        for (const [bytes, choice] of requests) {
          if (live.length > 0 && choice % 3 === 0)
            allocator.free(live.splice(choice % live.length, 1)[0]!.start);
          const start = allocator.allocate(bytes);
          expect(start % 64).toBe(0);
          for (const other of live) expect(start >= other.end || start + bytes <= other.start).toBe(true);
          live.push({ start, end: start + bytes });
        }
        for (const { start } of live) allocator.free(start);
        expect(allocator.used).toBe(0);
        const end = allocator.end;
        expect(allocator.allocate(end - 1024 - 64)).toBe(1024);
        expect(allocator.end).toBe(end);
      }),
    );
  });

  it("reports that memory is exhausted, and keeps its state", () => {
    const allocator = new Allocator(0, (end) => {
      if (end > 1000) throw new RangeError("full");
    });
    allocator.allocate(100);
    expect(() => allocator.allocate(2000)).toThrow("full");
    expect(allocator.allocate(100)).toBe(192);
  });

  it("refuses to free what is not there", () => {
    const allocator = new Allocator(0, () => {});
    const place = allocator.allocate(1);
    allocator.free(place);
    expect(() => allocator.free(place)).toThrow("freed twice");
  });
});

/** Results of kernels that are large enough for all threads to take part, and of linear maps for few frames. */
async function results(options: WasmOptions, host = nodeHost): Promise<Float32Array[]> {
  if (findBackend("wasm") !== null) removeBackend("wasm");
  await startWasm(options, host);
  const x = operand(normals(1, 70 * 256), 70, 256);
  const weight = await upload("Q8_0", encode("Q8_0", normals(2, 600 * 256, 0.1), 600, 256));
  const floats = await upload("F32", operand(normals(3, 300 * 256, 0.1), 300, 256));
  const halves = await upload("F16", encode("F16", normals(3, 40 * 256, 0.1), 40, 256));
  const attrs = { outFeatures: [600], inFeatures: 256, activation: "none" };
  const size = operand(normals(4, 256), 256);
  const scores = operand(normals(5, 8 * 70 * 70), 8, 70, 70);
  const found = [
    runWasm(linear, { x, weight0: weight }, { ...attrs, formats: ["Q8_0"] }),
    runWasm(linear, { x, weight0: floats }, { ...attrs, formats: ["F32"], outFeatures: [300] }),
    ...[1, 2, 3, 4, 6, 8, 11, 16].flatMap((frames) => {
      const few = operand(x.values.subarray(0, frames * 256) as Float32Array, frames, 256);
      return [
        runWasm(linear, { x: few, weight0: weight }, { ...attrs, formats: ["Q8_0"] }),
        runWasm(linear, { x: few, weight0: halves }, { ...attrs, formats: ["F16"], outFeatures: [40] }),
      ].flat();
    }),
    runWasm(topLabels, { x }, { count: 3 }),
    runWasm(layerNorm, { x, weight: size, bias: size }, { eps: 1e-5 }),
    runWasm(attention, { q: x, k: x, v: x }, { heads: 8, kvHeads: 8, scale: 0.2, causal: true, length: 70 }),
    runWasm(attentionScores, { q: x, k: x }, { heads: 8, kvHeads: 8, scale: 0.2, length: 70 }),
    runWasm(attentionProbabilities, { scores }, { causal: true }),
    runWasm(attentionContext, { probabilities: scores, v: x }, { kvHeads: 8 }),
  ].flat();
  weight.dispose();
  floats.dispose();
  halves.dispose();
  return found;
}

describe("threads", () => {
  it("are not seen in the results: the same bytes with 1, 2, 4 and 8", async () => {
    const alone = await results({ threads: 1 });
    for (const threads of [2, 4, 8]) expect(await results({ threads })).toEqual(alone);
  });

  it("are not needed: memory that is not shared gives the same bytes, and may grow", async () => {
    const shared = await results({ threads: 2 });
    expect(await results({ threads: 2, shared: false })).toEqual(shared);
    const { runtime } = findBackend("wasm") as WasmBackend;
    expect(runtime.threads).toBe(1);
    expect(runtime.bytes.buffer).toBeInstanceOf(ArrayBuffer);

    const size = 40_000_000; // more than the memory begins with
    const ones = tensor(new Float32Array(size / 4).fill(1), [1, size / 4]);
    const sum = add(ones, ones);
    expect((await values(sum)).every((value) => value === 2)).toBe(true);
    dispose([ones, sum]);
  });

  it("share one job: a worker takes items while the caller works", async () => {
    const runtime = new WasmRuntime(nodeHost, { threads: 2 });
    const [frames, headDim, scratchBytes] = [400, 32, 40 * (128 + 25 * 64 + 4)];
    const panels = runtime.allocator.allocate(25 * 64 * headDim);
    const x = runtime.allocator.allocate(frames * headDim * 4);
    const y = runtime.allocator.allocate(frames * headDim * 4);
    const scratch = runtime.allocator.allocate(2 * scratchBytes);
    const addresses = { q: x, keys: panels, values: panels, y, scratch, scratchBytes };
    const heads = { frames, length: frames, heads: 1, kvHeads: 1, headDim };
    const args = { ...addresses, ...heads, scale: 1, causal: 0, blockFrames: 40, valueCapacity: frames };
    runtime.floats(x, frames * headDim).fill(0);
    runtime.floats(panels, 25 * 16 * headDim).fill(0);
    const ofWorker = runtime.bytes.subarray(scratch + scratchBytes, scratch + 2 * scratchBytes).fill(0xa5);
    for (let i = 0; i < 500 && ofWorker.every((byte) => byte === 0xa5); i++) {
      runtime.run("attention", frames / 40, 1, args);
      await new Promise((wake) => setTimeout(wake, 5)); // a worker takes its time to start
    }
    runtime.stop();
    expect(ofWorker.some((byte) => byte !== 0xa5)).toBe(true);
  });
});

describe("instructions", () => {
  it("are chosen freely: the exact 16-bit products and the 8-bit ones give the same bytes", async () => {
    const exact = await results({ threads: 2, revectorize: false, dot: false });
    const fast = await results({ threads: 2 });
    expect(fast).toEqual(exact);
  });

  it.each([
    ["kernels-paired.wasm", 0],
    ["kernels-plain.wasm", 1e-11], // products and sums are not fused
  ])("%s gives the same, though this V8 would choose another", async (file, difference) => {
    const usual = await results({ threads: 1, revectorize: false });
    const host = { ...nodeHost, kernelBytes: () => nodeHost.kernelBytes(file) };
    const found = await results({ threads: 1, revectorize: false }, host);
    for (const [i, y] of usual.entries()) expect(nmse(found[i]!, y)).toBeLessThanOrEqual(difference);
  });

  it.skipIf(!nodeHost.canRevectorize())("are paired where V8 can: the self-test finds the same bytes", () => {
    expect(new WasmRuntime(nodeHost, { threads: 1 }).revectorized).toBe(true);
  });

  it.each([
    ["kernels.wasm", true, ["paired", "comparison"]],
    ["kernels-plain.wasm", false, ["paired", "comparison", "usual"]], // fuses nothing, so it computes otherwise
  ])("are paired only if the self-test finds the same bytes: with %s, %s", (file, passes, expected) => {
    const uses: string[] = [];
    const host: WasmHost = {
      ...nodeHost,
      canRevectorize: () => true,
      kernelBytes: (name) => nodeHost.kernelBytes(name === "kernels-paired.wasm" ? file : name),
      compile: (bytes, use) => {
        uses.push(use);
        return nodeHost.compile(bytes, use === "paired" ? "usual" : use);
      },
    };
    expect(new WasmRuntime(host, { threads: 1 }).revectorized).toBe(passes);
    expect(uses).toEqual(expected);
  });
});
