/**
 * The child process of v8-probe.ts: compiles kernels with flags of V8, and multiplies with each module. Its argument is a
 * ProbeStart as JSON, its standard input the modules, one behind the other. Prints `passed` if every product is right.
 */
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";

const { flags, lengths, passed, product } = JSON.parse(process.argv[2]);
const input = readFileSync(0);
for (const flag of flags.always) setFlagsFromString(flag);
let start = 0;
const isSafe = lengths.every((length, i) => {
  const bytes = input.subarray(start, (start += length));
  const modules = [compile(bytes, flags.offWhileCompiling, flags.revectorize && i > 0)];
  if (i === 0) modules.push(compile(bytes, [...flags.offWhileCompiling, ...flags.offForComparison], false));
  return modules.every((module) => isRight(module));
});
if (isSafe) process.stdout.write(passed);

function compile(bytes, off, revectorize) {
  for (const name of off) setFlagsFromString(`--no-${name}`);
  if (revectorize) setFlagsFromString("--experimental-wasm-revectorize");
  const module = new WebAssembly.Module(bytes);
  if (revectorize) setFlagsFromString("--no-experimental-wasm-revectorize");
  for (const name of off.toReversed()) setFlagsFromString(`--${name}`);
  return module;
}

/** One vector by a matrix of one panel, in whole numbers: again and again, as a warm kernel runs. */
function isRight(module) {
  const { kernel, address, words, rows, columns, x, weights, y } = product;
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65_536, shared: true });
  const table = new WebAssembly.Table({ initial: 64, element: "anyfunc" });
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table, abort: () => undefined } });
  exports.initialize();
  const floats = new Float32Array(memory.buffer);
  for (let k = 0; k < columns; k++) {
    floats[x / 4 + k] = k - 9;
    for (let row = 0; row < rows; row++) floats[weights / 4 + rows * k + row] = (k * row) % 7;
  }
  new Int32Array(memory.buffer, address).set(words);
  for (let time = 0; time < 1000; time++) exports[kernel](address, 0, 1, 0);
  return Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += (k - 9) * ((k * row) % 7);
    return floats[y / 4 + row] === sum;
  }).every(Boolean);
}
