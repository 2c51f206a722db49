/** What a pickle may build: values of the right kind and number are taken, and each wrong one is refused where it stands. */
import { describe, expect, test } from "vitest";
import { openTorch } from "../../../../converters/readers/torch/checkpoint.ts";
import { unpickle } from "../../../../converters/readers/torch/unpickle.ts";
import { openBytes } from "../../../../src/platform/bytes.ts";
import { entries, op, pickle, state, tensor, zip } from "../../../helpers/builders/pickle.ts";

const { none, mark } = op;
const open = (opcodes: readonly Buffer[]) => openTorch(openBytes(zip(entries(state(opcodes))), "a.pt"));
const tuple = (...items: readonly Buffer[]): Buffer => Buffer.concat([mark, ...items, op.tuple]);
const ones = (count: number): readonly Buffer[] => [
  tuple(...Array.from({ length: count }, () => op.int1(1))),
];
const half = Buffer.from([0x47, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]); // a float

/** `_rebuild_tensor_v2` or `_rebuild_parameter` of these arguments. */
const rebuilt = (name: string, ...args: readonly Buffer[]): readonly Buffer[] => [
  op.global("torch._utils", name),
  tuple(...args),
  op.reduce,
];
const whole = Buffer.concat([...tensor()]);
const id = (...items: readonly Buffer[]): Buffer => Buffer.concat([tuple(...items), op.persistentId]);
const parts = [
  op.text("storage"),
  op.global("torch", "FloatStorage"),
  op.text("0"),
  op.text("cpu"),
  op.int1(2),
];
const [offset, size, stride] = [
  op.int1(0),
  Buffer.concat([op.int1(2), op.tuple1]),
  Buffer.concat([op.int1(1), op.tuple1]),
];
const rest = [offset, size, stride, op.no] as const;

describe("a tensor is read", () => {
  test.each<[string, readonly Buffer[]]>([
    ["of six arguments", rebuilt("_rebuild_tensor_v2", id(...parts), ...rest, none)],
    ["of seven arguments", rebuilt("_rebuild_tensor_v2", id(...parts), ...rest, none, none)],
    ["of eight dimensions", tensor({ shape: ones(8), strides: ones(8) })],
    ["with its last element at the end of the storage", tensor({ shape: ones(1), offset: [op.int1(1)] })],
    ["in a parameter of three arguments", rebuilt("_rebuild_parameter", whole, op.no, none)],
  ])("%s", async (_, opcodes) => {
    await using file = await open(opcodes);
    expect([...file.tensors.keys()]).toEqual(["w"]);
  });
});

describe("a tensor is refused", () => {
  test.each<[string, readonly Buffer[], string]>([
    ["of five arguments", rebuilt("_rebuild_tensor_v2", id(...parts), ...rest), "5 arguments of a tensor"],
    ["in a parameter of two arguments", rebuilt("_rebuild_parameter", whole, none), "with 2 arguments"],
    [
      "in a parameter of four arguments",
      rebuilt("_rebuild_parameter", whole, none, none, none),
      "with 4 arguments",
    ],
    [
      "in a parameter of a list",
      rebuilt("_rebuild_parameter", op.emptyList, none, none),
      "a parameter of a list",
    ],
    [
      "in a parameter of text",
      rebuilt("_rebuild_parameter", op.text("w"), none, none),
      "a parameter of string w",
    ],
    ["with half an offset", tensor({ offset: [half] }), "number 0.5; wanted a storage offset of 0 or more"],
    ["with a storage of a number's key", tensor({ key: [op.int1(0)] }), "the storage key number 0"],
    ["with a storage of no type", tensor({ type: [none] }), "wanted a storage type"],
    [
      "with an id of four items",
      tensor({ storage: [id(...parts.slice(0, 4))] }),
      "a persistent id of five items",
    ],
    ["with an id of six items", tensor({ storage: [id(...parts, none)] }), "a persistent id of five items"],
    [
      "with an id that is a list",
      tensor({ storage: [op.emptyList, mark, ...parts, op.appends, op.persistentId] }),
      "a list; wanted a persistent id of five items",
    ],
    ["in a call of a dict", [op.emptyDict, op.emptyTuple, op.reduce], ": a dict; wanted a function"],
  ])("%s", async (_, opcodes, message) => {
    await expect(open(opcodes)).rejects.toMatchObject({
      code: "checkpoint_malformed",
      message: expect.stringContaining(message) as string,
    });
  });
});

/** Tensors may repeat elements: all together may be four times as long as the file. */
test("views of four times the file are read, of an element more refused", async () => {
  const of = (count: number): Buffer =>
    zip(entries(state(tensor({ shape: [op.int4(count), op.tuple1], strides: [op.int1(0), op.tuple1] }))));
  const { length } = of(0);
  await using file = await openTorch(openBytes(of(length), "a.pt"));
  expect(file.tensors.get("w")?.byteLength).toBe(4 * length);
  await expect(openTorch(openBytes(of(length + 1), "a.pt"))).rejects.toMatchObject({
    code: "checkpoint_malformed",
    message: expect.stringContaining(`tensors of more than ${4 * length + 4} bytes`) as string,
  });
});

/** The first two bytes of a pickle are its protocol; most opcodes here take one byte. */
describe("the stack", () => {
  test.each<[string, readonly Buffer[], number, string]>([
    ["a mark is left over", [mark, op.emptyDict], 4, "0 values left over"],
    ["a value is left over", [none, op.emptyDict], 4, "1 values left over"],
    ["a put without a value", [op.put(0)], 2, "too few values"],
    ["a put of what is below the mark", [none, mark, op.put(0)], 4, "too few values"],
    ["a put of what is below the second mark", [none, mark, none, mark, op.put(0)], 6, "too few values"],
    ["a pair of what is below the mark", [none, none, mark, op.tuple2], 5, "too few values"],
    ["a pair with what is below the mark", [none, mark, none, op.tuple2], 5, "too few values"],
    [
      "a pair with what is below the second mark",
      [none, mark, none, mark, none, op.tuple2],
      7,
      "too few values",
    ],
    ["a name without a module and a name", [op.global("", "")], 2, 'the name "."'],
  ])("%s is refused in its place", (_, opcodes, at, message) => {
    expect(() => unpickle(pickle(...opcodes), "a.pkl")).toThrow(
      expect.objectContaining({
        where: `a.pkl, byte ${at}`,
        message: expect.stringContaining(message) as string,
      }),
    );
  });

  test("values above the second mark are within reach", () => {
    const value = unpickle(
      pickle(none, mark, none, mark, none, op.put(0), none, op.tuple2, op.tuple, op.tuple, op.tuple2),
      "a.pkl",
    );
    expect(value).toMatchObject({
      kind: "tuple",
      items: [null, { items: [null, { items: [{ items: [null, null] }] }] }],
    });
  });
});
