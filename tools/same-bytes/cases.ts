/** What is run in both checkouts, in order: conversions first, since their files are models for what follows. */
import { conversions, files } from "./conversions.ts";
import type { Inputs } from "./inputs.ts";
import type { Argument } from "./flags.ts";
import type { TimedKind } from "./times.ts";

export interface Output {
  /** Relative to the folder in which the commands run; standard output where it is undefined. */
  readonly file?: string;
  readonly kind: "bytes" | "archive" | TimedKind;
  /** The recording whose times the output has: absolute, or relative to the same folder. */
  readonly audio?: string;
}

export interface Case {
  readonly name: string;
  readonly command: string;
  readonly argv: readonly Argument[];
  readonly outputs: readonly Output[];
  /** The files stay, for later cases that read them. */
  readonly keep?: boolean;
}

interface Subject {
  readonly name: string;
  readonly model: readonly Argument[];
  readonly audio: string;
  readonly backends: readonly string[];
  readonly architecture: keyof typeof lastStages;
}

const threads = ["--threads", "2"];
const ctcDecoder: Argument = { flag: "ctcDecoder" };
const llmDecoder: Argument = { flag: "llmDecoder" };
/** The last stages of each architecture: their capture leaves every fused operation before them fused. */
const lastStages = {
  nano: "ctc.log_probs,ctc.ids,llm.step_logits,llm.generated",
  paraformer: "predictor.alphas,decoder.output_layer,decoder.ids",
  sensevoice: "ctc.log_probs,ctc.ids",
} as const;

export function cases(inputs: Inputs): Case[] {
  const subjects = [...tinyModels(inputs), ...exports(inputs)];
  return [
    ...conversions(inputs),
    ...subjects.flatMap((subject) => subject.backends.flatMap((backend) => passes(subject, backend))),
    ...demo(inputs),
  ];
}

/** The cases whose names contain `text`, and the conversions that write what they read. */
export function selected(all: readonly Case[], text: string): Case[] {
  const wanted = all.filter(({ name }) => name.includes(text));
  const words = wanted.flatMap(({ argv }) => argv.filter((word) => typeof word === "string"));
  const isRead = ({ file }: Output): boolean => words.some((word) => word.endsWith(`/${file}`));
  return all.filter((item) => wanted.includes(item) || (item.keep === true && item.outputs.some(isRead)));
}

function tinyModels({ fixture }: Inputs): Subject[] {
  const tiny = (name: string, path: string, architecture: Subject["architecture"]): Subject => ({
    name,
    model: ["--model", fixture(`tiny/${path}.gguf`)],
    audio: fixture("audio/tiny.wav"),
    backends: ["cpu", "wasm"],
    architecture,
  });
  return [
    tiny("nano-bf16", "fun-asr-nano/fun-asr-nano-bf16", "nano"),
    tiny("nano-q8_0", "fun-asr-nano/fun-asr-nano-q8_0", "nano"),
    tiny("paraformer", "paraformer/paraformer-bf16", "paraformer"),
    tiny("sensevoice", "sensevoice/sensevoice-bf16", "sensevoice"),
  ];
}

/** Parts in ONNX, as they are. */
function exports({ fixture, made, tokens }: Inputs): Subject[] {
  const pairs = [
    ["fp16", "qdq"],
    ["int8", "int8"],
    ["int4", "fp16"],
  ] as const;
  return pairs.map(([encoder, ctc]) => ({
    name: `onnx-${encoder}-${ctc}`,
    model: [
      "--audio",
      fixture(`onnx/encoder.${encoder}.onnx`),
      "--ctc",
      fixture(`onnx/ctc.${ctc}.onnx`),
      "--llm",
      made(files.llm),
      "--tokens",
      tokens,
    ],
    audio: fixture("audio/tiny.wav"),
    backends: ["wasm"],
    architecture: "nano",
  }));
}

function passes(subject: Subject, backend: string): Case[] {
  const { model, audio, architecture } = subject;
  const llm = architecture === "nano";
  const on = [...model, "--backend", backend, ...threads];
  const name = (what: string): string => `${what} ${subject.name} ${backend}`;
  const text = (what: string, extra: readonly Argument[]): Case =>
    texts(name(what), ["--file", audio, ...on, ...extra], [{ base: "out", audio }], ["--output-file", "out"]);
  const rows: Argument[] = llm ? ["--max-tokens", "12"] : [];
  return [
    ...(llm ? [text("text llm", [llmDecoder]), text("text ctc", [ctcDecoder])] : [text("text", [])]),
    dump(name("stages"), audio, [...on, ...rows, ...(llm ? ["--steps"] : [])]),
    dump(name("last stages"), audio, [...on, ...rows, "--stages", lastStages[architecture]]),
    ...(llm ? [dump(name("stages all-rows"), audio, [...on, ...rows, { flag: "allRows" }])] : []),
    ...(architecture === "paraformer" ? [] : [labels(name("ctc labels"), audio, on)]),
  ];
}

