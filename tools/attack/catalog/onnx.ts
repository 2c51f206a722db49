/** ONNX models that break the wire format or their schema, or reach for files that are none of theirs. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openOnnx } from "../../../converters/readers/onnx/checkpoint.ts";
import { openFolder } from "../../../src/adapters/node/folder.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import { hostileOnnx, writeForeignFiles } from "../../../test/helpers/builders/hostile-onnx.ts";
import type { AttackCase } from "../case.ts";

async function read(bytes: Uint8Array): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-attack-"));
  try {
    await writeForeignFiles(folder);
    await using state = await openOnnx(openBytes(bytes, "hostile.onnx"), openFolder(join(folder, "inner")));
    for (const entry of state.tensors.values()) await entry.read(new Uint8Array(entry.byteLength));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const cases: readonly AttackCase[] = Object.entries(hostileOnnx).flatMap(([kind, rows]) =>
  rows.map(([what, bytes]) => ({
    name: `${kind}: ${what}`,
    run: () => read(bytes),
    expected: ["checkpoint_malformed" as const],
    milliseconds: 500,
  })),
);
