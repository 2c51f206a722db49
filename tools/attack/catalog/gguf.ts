/** GGUF files that are hostile in their header, their table of tensors or their data. */
import { openGguf } from "../../../src/checkpoints/gguf/index.ts";
import { hostileTensors } from "../../../test/helpers/builders/hostile-gguf-tensors.ts";
import { hostileHeaders } from "../../../test/helpers/builders/hostile-gguf.ts";
import { RawGguf } from "../../../test/helpers/builders/raw-gguf.ts";
import type { AttackCase } from "../case.ts";

export const cases: readonly AttackCase[] = [...hostileHeaders, ...hostileTensors].map(
  ([name, code, build]) => ({
    name,
    expected: [code],
    milliseconds: 500,
    async run() {
      const built = build();
      await using _ = await openGguf(built instanceof RawGguf ? built.bytes() : built);
    },
  }),
);
