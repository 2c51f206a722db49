/**
 * Every key of the GGUF files of other projects, changed: the model is refused when it is opened, or its keys in our
 * naming show the change, which metadata.test.ts judges, or the key is listed with the reason why nothing is computed from
 * it.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { checkTensors } from "../../src/architectures/build.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import type { MetadataValue } from "../../src/checkpoints/checkpoint.ts";
import { bool, copyOf, encodeGguf, openGguf, string, uint32 } from "../../src/checkpoints/gguf/index.ts";
import type { GgufContent, TypedMetadata, TypedValue } from "../../src/checkpoints/gguf/index.ts";
import { FunAsrError } from "../../src/errors.ts";
import { effects, isListed, shown, silent } from "../helpers/builders/changed-keys.ts";
import type { Listed } from "../helpers/builders/changed-keys.ts";
import { crispAsrNano, officialEncoder, readModel, stockQwen3 } from "../helpers/builders/namings.ts";
import type { Model } from "../helpers/builders/namings.ts";
import { mmprojEncoder } from "../helpers/builders/namings-others.ts";
import * as others from "../helpers/builders/namings-paraformer.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

/** Keys that nothing is computed from. */
const unused: Listed = [
  [/^general\./u, "describes the file, which is recognized by its tensors"],
  [/^stt\.(?:variant|capability\..*)$/u, "what the model is for"],
  [/^tokenizer\.ggml\.(?:scores|token_type|unknown_token_id|bos_token_id|eos_token_id)$/u, "splits texts"],
  [
    /^audiocpp\.(?:source_format|tensor_name_format|weight_type|model_spec\.version)$/u,
    "where it comes from",
  ],
  [/^audiocpp\.(?:model_spec\.json|tensor_sources\..*)$/u, "where it comes from"],
];

/** Values that stand for the one that the file has. */
const synonyms: ReadonlySet<string> = new Set(["funasr.ada_n_heads = 16"]);

/** Keys that files may have in addition, and whose sound value the model has without them. */
const added: Readonly<Record<string, TypedMetadata>> = {
  "FunAudioLLM's Fun-ASR-Nano": new Map([
    ["qwen3.rope.dimension_count", uint32(16)],
    ["qwen3.rope.scaling.type", string("none")],
    ["qwen3.rope.scaling.factor", uint32(1)],
    ["qwen3.attention.causal", bool(true)],
    ["qwen3.attention.sliding_window", uint32(0)],
    ["qwen3.expert_count", uint32(0)],
  ]),
  "CrispASR's SenseVoice": new Map(
    Object.entries({ sos_id: 1, lang_zh: 3, event_query: 1, textnorm_woitn: 15 }).map(([key, value]) => [
      `sensevoice.${key}`,
      uint32(value),
    ]),
  ),
};

let nano: Model;
let paraformer: Model;
let senseVoice: Model;
beforeAll(async () => {
  nano = await readModel(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
  paraformer = await readModel(fixture("tiny/paraformer/paraformer-bf16.gguf"));
  senseVoice = await readModel(fixture("tiny/sensevoice/sensevoice-bf16.gguf"));
});

async function contentOf(path: string): Promise<GgufContent> {
  await using file = await openGguf(fixture(path));
  const tensors = await Promise.all(
    [...file.tensors.values()].map(async (entry) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of copyOf(entry).chunks()) chunks.push(chunk.slice());
      return { name: entry.name, shape: entry.shape, format: entry.format, chunks: () => chunks };
    }),
  );
  return { metadata: file.typedMetadata, tensors };
}

/** Files that make up one model, one or two. */
const files: Readonly<Record<string, () => Promise<readonly GgufContent[]> | readonly GgufContent[]>> = {
  "FunAudioLLM's Fun-ASR-Nano": () => [officialEncoder(nano), stockQwen3(nano, { copiedHead: false })],
  "llama.cpp's projector": () => [mmprojEncoder(nano), stockQwen3(nano, { copiedHead: false })],
  "CrispASR's Fun-ASR-Nano": () => [crispAsrNano(nano, { copiedHead: false })],
  "transcribe.cpp's Fun-ASR-Nano": async () => [await contentOf("dialects/transcribe-cpp/funasr_nano.gguf")],
  "audio.cpp's Fun-ASR-Nano": async () => [await contentOf("dialects/audio-cpp/fun-asr-nano-f16.gguf")],
  "FunAudioLLM's Paraformer": () => [others.officialParaformer(paraformer)],
  "CrispASR's Paraformer": () => [others.crispAsrParaformer(paraformer)],
  "FunAudioLLM's SenseVoice": () => [others.officialSenseVoice(senseVoice)],
  "CrispASR's SenseVoice": () => [others.crispAsrSenseVoice(senseVoice, { constants: true })],
  "transcribe.cpp's SenseVoice": async () => [await contentOf("dialects/transcribe-cpp/sensevoice.gguf")],
  "FunAudioLLM's FSMN-VAD": async () => [await officialVad()],
};

