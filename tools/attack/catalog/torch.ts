/** PyTorch checkpoints whose archive or pickle is malicious or broken. */
import { openTorch } from "../../../converters/readers/torch/checkpoint.ts";
import { describeOpcode, refusedOpcodes } from "../../../converters/readers/torch/opcodes.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import { hostilePickles } from "../../../test/helpers/builders/hostile-pickle.ts";
import { hostileArchives } from "../../../test/helpers/builders/hostile-torch.ts";
import { entries, op, pickle, zip } from "../../../test/helpers/builders/pickle.ts";
import type { AttackCase } from "../case.ts";

/** Opcodes that would call, import or build what is no data. */
const opcodes = refusedOpcodes.map(
  (byte) =>
    [
      `the opcode ${describeOpcode(byte)}`,
      pickle(op.emptyDict, Buffer.from([byte]), Buffer.alloc(16)),
    ] as const,
);

const archives = [
  ...hostileArchives,
  ...[...hostilePickles, ...opcodes].map(
    ([name, data]) => [`pickle: ${name}`, zip(entries(data as Buffer))] as const,
  ),
];

export const cases: readonly AttackCase[] = archives.map(([name, bytes]) => ({
  name,
  async run() {
    await using _ = await openTorch(openBytes(bytes, "hostile.pt"));
  },
  expected: ["checkpoint_malformed"],
  milliseconds: 500,
}));
