/**
 * Decides whether a module may be used that V8 compiled with an experimental optimization: every kernel with vector
 * operations runs on small data in that module and in one compiled without it, and all bytes of the memory must agree.
 * What a step writes, no other step overwrites, so one comparison after the last step shows the results of all.
 */
import type { KernelExports } from "./exports.ts";
import { layout } from "./layout.ts";
import { allSteps, inputsEnd, scales, scratchEnd, x } from "./self-test-steps.ts";

/** Of 64 KiB: the fewest with which the modules start. */
const pages = 16;

/** True if both modules do the same. `instantiate` makes an instance of one on a memory. */
export function agree(
  modules: readonly [WebAssembly.Module, WebAssembly.Module],
  instantiate: (module: WebAssembly.Module, memory: WebAssembly.Memory) => KernelExports,
  shared: boolean,
): boolean {
  const instances = modules.map((module) => {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    const exports = instantiate(module, memory);
    exports.initialize();
    return { exports, words: new Int32Array(memory.buffer) };
  });
  const [plain, paired] = instances as [(typeof instances)[0], (typeof instances)[0]];
  fill(plain.words.buffer);
  paired.words.set(plain.words.subarray(x / 4), x / 4);
  for (const { kernel, items, write } of allSteps()) {
    for (const { exports, words } of instances) {
      write(words);
      exports[kernel](layout.ARGUMENTS, 0, items, 0);
    }
  }
  // Where operations are paired, the tiles of linearQ8 use more of their scratch.
  for (const { words } of instances) words.fill(0, inputsEnd / 4, scratchEnd / 4);
  return isSame(plain.words, paired.words);
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Numbers in −1 … 1 everywhere, and plausible float16 scales where those of Q8 weights lie. */
function fill(memory: ArrayBufferLike): void {
  const values = new Float32Array(memory, x, (inputsEnd - x) / 4);
  let state = 1;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  const rest = new Float32Array(memory, inputsEnd);
  for (let i = 0; i < rest.length; i += values.length) rest.set(values.subarray(0, rest.length - i), i);
  const halves = new Uint16Array(memory, scales, 512);
  for (let i = 0; i < halves.length; i++) halves[i] = 0x2c00 + (i % 511);
}
