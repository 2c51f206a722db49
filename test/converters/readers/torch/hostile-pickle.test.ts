/**
 * PyTorch checkpoints whose pickle is malicious or broken: each is refused as malformed, in its place, at once. Nothing in
 * a checkpoint is ever called, so the refusal names what would have run.
 */
import { describe, test } from "vitest";
import { expectRefused } from "../../../helpers/environment/torch-refusal.ts";
import type { RefusedCheckpoint } from "../../../helpers/environment/torch-refusal.ts";
import { describeOpcode, refusedOpcodes } from "../../../../converters/readers/torch/opcodes.ts";
import { entries, op, pickle, state, tensor, zip } from "../../../helpers/builders/pickle.ts";

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

/** Functions whose results are not looked at are no way around the table: their arguments are checked as well. */
describe("values that are read past", () => {
  test.each([
    ["numpy.core.multiarray", "scalar"],
    ["numpy._core.multiarray", "scalar"],
    ["numpy.core.multiarray", "_reconstruct"],
    ["numpy._core.multiarray", "_reconstruct"],
    ["numpy", "dtype"],
    ["_codecs", "encode"],
    ["torch", "Size"],
    ["__builtin__", "set"],
    ["__builtin__", "bytes"],
    ["collections", "Counter"],
  ] as const)("%s.%s of other arguments", async (module, name) => {
    await expectRefused(zip(entries(call(module, name))), `${module}.${name} of string`);
  });

  const set = op.global("__builtin__", "set");
  const inert = [set, op.emptyList, op.tuple1, op.reduce];
  test.each([
    ["as a function", [...inert, op.emptyTuple, op.reduce], "a function"],
    ["as a storage", tensor({ storage: inert }), "a storage"],
    ["as a shape", tensor({ shape: inert }), "tuple"],
    ["as arguments", [set, ...inert, op.reduce], "a tuple"],
    [
      "as an array's class",
      [
        op.global("numpy.core.multiarray", "_reconstruct"),
        ...inert,
        op.emptyTuple,
        ...inert,
        Buffer.from([0x87]),
        op.reduce,
      ],
      "_reconstruct of a value",
    ],
    ["alone in a state dict", inert, "no tensors"],
  ] as readonly (readonly [string, readonly Buffer[], string])[])("%s", async (_, value, reason) => {
    await expectRefused(zip(entries(state(value))), reason);
  });
});

const globalDict = op.global("collections", "OrderedDict");
const six: readonly number[] = [1, 2, 3, 4, 5, 6];

const pickles: RefusedCheckpoint[] = [
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
