/** The tiny Fun-ASR-Nano of the fixtures, written again without some of its tensors. */
import { fixture } from "../environment/fixtures.ts";
import { writeGguf } from "../../../converters/writers/node.ts";
import { copyOf, openGguf } from "../../../src/checkpoints/gguf/index.ts";

export async function tinyNanoFile(path: string, keep: (name: string) => boolean): Promise<void> {
  await using whole = await openGguf(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
  const tensors = [...whole.tensors.values()].filter(({ name }) => keep(name)).map((entry) => copyOf(entry));
  await writeGguf(path, { metadata: whole.typedMetadata, tensors });
}
