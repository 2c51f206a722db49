/** Models whose weights are no numbers, or whose metadata have values of other types: nothing of that is silent. */
import type { Checkpoint, MetadataValue } from "../../../src/checkpoints/checkpoint.ts";
import { openModel } from "../../../src/containers/open-model.ts";
import { load } from "../../../src/node.ts";
import { edited, withMetadata } from "../../../test/helpers/builders/edited-checkpoint.ts";
import { fixture } from "../../../test/helpers/environment/fixtures.ts";
import type { AttackCase } from "../case.ts";

const clip = fixture("audio/tiny.wav");
const files = [
  "sensevoice/sensevoice-bf16.gguf",
  "paraformer/paraformer-bf16.gguf",
  "fun-asr-nano/fun-asr-nano-bf16.gguf",
];
/** One tensor in as many is broken. */
const step = 5;

async function textOf(checkpoint: Checkpoint): Promise<string> {
  using model = await load(checkpoint, { backend: "cpu" });
  const result = await model.transcribe(clip, { maxNewTokens: 2, silenceGate: "off", logprobs: true });
  return JSON.stringify(result, (key, value: unknown) => {
    if (key === "timings") return undefined;
    if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`${key} is ${value}`);
    return value;
  });
}

const sound = new Map<string, Promise<string>>();
async function soundText(file: string): Promise<string> {
  await using checkpoint = await openModel(fixture(`tiny/${file}`));
  return await textOf(checkpoint);
}

async function breakTensor(file: string, name: string, value: number): Promise<void> {
  await using checkpoint = await openModel(fixture(`tiny/${file}`));
  const text = await textOf(
    edited(checkpoint, name, (all) => all.fill(value, all.length >> 1, (all.length >> 1) + 1)),
  );
  // a row of a table that the clip does not need
  if (!sound.has(file)) sound.set(file, soundText(file));
  if (Number.isNaN(value) && text !== (await sound.get(file)))
    throw new Error(`another result: ${text.slice(0, 80)}`);
}

async function breakKey(file: string, key: string, value: MetadataValue): Promise<void> {
  await using checkpoint = await openModel(fixture(`tiny/${file}`));
  using _ = await load(withMetadata(checkpoint, key, value), { backend: "cpu" });
}

function wrongValues(value: MetadataValue): MetadataValue[] {
  if (typeof value === "number") return [NaN, Infinity, -Infinity, "text", true, [1]];
  if (typeof value === "string") return [5, true, ["a"]];
  if (typeof value === "boolean") return ["text", 1, [true]];
  return ["text", 5];
}

async function casesOf(file: string): Promise<AttackCase[]> {
  await using checkpoint = await openModel(fixture(`tiny/${file}`));
  const names = [...checkpoint.tensors.keys()].filter((_, index) => index % step === 0);
  const keys = [...checkpoint.metadata].filter(([key]) => !/^general\.(?!architecture$)/u.test(key));
  return [
    ...names.flatMap((name) =>
      [NaN, Infinity].map((value): AttackCase => ({
        name: `${file}: ${value} in ${name}`,
        run: () => breakTensor(file, name, value),
        expected: ["non_finite", "bad_tensors", "read"],
      })),
    ),
    ...keys.flatMap(([key, right]) =>
      wrongValues(right).map((value): AttackCase => ({
        name: `${file}: ${key} is ${typeof value === "number" ? value : JSON.stringify(value)}`,
        run: () => breakKey(file, key, value),
        expected: ["bad_metadata", "bad_tokenizer", "unknown_architecture", "bad_tensors"],
      })),
    ),
  ];
}

export const cases: readonly AttackCase[] = (await Promise.all(files.map(casesOf))).flat();
