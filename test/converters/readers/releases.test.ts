/** The published checkpoints of Fun-ASR-Nano, distinguished by their tensors: names and shapes at the real size, no weights. */
import { expect, test } from "vitest";
import { Companions } from "../../../converters/readers/companions.ts";
import { readYaml } from "../../../converters/readers/config.ts";
import { readFunAsrNano } from "../../../converters/readers/families/fun-asr-nano.ts";
import { openFolder } from "../../../src/adapters/node/folder.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { realNano } from "../../helpers/builders/real-size.ts";

const folder = new Companions(
  openFolder(new URL("../../../fixtures/tiny/fun-asr-nano", import.meta.url).pathname),
);

/** The state dict as published: the tied head is written out. `more` stands for the CTC branch's tensors. */
async function notesOn(more: readonly string[]): Promise<readonly string[]> {
  const nano = realNano().tensors;
  const [anyEntry] = nano.values();
  const tensors = new Map<string, TensorEntry>(nano);
  for (const name of ["llm.lm_head.weight", ...more]) tensors.set(name, { ...anyEntry!, name });
  const { notes } = await readFunAsrNano({
    config: await readYaml(folder, "config.yaml"),
    companions: folder,
    tensors,
  });
  return notes;
}

/** Two matrices in front, five blocks, and the head. */
const ctcBranch = [
  ...["linear1", "linear2"].flatMap((name) => both(`ctc_decoder.${name}`)),
  ...Array.from({ length: 5 }, (_, i) =>
    [
      "norm1",
      "norm2",
      "feed_forward.w_1",
      "feed_forward.w_2",
      ...["q", "k", "v", "out"].map((part) => `self_attn.linear_${part}`),
    ].flatMap((name) => both(`ctc_decoder.blocks.${i}.${name}`)),
  ).flat(),
  ...both("ctc.ctc_lo"),
];

function both(module: string): readonly string[] {
  return [`${module}.weight`, `${module}.bias`];
}

test("ModelScope's, with the CTC branch", async () => {
  expect(ctcBranch).toHaveLength(86);
  expect(await notesOn(ctcBranch)).toEqual([
    "1347 tensors (ModelScope's release of Fun-ASR-Nano), with the CTC branch: drafts, character times and hotword search work",
  ]);
});

test("Hugging Face's, without", async () => {
  const [note] = await notesOn([]);
  expect(note).toMatch(
    /^1261 tensors \(Hugging Face's release .*\), without the CTC branch: no CTC drafts, no character/,
  );
});

test("a CTC branch without its head", async () => {
  const [note] = await notesOn(ctcBranch.slice(0, 84));
  expect(note).toMatch(/^1345 tensors, with 84 of the CTC branch but not its head/);
});
