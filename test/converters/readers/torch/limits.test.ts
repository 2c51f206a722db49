/** How much a pickle may hold: just inside each limit it is run, just outside it is refused. */
import { describe, expect, test } from "vitest";
import { unpickle } from "../../../../converters/readers/torch/unpickle.ts";
import { op, pickle } from "../../../helpers/builders/pickle.ts";

const times = (count: number, opcode: Buffer): Buffer => Buffer.alloc(count * opcode.length, opcode);
const run = (...opcodes: readonly Buffer[]): unknown => unpickle(pickle(...opcodes), "a.pkl");

/** `count` marks, each taken by the list behind it. */
const marks = (count: number): readonly Buffer[] => [
  op.emptyList,
  times(count, op.mark),
  ...Array.from({ length: count - 1 }, () => Buffer.concat([op.emptyList, op.tuple])),
  op.appends,
];
const name = (length: number): Buffer => Buffer.from(`c${"a".repeat(length)}\nb\n`);
const text = (length: number): Buffer => op.text("a".repeat(length));

describe.each<[string, number, (count: number) => readonly Buffer[], string]>([
  [
    "values on the stack",
    200_000,
    (count) => [op.mark, times(count, op.none), op.tuple],
    "values on the stack",
  ],
  ["marks", 1_000, marks, "marks"],
  ["objects", 100_000, (count) => [op.mark, times(count - 1, op.emptyList), op.tuple], "objects"],
  ["bytes of text", 2 ** 20, (count) => [text(count)], "a string of 1048577 bytes; wanted at most 1048576"],
  [
    "bytes of an integer",
    8,
    (count) => [op.long1(...Array<number>(count).fill(1))],
    "9 bytes; wanted at most 8",
  ],
])("%s", (_, most, opcodes, message) => {
  test(`${most} are read`, () => {
    expect(() => run(...opcodes(most))).not.toThrow();
  });
  test(`${most + 1} are refused`, () => {
    expect(() => run(...opcodes(most + 1))).toThrow(
      expect.objectContaining({
        code: "checkpoint_malformed",
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});

test("of 1,000,001 memos the last is refused", () => {
  const puts = times(1_000_001, op.longPut(0));
  for (let i = 0; i <= 1_000_000; i++) puts.writeUInt32LE(i, 5 * i + 1);
  const begin = 3; // behind the protocol and the value
  expect(() => run(op.none, puts)).toThrow(`a.pkl, byte ${begin + 5 * 1_000_000}: more than 1000000 memos`);
});

test("a line of 255 bytes is a name, of 256 it has no end", () => {
  expect(() => run(name(255))).toThrow(`the name "${"a".repeat(255)}.b"`);
  expect(() => run(name(256))).toThrow("a name without an end");
});
