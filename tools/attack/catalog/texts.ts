/** A mebibyte of eight shapes, in every place of every text. */
import type { AttackCase } from "../case.ts";
import { textAttacks } from "../texts/readers.ts";
import { eight } from "../texts/shapes.ts";

export const cases: readonly AttackCase[] = textAttacks(eight).map(({ name, reader, text }) => ({
  name,
  run: () => reader.read(text(2 ** 20)),
  expected: ["read", ...reader.codes],
}));
