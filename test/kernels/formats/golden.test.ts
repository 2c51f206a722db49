/** Byte equality with ggml: its quantizers and decoders ran on a known sequence, and on blocks at the edges. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fastQuantizer, quantizerModule } from "../../../kernels/formats/fast.ts";
import { quantizeRow, unpackRow } from "../../../kernels/formats/index.ts";
import { byteLength, formats } from "../../../kernels/formats/table.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import { nodeHost } from "../../../kernels/runtime/wasm/hosts/node.ts";

const fast = fastQuantizer(nodeHost.kernelBytes(quantizerModule));

interface Golden {
  readonly input: { readonly n: number; readonly sha256_f32le: string };
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly fp: readonly { readonly f32bits: string; readonly f16: string; readonly bf16: string }[];
}

const golden = JSON.parse(readFileSync(new URL("ggml-quants.json", import.meta.url), "utf8")) as Golden;

/** s ← 1664525·s + 1013904223 (mod 2³²), x = (s/2³² − 0.5)·0.2 */
function sequence(count: number): Float32Array {
  let s = 1;
  return Float32Array.from({ length: count }, () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return (s / 2 ** 32 - 0.5) * 0.2;
  });
}

function quantize(format: Format, values: Float32Array, encode = quantizeRow): Uint8Array {
  const bytes = new Uint8Array(byteLength(format, values.length)).fill(0xaa);
  encode(format, values, bytes, 0, values.length);
  return bytes;
}

function sha256(data: Uint8Array | Float32Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const input = sequence(golden.input.n);

test("the input is the one that ggml was given", () => {
  expect(sha256(input)).toBe(golden.input.sha256_f32le);
});

describe.each(Object.entries(golden.types))("%s", (name, expected) => {
  const format = name.toUpperCase() as Format;
  const packed = quantize(format, input);

  test("the layout has ggml's sizes", () => {
    expect(formats[format].blockSize).toBe(expected["block"]);
    expect(formats[format].blockBytes).toBe(expected["bytes"]);
  });

  test("65,536 values become ggml's bytes", () => {
    expect(hex(packed.subarray(0, formats[format].blockBytes))).toBe(expected["first_block_hex"]);
    expect(sha256(packed)).toBe(expected["sha256"]);
    expect(sha256(quantize(format, input, fast))).toBe(expected["sha256"]);
  });

  test("the bytes become ggml's values, bit for bit", () => {
    const values = new Float32Array(input.length);
    unpackRow(format, packed, 0, values, values.length);
    expect([...values.subarray(0, 4)]).toEqual(expected["dequant_first4"]);
    expect(sha256(values)).toBe(expected["dequant_sha256_f32le"]);
  });

  test.each([
    ["zeros", () => 0],
    ["const_0.5", () => 0.5],
    ["const_-0.25", () => -0.25],
    ["onehot37", (i: number) => (i === 37 ? 1 : 0)],
    ["ramp", (i: number) => (i - 128) / 64],
  ])("%s", (block, value) => {
    expect(
      hex(
        quantize(
          format,
          Float32Array.from({ length: 256 }, (_, i) => value(i)),
        ),
      ),
    ).toBe(expected[`${block}_hex`]);
  });
});

test.each(golden.fp)("the float $f32bits as F16 and BF16", ({ f32bits, f16, bf16 }) => {
  const value = new Float32Array(Uint32Array.of(Number.parseInt(f32bits, 16)).buffer);
  const stored = (format: Format) => hex(quantize(format, value).toReversed());
  expect(stored("F16")).toBe(f16);
  expect(stored("BF16")).toBe(bf16);
});
