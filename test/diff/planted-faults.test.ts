/**
 * Faults of a port, planted one by one in tiny models, against PyTorch's dumps or, for stages and weights that these do not
 * have, against the sound model: each is named at its stage, with a guess where its error has a signature. `npm run
 * diff:faults` prints the table.
 */
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { check, faults } from "../../tools/diff/faults/check.ts";

const root = resolve(import.meta.dirname, "../..");

it("are at least forty, most of them with a signature", () => {
  expect(faults.length).toBeGreaterThanOrEqual(40);
  expect(faults.filter(({ guess }) => guess !== undefined).length).toBeGreaterThan(35);
});

it.each(faults)("$what: $stage", async (fault) => {
  const { stage, guess } = await check(fault, root);
  expect(stage).toBe(fault.stage);
  if (fault.guess === undefined) expect(guess).toBeUndefined();
  else expect(guess).toContain(fault.guess);
});
