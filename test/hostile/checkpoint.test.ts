/**
 * PyTorch checkpoints that are malicious or broken: each is refused as malformed, with its place, at once.
 * Nothing in a checkpoint is ever called, so what would have run is named in the refusal and that is all.
 */
import { describe, expect, test } from "vitest";
import { openTorch } from "../../converters/readers/torch/checkpoint.ts";
import { describeOpcode, refusedOpcodes } from "../../converters/readers/torch/opcodes.ts";
import { FunAsrError } from "../../src/errors.ts";
import { openBytes } from "../../src/platform/bytes.ts";
import { readers } from "../../tools/fuzz/readers.ts";
import { survey } from "../../tools/fuzz/survey.ts";
import { entries, op, pickle, state, tensor, zip } from "../helpers/builders/pickle.ts";
import type { ZipEntry } from "../helpers/builders/pickle.ts";

const open = (bytes: Uint8Array) => openTorch(openBytes(bytes, "hostile.pt"));
const good = entries(state(tensor()));
const [dataPkl, byteOrder, storage] = good as [ZipEntry, ZipEntry, ZipEntry];

test("the valid checkpoint is read", async () => {
  const { tensors } = await open(zip(good));
  const bytes = new Uint8Array(8);
  await tensors.get("w")?.read(bytes);
  expect([...new Float32Array(bytes.buffer)]).toEqual([1, 2]);
});

async function refusal(
  bytes: Uint8Array,
): Promise<{ error: FunAsrError; milliseconds: number; growth: number }> {
  const start = process.cpuUsage(); // of this process alone
  const before = process.memoryUsage().heapUsed;
  const error: unknown = await open(bytes).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FunAsrError);
  const growth = process.memoryUsage().heapUsed - before;
  const { user, system } = process.cpuUsage(start);
  return { error: error as FunAsrError, milliseconds: (user + system) / 1000, growth };
}

async function expectRefused(bytes: Uint8Array, reason: string | RegExp = ""): Promise<void> {
  const { error, milliseconds, growth } = await refusal(bytes);
  expect(error).toMatchObject({ code: "checkpoint_malformed" });
  expect(error.message).toMatch(reason);
  expect(error.where).toContain("hostile.pt");
  expect(milliseconds).toBeLessThan(250);
  expect(growth).toBeLessThan(32 * 2 ** 20 + bytes.length);
}

const opcode = (byte: number): Buffer => pickle(op.emptyDict, Buffer.from([byte]), Buffer.alloc(16));

describe("opcodes that are not run", () => {
  test.each(refusedOpcodes.map((byte) => [describeOpcode(byte), byte] as const))("%s", async (name, byte) => {
    await expectRefused(zip(entries(opcode(byte))), name.split(" ")[0]);
  });

  test("bytes that are no opcode", async () => {
    await expectRefused(zip(entries(opcode(0xff))), "0xff");
  });
});

const call = (module: string, name: string): Buffer =>
  state([op.global(module, name), op.text("echo owned"), op.tuple1, op.reduce]);

describe("names that are not looked up", () => {
  test.each([
    ["posix", "system"],
    ["os", "system"],
    ["builtins", "eval"],
    ["__builtin__", "exec"],
    ["subprocess", "Popen"],
    ["torch", "load"],
    ["torch.serialization", "load"],
    ["torch.jit", "load"],
    ["torch._utils", "_rebuild_tensor"],
    ["torch._utils", "_rebuild_sparse_tensor"],
    ["torch.storage", "_load_from_bytes"],
    ["torch", "UntypedStorage"],
    ["numpy.core.multiarray", "_reconstruct"],
    ["collections", "defaultdict"],
    ["functools", "partial"],
    ["pickle", "loads"],
    ["toString", "constructor"],
    ["__proto__", "constructor"],
  ])("%s.%s", async (module, name) => {
    await expectRefused(zip(entries(call(module, name))), `${module}.${name}`);
  });
});

type Row = [what: string, bytes: Uint8Array, reason?: string | RegExp];

const globalDict = op.global("collections", "OrderedDict");
const six: readonly number[] = [1, 2, 3, 4, 5, 6];

