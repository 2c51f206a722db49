/** ONNX models that break the wire format, their schema, or reach for files that are none of theirs. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openOnnx } from "../../../../converters/readers/onnx/checkpoint.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { FunAsrError } from "../../../../src/errors.ts";
import { openBytes } from "../../../../src/platform/bytes.ts";
import { survey } from "../../../../tools/fuzz/survey.ts";
import {
  hostileOnnx,
  list,
  lstm,
  outside,
  withTensor,
  writeForeignFiles,
  zeroList,
} from "../../../helpers/builders/hostile-onnx.ts";
import { integers, nibbles } from "../../../helpers/builders/onnx-quantized.ts";
import { bytes, modelProto, raw, tensorProto, varint } from "../../../helpers/builders/protobuf.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onnx-"));
  await writeForeignFiles(folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function readAll(file: Uint8Array): Promise<number> {
  const { tensors } = await openOnnx(openBytes(file, "hostile.onnx"), openFolder(join(folder, "inner")));
  for (const entry of tensors.values()) await entry.read(new Uint8Array(entry.byteLength));
  return tensors.size;
}

describe.each(Object.entries(hostileOnnx))("%s", (_, rows) => {
  test.each(rows)("%s", async (__, file, reason = "") => {
    const start = process.cpuUsage(); // of this process alone
    const before = process.memoryUsage().heapUsed;
    const error: unknown = await readAll(file).catch((caught: unknown) => caught);
    const { user, system } = process.cpuUsage(start);
    expect(error).toBeInstanceOf(FunAsrError);
    expect(error).toMatchObject({ code: "checkpoint_malformed" });
    expect((error as FunAsrError).message).toContain(reason);
    expect((error as FunAsrError).where).toContain("hostile.onnx");
    expect((user + system) / 1000).toBeLessThan(250);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 * 2 ** 20 + file.length);
  });
});

describe("accepted", () => {
  test.each([
    ["a tensor", withTensor(), 1],
    [
      "unknown fields of every wire type",
      Buffer.concat([
        withTensor(),
        raw(99, 1, ...(Array(8).fill(0) as number[])),
        raw(98, 5, 0, 0, 0, 0),
        bytes(97, "x"),
      ]),
      1,
    ],
    [
      "dimensions in one packed field",
      withTensor({ dims: [], extra: [bytes(1, varint(2)), bytes(9, Buffer.alloc(8))] }),
      1,
    ],
    [
      "data in a plain file beside the model",
      outside(["location", "weights.bin"], ["offset", "0"], ["length", "8"]),
      1,
    ],
    ["a product of integers", integers({}), 2],
    ["zero points in a list", integers({ zero: zeroList(list(1, 2)) }), 2],
    ["nibbles", nibbles({}), 2],
    ["an LSTM", lstm({}), 4],
    ["an LSTM of two directions", lstm({ directions: 2 }), 8],
    ["a constant without a named neighbor", modelProto(bytes(5, tensorProto({ name: "onnx::Add_7" }))), 0],
  ])("%s", async (_, file, count) => {
    expect(await readAll(file)).toBe(count);
  });
});

test("2,000 mutants are read or refused, never anything else", async () => {
  const { read, refused } = await survey("onnx", 0, 2_000);
  expect(read).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(500);
});
