/**
 * PyTorch checkpoints whose pickle is malicious or broken: each is refused as malformed, in its place, at once. Nothing in
 * a checkpoint is ever called, so the refusal names what would have run.
 */
import { describe, expect, test } from "vitest";
import { expectRefused } from "../../../helpers/environment/torch-refusal.ts";
import { describeOpcode, refusedOpcodes } from "../../../../converters/readers/torch/opcodes.ts";
import { hostilePickles } from "../../../helpers/builders/hostile-pickle.ts";
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

test("opcodes have the names of Python's pickletools, and others none", () => {
  const words = [
    "POP 30 POP_MARK 31 DUP 32 BINBYTES 42 SHORT_BINBYTES 43 FLOAT 46 INT 49 LONG 4c PERSID 50 STRING 53",
    "BINSTRING 54 SHORT_BINSTRING 55 UNICODE 56 DICT 64 GET 67 INST 69 LIST 6c OBJ 6f PUT 70 NEWOBJ 81",
    "EXT1 82 EXT2 83 EXT4 84 LONG4 8b SHORT_BINUNICODE 8c BINUNICODE8 8d BINBYTES8 8e EMPTY_SET 8f",
    "ADDITEMS 90 FROZENSET 91 NEWOBJ_EX 92 STACK_GLOBAL 93 MEMOIZE 94 FRAME 95 BYTEARRAY8 96",
    "NEXT_BUFFER 97 READONLY_BUFFER 98",
  ].flatMap((line) => line.split(" "));
  const names = Array.from({ length: words.length / 2 }, (_, i) => `${words[2 * i]} (0x${words[2 * i + 1]})`);
  expect(refusedOpcodes.map(describeOpcode).toSorted()).toEqual(names.toSorted());
  expect([0, 9, 0x7f, 0xff].map(describeOpcode)).toEqual(["0x00", "0x09", "0x7f", "0xff"]);
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

test("a name is refused where it is read, whether it is called or not", async () => {
  const named = state([op.global("posix", "system")]);
  await expectRefused(zip(entries(named)), 'the name "posix.system"');
  await expectRefused(zip(entries(call("posix", "system"))), 'the name "posix.system"');
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
    [
      "lists as a number's type and bytes",
      [
        op.global("numpy.core.multiarray", "scalar"),
        op.emptyList,
        op.emptyList,
        Buffer.from([0x86]),
        op.reduce,
      ],
      "scalar of a list, a list",
    ],
    ["alone in a state dict", inert, "no tensors"],
  ] as readonly (readonly [string, readonly Buffer[], string])[])("%s", async (_, value, reason) => {
    await expectRefused(zip(entries(state(value))), reason);
  });
});

describe("pickles", () => {
  test.each(hostilePickles)("%s", (_, data, reason) => expectRefused(zip(entries(data)), reason));
});
