/** Pairs of sound computations of one pass, whose differences are honest: of backends, of formats, from PyTorch. */
import { join } from "node:path";
import { convert } from "../../converters/writers/convert.ts";
import { parseFormat } from "../../converters/writers/formats.ts";
import { createArchive, openArchive } from "../../src/diff/archives/index.ts";
import type { StageReader } from "../../src/diff/archives/index.ts";
import { originEntries, originOfModel, roundedCpu } from "../../src/diff/origin.ts";
import { Engine, load } from "../../src/node.ts";
import type { Transcriber } from "../../src/node.ts";

/** One computation: a model's weights in a format, if not as they are stored, on a backend. */
export interface Side {
  readonly backend: "cpu" | "wasm";
  /** Whether `cpu` rounds as `wasm` does. */
  readonly rounded?: boolean;
  readonly type?: string;
}

export interface Pair {
  readonly what: string;
  readonly model: string;
  readonly audio: string;
  readonly ours: Side;
  /** A computation, or PyTorch's dump. */
  readonly theirs: Side | string;
  readonly itn?: boolean;
  /** Both have the same weights, though the archive does not state it. */
  readonly equalWeights?: boolean;
}

const tiny = (file: string): { model: string; audio: string } => ({
  model: `fixtures/tiny/${file}`,
  audio: "fixtures/audio/tiny.wav",
});
const nano = tiny("fun-asr-nano/fun-asr-nano-bf16.gguf");
const nanoQ8 = tiny("fun-asr-nano/fun-asr-nano-q8_0.gguf");
const paraformer = tiny("paraformer/paraformer-bf16.gguf");
const sensevoice = tiny("sensevoice/sensevoice-bf16.gguf");
const seaco = tiny("seaco-paraformer/paraformer-official-f16.gguf");
const demo = (clip: string): { model: string; audio: string } => ({
  model: "models/demo/fun-asr-demo-q8_0.gguf",
  audio: `fixtures/audio/demo/${clip}.wav`,
});
const [cpu, wasm]: readonly Side[] = [{ backend: "cpu" }, { backend: "wasm" }] as const;
const dump = (name: string): string => `fixtures/reference/${name}.safetensors`;

const fromPytorch: readonly Pair[] = [cpu!, wasm!].flatMap((ours) => [
  { what: "PyTorch", ...nano, ours, theirs: dump("fun-asr-nano") },
  { what: "PyTorch", ...paraformer, ours, theirs: dump("paraformer") },
  { what: "PyTorch", ...sensevoice, ours, theirs: dump("sensevoice"), itn: false },
  ...(ours === cpu
    ? [{ what: "PyTorch", ...nanoQ8, ours, theirs: dump("fun-asr-nano-q8_0"), equalWeights: true }]
    : []),
]);

const all = [nano, nanoQ8, paraformer, sensevoice, seaco, demo("zh-weather"), demo("en-travel")];

const ofBackends: readonly Pair[] = all.map((one) => ({
  what: "wasm, cpu with its rounding",
  ...one,
  ours: wasm!,
  theirs: { backend: "cpu", rounded: true },
}));

const ofRounding: readonly Pair[] = [nanoQ8, demo("zh-weather"), demo("en-travel")].map((one) => ({
  what: "wasm, cpu",
  ...one,
  ours: wasm!,
  theirs: cpu!,
}));

const coarse = ["f16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"] as const;
const ofFormats: readonly Pair[] = [
  nano,
  paraformer,
  sensevoice,
  demo("zh-weather"),
  demo("en-travel"),
].flatMap((one) =>
  coarse.flatMap((type) =>
    [cpu!, wasm!].map((on) => ({
      what: `${type}, f32`,
      ...one,
      ours: { ...on, type },
      theirs: { backend: "cpu", type: "f32" } as const,
    })),
  ),
);

export const pairs: readonly Pair[] = [...fromPytorch, ...ofBackends, ...ofRounding, ...ofFormats];

/** The model of one side; what is converted lies in `folder`. */
export async function open({ model }: Pair, side: Side, folder: string): Promise<Transcriber> {
  const path = side.type === undefined ? model : await converted(model, side.type, folder);
  if (side.rounded !== true) return load(path, { backend: side.backend });
  return load(path, { engine: new Engine({ backend: side.backend, cpu: { roundedInputs: true } }) });
}

async function converted(model: string, type: string, folder: string): Promise<string> {
  const path = join(folder, `${model.replaceAll("/", "-")}-${type}.gguf`);
  await convert(model, path, { type: parseFormat(type), force: true });
  return path;
}

/** The reference of a pair: the dump, or a dump of the other side. */
export async function referenceOf(pair: Pair, folder: string): Promise<StageReader> {
  const { theirs, audio, itn } = pair;
  if (typeof theirs === "string") return openArchive(theirs);
  const path = join(folder, "reference.safetensors");
  using model = await open(pair, theirs, folder);
  await using archive = await createArchive(path);
  await model.run(audio, {
    capture: ["*"],
    maxNewTokens: 1,
    ...(itn === undefined ? {} : { itn }),
    sink: ({ name, shape, values }) => archive.add(name, shape, values),
  });
  const { backend, ...origin } = originOfModel(model.info);
  const computed = theirs.rounded === true ? { backend: roundedCpu, llm: roundedCpu } : { backend };
  // Without a conversion, both have the bytes of one file.
  const weights = theirs.type === pair.ours.type ? pair.model : undefined;
  await archive.finish(new Map(originEntries({ ...origin, ...computed, weights })));
  return openArchive(path);
}
