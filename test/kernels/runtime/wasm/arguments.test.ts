/** The arguments of kernels, declared once: the writer, the AssemblyScript classes and the memory they use agree. */
import { describe, expect, it } from "vitest";
import { argumentSize, writeArguments } from "../../../../kernels/runtime/wasm/arguments.ts";
import { addresses, structClasses } from "../../../../kernels/runtime/wasm/generate-structs.ts";
import { argumentWords, layout } from "../../../../kernels/runtime/wasm/layout.ts";
import { kernelNames, structs, tableIndex } from "../../../../kernels/runtime/wasm/structs/index.ts";
import { matrixFields } from "../../../../kernels/runtime/wasm/structs/struct.ts";

const matrix = { groups: 1, rows: 2, weights: 3, scales: 4, bias: 5, y: 6 };
const product = { x: 64, frames: 5, columns: 37, lowerBound: 0.5, kind: 1, scratch: 7, expanded: 8 };

function words(bytes: number[]): Int32Array {
  return Int32Array.from(bytes);
}

describe("the writer", () => {
  it("puts fields in the order of their declaration, whatever the order of the names", () => {
    const board = new Int32Array(8).fill(-1);
    const end = writeArguments("toKeyPanels", { columns: 4, rows: 3, to: 2, from: 1 }, board, 2);
    expect(end).toBe(6);
    expect(board).toEqual(words([-1, -1, 1, 2, 3, 4, -1, -1]));
  });

  it("writes the bits of float32, and addresses beyond 2 GiB", () => {
    const board = new Int32Array(5);
    const y = 3 * 2 ** 30;
    writeArguments("scale", { a: 1, b: 0, y, size: 9, number: -Infinity }, board, 0);
    expect(new Uint32Array(board.buffer)[2]).toBe(y);
    expect(new Float32Array(board.buffer)[4]).toBe(-Infinity);
  });

  it("puts the matrices of a product after its fields", () => {
    const args = { ...product, matrices: [matrix, { ...matrix, groups: 11 }] };
    const size = argumentSize("linearFloat", args);
    const board = new Int32Array(size);
    expect(writeArguments("linearFloat", args, board, 0)).toBe(size);
    expect(size).toBe(7 + 2 * 6);
    expect(board.subarray(7)).toEqual(words([1, 2, 3, 4, 5, 6, 11, 2, 3, 4, 5, 6]));
  });
});

describe("the declarations", () => {
  it("fit into the argument area, with the three matrices of the largest product", () => {
    for (const name of kernelNames) {
      const { fields, hasMatrices } = structs[name];
      const matrices = hasMatrices ? 3 * Object.keys(matrixFields).length : 0;
      expect(Object.keys(fields).length + matrices, name).toBeLessThanOrEqual(argumentWords);
    }
  });

  it("become AssemblyScript classes with the same fields in the same order", () => {
    const text = structClasses();
    for (const name of kernelNames) {
      const { className, fields } = structs[name];
      const body = new RegExp(`class ${className} \\{([^}]*)\\}`).exec(text)?.[1] ?? "";
      const found = [...body.matchAll(/(\w+): (\w+);/g)].map(([, field, type]) => [field, type]);
      expect(found, name).toEqual(Object.entries(fields));
    }
  });

  it("give every kernel a place in the function table, from 1 on", () => {
    const places = kernelNames.map((name) => tableIndex[name]);
    expect(places).toEqual(kernelNames.map((_, i) => i + 1));
  });

  it("become constants of the addresses", () => {
    expect(addresses()).toContain(`export const ARGUMENTS: usize = ${layout.ARGUMENTS};`);
    const sorted = Object.values(layout).toSorted((a, b) => a - b);
    expect(new Set(sorted).size).toBe(sorted.length);
    expect(layout.ARGUMENTS + 4 * argumentWords).toBeLessThanOrEqual(layout.HALF_SCALE);
  });
});