const pickles: Row[] = [
  ["an empty pickle", Buffer.alloc(0)],
  ["another protocol", Buffer.concat([op.proto(4), op.emptyDict, op.stop]), "protocol 2"],
  ["no protocol", Buffer.concat([op.emptyDict, op.stop]), "protocol 2"],
  ["no end", Buffer.concat([op.proto(2), op.emptyDict])],
  ["an empty stack at the end", pickle(), "too few"],
  ["two values at the end", pickle(op.emptyDict, op.emptyDict), "left over"],
  ["an open mark at the end", pickle(op.mark, op.emptyDict)],
  ["bytes after the end", Buffer.concat([pickle(op.emptyDict), op.stop]), "after the end"],
  ["no dict at all", pickle(op.int1(1)), "state dict"],
  ["a list for a state dict", pickle(op.emptyList), "state dict"],
  ["a number among the tensors", state([op.int1(1)]), "names and tensors"],
  ["a number for a name", pickle(op.emptyDict, op.int1(1), ...tensor(), op.setItem), "names and tensors"],
  ["a tuple for a key", pickle(op.emptyDict, op.emptyTuple, op.none, op.setItem), "a string or a number"],
  [
    "the same key twice",
    pickle(op.emptyDict, op.mark, op.text("a"), op.none, op.text("a"), op.none, op.setItems),
    "second time",
  ],
  ["a key without a value", pickle(op.emptyDict, op.mark, op.text("a"), op.setItems), "without a value"],
  ["items for a list", pickle(op.emptyList, op.text("a"), op.none, op.setItem), "a dict"],
  ["an append to a dict", pickle(op.emptyDict, op.none, op.append), "a list"],
  ["appends without a mark", pickle(op.emptyList, op.none, op.appends), "no mark"],
  ["a pop below a mark", pickle(op.none, op.mark, op.tuple2), "too few"],
  ["a memo that was never put", pickle(op.get(7)), "never put"],
  ["a put of nothing", pickle(op.put(0)), "too few"],
  ["1,001 marks", pickle(...Array.from({ length: 1001 }, () => op.mark)), "marks"],
  ["100,001 lists", pickle(op.mark, Buffer.alloc(100_001, op.emptyList), op.tuple), "objects"],
  ["200,001 values on the stack", pickle(Buffer.alloc(200_001, op.none)), "stack"],
  ["a text beyond the end", pickle(Buffer.from([0x58, 0xff, 0xff, 0, 0])), "ends in the middle"],
  ["a text of 4 GiB", pickle(Buffer.from([0x58, 0xff, 0xff, 0xff, 0xff])), "a string of"],
  ["a text that is not UTF-8", pickle(Buffer.from([0x58, 1, 0, 0, 0, 0xff])), "UTF-8"],
  ["an integer of nine bytes", pickle(op.long1(...six, 7, 8, 9)), "9 bytes"],
  ["a name without an end", pickle(Buffer.from(`c${"a".repeat(300)}`)), "without an end"],
  [
    "a call of a storage type",
    state([op.global("torch", "FloatStorage"), op.emptyTuple, op.reduce]),
    "a function",
  ],
  ["a call of text", state([op.text("eval"), op.emptyTuple, op.reduce]), "a function"],
  ["arguments that are no tuple", state([globalDict, op.emptyList, op.reduce]), "a tuple"],
  ["an OrderedDict with arguments", state([globalDict, op.none, op.tuple1, op.reduce]), "arguments"],
  ["attributes of a tensor", state([...tensor(), op.emptyDict, op.build]), "a dict"],
  ["attributes of a plain dict", pickle(op.emptyDict, op.emptyDict, op.build), "OrderedDict"],
  ["a persistent id that is text", state([op.text("0"), op.persistentId]), "five items"],
  ["a persistent id of another kind", state(tensor({ tag: [op.text("module")] })), "storage"],
  ["a storage of an unknown type", state(tensor({ type: [op.text("FloatStorage")] })), "a storage type"],
  ["a storage of a function's type", state(tensor({ type: [globalDict] })), "a storage type"],
  ["a storage key that climbs", state(tensor({ key: [op.text("../0")] })), "storage key"],
  ["a storage key of ten digits", state(tensor({ key: [op.text("0000000000")] })), "storage key"],
  ["a storage that is not there", state(tensor({ key: [op.text("1")] })), "not in the archive"],
  ["a storage larger than its entry", state(tensor({ count: [op.int1(3)] })), "storage 0"],
  ["a storage smaller than its entry", state(tensor({ count: [op.int1(1)] }))],
  ["a storage of a negative size", state(tensor({ count: [op.int4(-1)] })), "0 or more"],
  ["a storage of 2⁶³ elements", state(tensor({ count: [op.long1(0, 0, 0, 0, 0, 0, 0, 0x7f)] })), "0 or more"],
  ["a storage of another width", state(tensor({ type: [op.global("torch", "DoubleStorage")] })), "storage 0"],
  ["a tensor without a storage", state(tensor({ storage: [op.none] })), "a storage"],
  ["a tensor over a tensor", state(tensor({ storage: tensor() })), "a storage"],
  ["a negative offset", state(tensor({ offset: [op.int4(-1)] })), "0 or more"],
  ["an offset beyond the storage", state(tensor({ offset: [op.int1(1)] })), "last element"],
  ["an offset that is true", state(tensor({ offset: [op.yes] })), "0 or more"],
  ["a negative size", state(tensor({ shape: [op.int4(-2), op.tuple1] })), "0 or more"],
  ["a size beyond the storage", state(tensor({ shape: [op.int1(3), op.tuple1] })), "last element"],
  ["a negative stride", state(tensor({ strides: [op.int4(-1), op.tuple1] })), "0 or more"],
  ["a stride beyond the storage", state(tensor({ strides: [op.int1(9), op.tuple1] })), "last element"],
  ["more strides than sizes", state(tensor({ strides: [op.int1(1), op.int1(1), op.tuple2] })), "strides"],
  ["a shape that is a list", state(tensor({ shape: [op.emptyList] })), "tuple"],
  [
    "nine dimensions",
    state(
      tensor({
        shape: [op.mark, ...Array.from({ length: 9 }, () => op.int1(1)), op.tuple],
        strides: [op.mark, ...Array.from({ length: 9 }, () => op.int1(1)), op.tuple],
      }),
    ),
    "at most 8",
  ],
  ["too many arguments of a tensor", state(tensor({ extra: [op.none, op.none] })), "arguments"],
  [
    "an expansion bomb: stride 0, four billion elements",
    state(
      tensor({
        shape: [op.int4(65_535), op.int4(65_535), op.tuple2],
        strides: [op.int1(0), op.int1(0), op.tuple2],
      }),
    ),
    "more than",
  ],
  [
    "a parameter of nothing",
    state([op.global("torch._utils", "_rebuild_parameter"), op.none, op.tuple1, op.reduce]),
    "parameter",
  ],
];

