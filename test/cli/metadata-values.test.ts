/** Metadata as `inspect` prints it. */
import { expect, it } from "vitest";
import { brief } from "../../src/cli/inspect.ts";

it.each([
  ["an integer that float32 does not have", 4_294_967_295, "4294967295"],
  ["a float32 with the digits that it was written with", Math.fround(0.1), "0.1"],
  ["a float32 of nine digits", Math.fround(1.000_000_12), "1.0000001"],
])("%s", (_, value, shown) => expect(brief(value)).toBe(shown));
