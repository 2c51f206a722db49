/**
 * A mebibyte of eight nasty shapes in every text that is read, in every place of it: each is read, or refused by name, within a
 * second of processor time. `npm run attack -- --times` measures how time grows with size.
 */
import { describe, expect, it } from "vitest";
import { measure } from "../../tools/attack/measure.ts";
import { textAttacks } from "../../tools/attack/texts/readers.ts";
import { eight } from "../../tools/attack/texts/shapes.ts";

describe("a mebibyte of text", () => {
  it.each(textAttacks(eight))("$name", async ({ reader, text }) => {
    const input = text(2 ** 20);
    const { outcome, milliseconds } = await measure(() => reader.read(input));
    expect(["read", ...reader.codes]).toContain(outcome);
    expect(milliseconds).toBeLessThan(1000);
  });
});