describe("pickles", () => {
  test.each(pickles)("%s", (_, data, reason) => expectRefused(zip(entries(data)), reason));
});

const archives: Row[] = [
  ["an empty file", new Uint8Array(), "no zip"],
  ["a pickle of PyTorch before 1.6", Buffer.from([0x80, 2, 0x8a, 10]), "before PyTorch 1.6"],
  ["a shell script with an archive behind it", zip(good, { before: Buffer.from("#!/bin/sh\n") }), "no zip"],
  ["an archive without an end", zip(good).subarray(0, -22), "valid zip"],
  ["an archive without a directory", zip(good, { directoryOffset: 0 }), "valid zip"],
  ["a directory beyond the file", zip(good, { directoryOffset: 1_000_000 }), "at most"],
  ["bytes after the end", Buffer.concat([zip(good), Buffer.from("x")]), "valid zip"],
  ["more entries than there are", zip(good, { count: 4 })],
  ["fewer entries than there are: no storage", zip(good, { count: 2 }), "not in the archive"],
  ["several disks", zip(good, { disk: 1 }), "disk"],
  ["no data.pkl", zip([byteOrder, storage]), "data.pkl"],
  ["two of data.pkl", zip([dataPkl, dataPkl, storage]), "twice"],
  ["two archives in one", zip([...good, { ...dataPkl, name: "other/data.pkl" }]), "another folder"],
  ["an entry outside the folder", zip([{ name: "data.pkl", data: dataPkl.data }]), "another folder"],
  ["a name that climbs", zip([{ ...dataPkl, name: "model/../data.pkl" }])],
  ["an absolute name", zip([{ ...dataPkl, name: "/model/data.pkl" }])],
  ["a name with a drive", zip([{ ...dataPkl, name: "C:/data.pkl" }])],
  ["a compressed pickle", zip([{ ...dataPkl, method: 8 }, byteOrder, storage]), "compression method 8"],
  ["a compressed storage", zip([dataPkl, byteOrder, { ...storage, method: 8 }]), "compression method 8"],
  ["an encrypted entry", zip([{ ...dataPkl, flags: 1 }, byteOrder, storage]), /encrypted|mismatch/],
  ["strong encryption", zip([{ ...dataPkl, flags: 0x40 }, byteOrder, storage]), "encryption"],
  [
    "another name in front of the data",
    zip([{ ...dataPkl, localName: "model/evil.pkl" }, byteOrder, storage]),
    "contradicts",
  ],
  [
    "another method in front of the data",
    zip([{ ...dataPkl, localMethod: 8 }, byteOrder, storage]),
    "contradicts",
  ],
  [
    "another size in front of the data",
    zip([{ ...dataPkl, localSize: 1 }, byteOrder, storage]),
    "contradicts",
  ],
  ["an entry beyond the file", zip([dataPkl, byteOrder, { ...storage, size: 1_000_000 }])],
  [
    "entries in one place",
    zip([
      dataPkl,
      byteOrder,
      storage,
      { ...storage, name: "model/data/1", localName: "model/data/1", offset: 0 },
    ]),
  ],
  [
    "entries that overlap",
    zip([{ ...dataPkl, size: dataPkl.data.length + 60 }, byteOrder, storage]),
    "overlaps",
  ],
  ["an offset that points nowhere", zip([dataPkl, byteOrder, { ...storage, offset: 5 }])],
  ["big-endian numbers", zip([dataPkl, { ...byteOrder, data: Buffer.from("big") }, storage]), "little"],
];

describe("archives", () => {
  test.each(archives)("%s", (_, bytes, reason) => expectRefused(bytes, reason));
});

test("every truncation of a valid checkpoint is refused", async () => {
  const whole = zip(good);
  for (let length = 0; length < whole.length; length++) {
    const { error } = await refusal(whole.subarray(0, length));
    expect(error.code).toBe("checkpoint_malformed");
  }
});

test("2,000 mutants are read or refused, never anything else", async () => {
  const { read, refused } = await survey(readers.torch, 0, 2_000);
  expect(read).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(200);
});