function demo({ fixture, made, demoModel, recordings, texts: given, tiny }: Inputs): Case[] {
  const model = ["--model", demoModel];
  const on = [...model, "--backend", "wasm", ...threads];
  const clip = fixture("audio/demo/en-name.wav");
  const all = recordings.map((audio) => ({ base: audio.replace(/\.wav$/u, ""), audio }));
  const every = (name: string, extra: readonly Argument[]): Case =>
    texts(`${name} demo wasm`, [...recordings, ...on, ...extra], all);
  const audio = fixture("audio/demo/zh-long.wav");
  const long = (name: string, extra: readonly Argument[]): Case =>
    texts(
      `${name} demo-long wasm`,
      ["--file", audio, ...on, ...extra],
      [{ base: "out", audio }],
      ["--output-file", "out"],
    );
  const formats = Object.keys(files.demo) as (keyof typeof files.demo)[];
  return [
    every("text llm", [llmDecoder]),
    every("text ctc", [ctcDecoder]),
    {
      name: "text token-times demo wasm",
      command: "transcribe",
      argv: [...recordings, ...on, { flag: "tokenTimes" }, "--output-json", "--no-print"],
      outputs: all.map(({ base, audio: of }) => ({ file: `${base}.json`, kind: "json", audio: of })),
    },
    every("text sampled", ["--temperature", "0.8", "--seed", "7", "--repetition-penalty", "1.2"]),
    every("text hotwords", ["--hotwords", "Catherine,杨丽峰,Seattle", "--language", "zh"]),
    every("text eighth", [{ flag: "eighthOfRows" }]),
    long("text vad", ["--vad", fixture("tiny/fsmn-vad/fsmn-vad.gguf")]),
    long("text fixed", [{ flag: "fixedCut" }, "--chunk-seconds", "15"]),
    long("text ctc-blank", [{ flag: "ctcBlankCut" }, "--chunk-seconds", "15", ctcDecoder]),
    dump("stages demo wasm", clip, [...on, "--steps"]),
    dump("stages eighth demo wasm", clip, [...on, { flag: "eighthOfRows" }]),
    ...formats.map((type) =>
      dump(`last stages demo-${type} wasm`, clip, [
        "--model",
        made(files.demo[type]),
        "--backend",
        "wasm",
        ...threads,
        "--stages",
        lastStages.nano,
      ]),
    ),
    labels("ctc labels demo wasm", clip, on),
    ...given.map(({ audio, text, name }) => align(`align ${name} demo wasm`, audio, text, on)),
    ...["cpu", "wasm"].map((backend) =>
      align(`align nano-bf16 ${backend}`, fixture("audio/tiny.wav"), tiny.text, [
        "--model",
        tiny.model,
        "--backend",
        backend,
        ...threads,
      ]),
    ),
  ];
}

/** Texts with times: `written` has the output files without their extensions. */
function texts(
  name: string,
  argv: readonly Argument[],
  written: readonly { readonly base: string; readonly audio: string }[],
  extra: readonly Argument[] = [],
): Case {
  const asked = ["--output-txt", "--output-srt", "--output-ctm", "--output-json-full", "--no-print"];
  const outputs = written.flatMap(({ base, audio }): Output[] => [
    { file: `${base}.txt`, kind: "bytes" },
    ...(["srt", "ctm", "json"] as const).map((kind) => ({ file: `${base}.${kind}`, kind, audio })),
  ]);
  return { name, command: "transcribe", argv: [...argv, ...asked, ...extra], outputs };
}

function dump(name: string, audio: string, argv: readonly Argument[]): Case {
  const output = "stages.safetensors";
  return {
    name,
    command: "dump",
    argv: [audio, ...argv, "--output", output],
    outputs: [{ file: output, kind: "archive" }],
  };
}

function labels(name: string, audio: string, argv: readonly Argument[]): Case {
  return {
    name,
    command: "ctc",
    argv: ["--file", audio, ...argv, "--json", "--no-print"],
    outputs: [{ kind: "json", audio }],
  };
}

function align(name: string, audio: string, text: string, argv: readonly Argument[]): Case {
  return {
    name,
    command: "align",
    argv: [
      "--file",
      audio,
      "--text",
      text,
      ...argv,
      "--json",
      "--no-print",
      "--output-srt",
      "--output-ctm",
      "--output-file",
      "aligned",
    ],
    outputs: [
      { kind: "json", audio },
      { file: "aligned.srt", kind: "srt", audio },
      { file: "aligned.ctm", kind: "ctm", audio },
    ],
  };
}
