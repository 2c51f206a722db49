/** Safetensors that break a rule. */
import { parseSafetensors } from "../../../src/checkpoints/safetensors/index.ts";
import { hostileSafetensors } from "../../../test/helpers/builders/hostile-safetensors.ts";
import type { AttackCase } from "../case.ts";

export const cases: readonly AttackCase[] = hostileSafetensors.map(
  ([name, bytes, code = "checkpoint_malformed"]) => ({
    name,
    run: () => parseSafetensors(bytes, "hostile.safetensors"),
    expected: [code],
    milliseconds: 500,
  }),
);
