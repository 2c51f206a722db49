/** Which stages two sound computations may give differently. */
import { expect, it } from "vitest";
import { affectedNames, differingOf } from "../../src/diff/differing.ts";

const plain = { shape: [], block: false };
const stages = [
  { name: "encoder.0.linear", ...plain, format: "Q8_0" },
  { name: "encoder.0.sum", ...plain },
  { name: "encoder.0", ...plain, block: true },
  { name: "encoder.norm", ...plain },
] as const;
const wasm = { backend: "wasm", format: "Q8_0", weights: "a" } as const;
const differing = differingOf(wasm, { ...wasm, backend: "cpu" }, stages);

it("are those with weights, where both have the same inputs", () => {
  expect([
    ...affectedNames(
      stages.map(({ name }) => name),
      stages,
      differing,
    ),
  ]).toEqual(["encoder.0.linear"]);
});

it("are those behind one that is not compared, up to the block around it", () => {
  const names = ["encoder.0.sum", "encoder.0", "encoder.norm"];
  expect([...affectedNames(names, stages, differing)]).toEqual(["encoder.0.sum", "encoder.0"]);
});

it("are none where the arithmetic and the weights are the same", () => {
  const same = differingOf(wasm, wasm, stages);
  expect(affectedNames(["encoder.0.sum", "encoder.0"], stages, same).size).toBe(0);
});