/** Its names are ours, and so are its kernels where they have as many taps as channels. */
async function officialVad(): Promise<GgufContent> {
  const { metadata, tensors } = await contentOf("tiny/fsmn-vad/fsmn-vad.gguf");
  const keys = [...metadata].map(([key, value]): [string, TypedValue] => [
    key.replace(/^fsmn-vad\.(?:frontend\.)?/u, "vad."),
    value,
  ]);
  return { metadata: new Map(keys), tensors };
}

/** Other values of the same type, odd ones, and one of another type; metadata.test.ts has more. */
function changesOf(value: MetadataValue): readonly MetadataValue[] {
  if (typeof value === "number") return [value + 1, value * 2, NaN, "text", [value]];
  if (typeof value === "string") return [`${value}x`, 5];
  if (typeof value === "boolean") return [!value, "text"];
  const items = [...value] as MetadataValue[];
  return [items.slice(0, -1), [...items, items[0]!], items.toReversed(), "text"] as MetadataValue[];
}

/** A value in the type of GGUF that holds it; undefined where none does. */
function typed(value: MetadataValue, like: TypedValue): TypedValue | undefined {
  if (typeof value === "string") return string(value);
  if (typeof value === "boolean") return bool(value);
  if (typeof value === "number") {
    const isInteger = Number.isInteger(value) && value >= 0 && value < 2 ** 32;
    return isInteger ? uint32(value) : { type: "float32", array: false, value: Math.fround(value) };
  }
  const items = [...value] as readonly MetadataValue[];
  const kinds = new Set(items.map((item) => typeof item));
  const kind = like.array ? typeof ([...(like.value as readonly unknown[])][0] ?? "") : typeof like.value;
  if (kinds.size > 1 || (kinds.size === 1 && !kinds.has(kind as "string"))) return undefined;
  return { type: like.type, array: true, value: items } as TypedValue;
}

async function bytesOf(content: GgufContent): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeGguf(content)) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

type Found = { refused: FunAsrError } | { metadata: ReadonlyMap<string, MetadataValue> };

async function opened(sources: readonly Uint8Array[]): Promise<Found> {
  try {
    await using checkpoint = await openCheckpoint(sources);
    checkTensors(checkpoint);
    return { metadata: checkpoint.metadata };
  } catch (error) {
    if (error instanceof FunAsrError) return { refused: error };
    throw error;
  }
}

/** Keys whose values differ. */
const changedIn = (a: ReadonlyMap<string, MetadataValue>, b: ReadonlyMap<string, MetadataValue>): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter(
    (key) => a.get(key) !== b.get(key) && JSON.stringify(a.get(key)) !== JSON.stringify(b.get(key)),
  );

/** Ours that a changed value may get: metadata.test.ts shows what they do. */
const mayChange = (key: string): boolean =>
  isListed(effects, key) || isListed(silent, key) || /^(?:general|tokenizer)\./u.test(key);

describe("every key that is changed is refused, used, or listed", () => {
  it.each(Object.keys(files))(
    "%s",
    async (name) => {
      const contents = (await files[name]!()).map(({ metadata, tensors }) => {
        const isLanguageModel = [...metadata.keys()].some((key) => key.startsWith("qwen3."));
        const more = isLanguageModel || !name.includes("Nano") ? added[name] : undefined;
        return { metadata: new Map([...metadata, ...(more ?? [])]), tensors };
      });
      const sources = await Promise.all(contents.map(bytesOf));
      const sound = await opened(sources);
      if ("refused" in sound) throw sound.refused;
      const unlisted: string[] = [];
      let refused = 0;
      for (const [at, { metadata, tensors }] of contents.entries()) {
        for (const [key, value] of metadata) {
          if (isListed(unused, key)) continue;
          for (const change of changesOf(value.value as MetadataValue)) {
            const changed = typed(change, value);
            if (changed === undefined || Object.is(changed.value, value.value)) continue;
            const broken = await bytesOf({ metadata: new Map([...metadata, [key, changed]]), tensors });
            const found = await opened(sources.with(at, broken));
            const label = `${key} = ${shown(changed.value as MetadataValue)}`;
            if ("refused" in found) refused++;
            else {
              const keys = changedIn(sound.metadata, found.metadata);
              const isUsed = keys.length > 0 && keys.every(mayChange);
              if (!isUsed && !synonyms.has(label)) unlisted.push(`${label}: ${keys.join() || "the same"}`);
            }
          }
        }
      }
      expect(unlisted).toEqual([]);
      expect(refused).toBeGreaterThan(0);
    },
    300_000,
  );
});
