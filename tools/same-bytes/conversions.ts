/** Conversions: every fixture checkpoint in every layout and format, and GGUF files quantized anew. */
import type { Case } from "./cases.ts";
import type { Inputs } from "./inputs.ts";

const layouts = ["fun-asr", "official", "crispasr"] as const;
const types = ["f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "q4_k", "q5_k", "q6_k"] as const;
/** In the other layouts: what is kept, what is rounded, and what falls back to another format. */
const fewTypes = ["f32", "f16", "q8_0", "q4_k"] as const;
const threads = ["--threads", "2"];

type Layout = (typeof layouts)[number];
type Type = (typeof types)[number];

/** Files of conversions that later cases read. */
export const files = {
  /** The tiny model's language model. */
  llm: "tiny-fun-asr-nano-official-f16-qwen3.gguf",
  /** The demo model in each format. */
  demo: Object.fromEntries(types.map((type) => [type, `demo-fun-asr-${type}.gguf`])) as {
    readonly [type in Type]: string;
  },
} as const;

/** Which models are Fun-ASR-Nano, whose official layout has two files. */
const isNano = (name: string): boolean => /nano|demo|onnx/u.test(name);

export function conversions({ fixture, made, tokens, demoModel }: Inputs): Case[] {
  const folders = ["fun-asr-nano", "paraformer", "sensevoice"];
  const ggufs = {
    "nano-bf16": "fun-asr-nano/fun-asr-nano-bf16",
    "nano-q8_0": "fun-asr-nano/fun-asr-nano-q8_0",
    "paraformer-bf16": "paraformer/paraformer-bf16",
    "sensevoice-bf16": "sensevoice/sensevoice-bf16",
  };
  const exports = {
    fp16: ["encoder.fp16", "ctc.qdq"],
    int8: ["encoder.int8", "ctc.int8"],
    int4: ["encoder.int4", "ctc.fp16"],
    pair: ["FunASR_Nano_Encoder", "FunASR_Nano_Decoder_Embed"],
  };
  return [
    ...folders.flatMap((folder) =>
      layouts.flatMap((layout) =>
        (layout === "fun-asr" ? types : fewTypes).map((type) =>
          convert(`tiny-${folder}`, [fixture(`tiny/${folder}`)], layout, type, true),
        ),
      ),
    ),
    ...Object.entries(ggufs).flatMap(([name, path]) =>
      layouts.map((layout) => convert(name, [fixture(`tiny/${path}.gguf`)], layout, "q8_0")),
    ),
    ...folders.flatMap((folder) =>
      (["official", "crispasr"] as const).map((layout) =>
        convert(
          `${layout}-${folder}`,
          written(`tiny-${folder}-${layout}-f16`, layout, isNano(folder)).map(made),
          "fun-asr",
          "f32",
        ),
      ),
    ),
    ...Object.entries(exports).map(([name, parts]) =>
      convert(
        `onnx-${name}`,
        [
          ...parts.map((part) => fixture(`onnx/${part}.onnx`)),
          made(files.llm),
          ...(name === "pair" ? [] : [tokens]),
        ],
        "fun-asr",
        "f32",
      ),
    ),
    ...types.map((type) => convert("demo", [fixture("demo-model/checkpoint")], "fun-asr", type, true)),
    ...(["official", "crispasr"] as const).flatMap((layout) =>
      (["f16", "q4_k"] as const).map((type) =>
        convert("demo", [fixture("demo-model/checkpoint")], layout, type),
      ),
    ),
    ...Object.entries(ggufs).flatMap(([name, path]) =>
      (["q8_0", "q4_0", "f32"] as const).map((type) =>
        quantize(name, fixture(`tiny/${path}.gguf`), type, []),
      ),
    ),
    ...types.map((type) => quantize("demo", demoModel, type, ["--rule", String.raw`ctc\..*=f16`])),
  ];
}

function convert(source: string, from: readonly string[], layout: Layout, type: Type, keep = false): Case {
  const name = `${source}-${layout}-${type}`;
  return {
    name: `convert ${name}`,
    command: "convert",
    argv: [...from, "--layout", layout, "--type", type, ...threads, "--output", `${name}.gguf`],
    outputs: written(name, layout, isNano(source)).map((file) => ({ file, kind: "bytes" })),
    keep,
  };
}

/** The files of a conversion: the official layout of Fun-ASR-Nano has the language model beside the encoder. */
function written(name: string, layout: Layout, nano: boolean): string[] {
  return [`${name}.gguf`, ...(layout === "official" && nano ? [`${name}-qwen3.gguf`] : [])];
}

function quantize(name: string, from: string, type: Type, extra: readonly string[]): Case {
  const file = "quantized.gguf";
  return {
    name: `quantize ${name}-${type}`,
    command: "quantize",
    argv: [from, file, "--type", type, ...extra, ...threads],
    outputs: [{ file, kind: "bytes" }],
  };
}
