/** The quantizers in WebAssembly against the definition: the same bytes for any values, in their place and only there. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { fastQuantizer, quantizerModule } from "../../../kernels/formats/fast.ts";
import { quantizeRow } from "../../../kernels/formats/index.ts";
import { byteLength } from "../../../kernels/formats/table.ts";
import { nodeHost } from "../../../kernels/runtime/wasm/hosts/node.ts";
import { uniform } from "../../helpers/builders/random.ts";

const quantizerModuleBytes = nodeHost.kernelBytes(quantizerModule);
const quantize = fastQuantizer(quantizerModuleBytes);

const kFormats = ["Q4_K", "Q5_K", "Q6_K"] as const;

/** Values of every kind that a sub-block may be made of. */
const kinds: readonly ((next: () => number) => number)[] = [
  (next) => next() - 0.5,
  (next) => (next() + next() + next() - 1.5) * 0.05,
  () => 0,
  () => -0,
  () => 0.37,
  (next) => 1 + next(),
  (next) => -1 - next(),
  (next) => (next() < 0.05 ? 100 : 1) * (next() - 0.5),
  (next) => (next() < 0.05 ? next() : 0),
  (next) => (next() - 0.5) * 1e-6,
  (next) => (next() - 0.5) * 1e-41,
  (next) => (next() - 0.5) * 1e30,
  (next) => Math.round(next() * 8) / 8,
];

function values(seed: number, superBlocks: number): Float32Array {
  const next = uniform(seed);
  const all = new Float32Array(superBlocks * 256);
  for (let start = 0; start < all.length; start += 16) {
    const kind = kinds[Math.floor(next() * kinds.length)]!;
    for (let i = start; i < start + 16; i++) all[i] = kind(next);
  }
  return all;
}

test("the module is there", () => {
  expect(quantizerModuleBytes).toBeDefined();
});

test.each(kFormats)("%s has the definition's bytes", (format) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 4 }), (seed, blocks) => {
      const given = values(seed, blocks);
      const guard = 7;
      const size = byteLength(format, given.length);
      const [wanted, found] = [0, 1].map(() => new Uint8Array(size + 2 * guard).fill(0xaa)) as [
        Uint8Array,
        Uint8Array,
      ];
      quantizeRow(format, given, wanted, guard, given.length);
      quantize(format, given, found, guard, given.length);
      expect(Buffer.compare(found, wanted)).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test.each(kFormats)("%s: more than one call takes", (format) => {
  const given = values(5, 600);
  const [wanted, found] = [0, 1].map(() => new Uint8Array(byteLength(format, given.length))) as [
    Uint8Array,
    Uint8Array,
  ];
  quantizeRow(format, given, wanted, 0, given.length);
  quantize(format, given, found, 0, given.length);
  expect(Buffer.compare(found, wanted)).toBe(0);
});
