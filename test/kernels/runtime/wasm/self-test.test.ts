/** The self-test of a module: whatever a kernel computes otherwise, it sees. */
import { describe, expect, it } from "vitest";
import { instantiate } from "../../../../kernels/runtime/wasm/compile-kernels.ts";
import type { KernelExports } from "../../../../kernels/runtime/wasm/exports.ts";
import { nodeHost } from "../../../../kernels/runtime/wasm/hosts/node.ts";
import { inputsEnd, x } from "../../../../kernels/runtime/wasm/self-test-steps.ts";
import { agree } from "../../../../kernels/runtime/wasm/self-test.ts";
import { kernelNames } from "../../../../kernels/runtime/wasm/structs/index.ts";
import type { KernelName } from "../../../../kernels/runtime/wasm/structs/index.ts";

nodeHost.prepare();
const module = nodeHost.compile(nodeHost.kernelBytes("kernels.wasm")!, "comparison");

type Kernel = KernelExports[KernelName];
/** Runs a kernel, or does something else in its place. */
type Fault = (run: () => void, words: Int32Array) => void;

/** The verdict where call number `faulty` of the second instance has a fault, and the calls it had. */
function verdict(faulty: number, fault: Fault): { isGood: boolean; calls: KernelName[] } {
  const calls: KernelName[] = [];
  let instances = 0;
  const isGood = agree(
    [module, module],
    (given, memory) => {
      const exports = instantiate(given, memory);
      if (++instances === 1) return exports;
      const words = new Int32Array(memory.buffer);
      const wrapped = kernelNames.map((name): [string, Kernel] => [
        name,
        (...args) => {
          calls.push(name);
          const run = (): void => exports[name](...args);
          if (calls.length - 1 === faulty) fault(run, words);
          else run();
        },
      ]);
      return { ...exports, ...Object.fromEntries(wrapped) };
    },
    true,
  );
  return { isGood, calls };
}

/** The last word that the kernel writes has one wrong bit. */
const wrongBit: Fault = (run, words) => {
  const before = words.slice();
  run();
  const written = words.findLastIndex((word, i) => word !== before[i]);
  words[written] = words[written]! ^ 1;
};

/** The kernel sees its inputs, but for what it writes over, without their signs. */
const withoutSigns: Fault = (run, words) => {
  const inputs = words.slice(x / 4, inputsEnd / 4);
  const region = words.subarray(x / 4, inputsEnd / 4);
  for (let i = 0; i < region.length; i++) region[i] = region[i]! & 0x7fff_ffff;
  const unsigned = region.slice();
  run();
  for (let i = 0; i < region.length; i++) if (region[i] === unsigned[i]) region[i] = inputs[i]!;
};

/** What these read, other kernels have written. */
const ofResults = new Set<KernelName>(["atLeast", "attentionProbabilities", "attentionContext"]);

/** Copying and packing do no arithmetic. */
const untested = new Set<KernelName>(["copyRows", "packFloat", "packQ8"]);

describe("the self-test", () => {
  const { isGood, calls } = verdict(-1, () => {});

  it("passes a module that does the same, after all kernels", () => {
    expect(isGood).toBe(true);
    expect([...new Set(calls)].toSorted()).toEqual(
      kernelNames.filter((name) => !untested.has(name)).toSorted(),
    );
  });

  it.each(calls.map((name, call) => [call, name] as const))(
    "refuses a module that in call %i, of %s, leaves the result out or has a bit wrong",
    (call) => {
      expect(verdict(call, () => {}).isGood).toBe(false);
      expect(verdict(call, wrongBit).isGood).toBe(false);
    },
  );

  const ofInputs = calls
    .map((name, call) => [call, name] as const)
    .filter(([, name]) => !ofResults.has(name));
  it.each(ofInputs)(
    "refuses a module that in call %i, of %s, takes negative numbers for positive ones",
    (call) => {
      expect(verdict(call, withoutSigns).isGood).toBe(false);
    },
  );
});
