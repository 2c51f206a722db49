/** The commands, in the order of `--help`. A command is loaded when it is asked for. */
import type { CommandEntry } from "./command.ts";

export const commands: readonly [CommandEntry, ...CommandEntry[]] = [
  {
    name: "transcribe",
    summary: "transcribe audio files",
    group: "Recognition",
    load: async () => (await import("./transcribe.ts")).transcribe,
  },
  {
    name: "listen",
    summary: "transcribe live from the microphone, or raw samples on standard input",
    group: "Recognition",
    load: async () => (await import("./listen.ts")).listen,
  },
  {
    name: "serve",
    summary: "answer requests over HTTP, as OpenAI's and whisper.cpp's servers do",
    group: "Recognition",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "align",
    summary: "find the timestamps of the words of a given text",
    group: "Recognition",
    load: async () => (await import("./align.ts")).align,
  },
  {
    name: "ctc",
    summary: "print the text of the CTC branch, and the most likely labels of each frame",
    group: "Recognition",
    load: async () => (await import("./ctc.ts")).ctc,
  },
  {
    name: "hotwords",
    summary: "search a text for hotwords, without audio",
    group: "Recognition",
    load: async () => (await import("./hotwords.ts")).hotwords,
  },
  {
    name: "pull",
    summary: "download and install a model: a name of `models`, owner/name of a hub, or an https address",
    group: "Models",
    load: async () => (await import("./pull.ts")).pull,
  },
  {
    name: "models",
    summary: "list the known and the installed models, describe, remove or verify one",
    group: "Models",
    load: async () => (await import("./models.ts")).models,
  },
  {
    name: "convert",
    summary:
      "write a checkpoint as GGUF: a folder with model.pt or safetensors, ONNX exports, or GGUF of any naming",
    group: "Model files",
    load: async () => (await import("./convert.ts")).convert,
  },
  {
    name: "quantize",
    summary: "store the matrices of a GGUF file in another format",
    group: "Model files",
    load: async () => (await import("./convert.ts")).quantize,
  },
  {
    name: "inspect",
    summary: "print the metadata, tensors and sizes of a model, and whether it is complete",
    group: "Model files",
    load: async () => (await import("./inspect.ts")).inspect,
  },
  {
    name: "verify",
    summary:
      "check a model: figures of all tensors, texts of clips that are known, the first suspicious stage",
    group: "Model files",
    load: async () => (await import("./verify.ts")).verify,
  },
  {
    name: "compare",
    summary: "compare two models tensor by tensor, in any container, naming and format",
    group: "Model files",
    load: async () => (await import("./compare.ts")).compare,
  },
  {
    name: "dump",
    summary: "run the model on an audio file and save its activations",
    group: "Activations",
    load: async () => (await import("./dump.ts")).dump,
  },
  {
    name: "diff",
    summary: "compare the activations of a model with those of a reference",
    group: "Activations",
    load: async () => (await import("./diff.ts")).diff,
  },
  {
    name: "patch",
    summary: "transcribe with activations of another run",
    group: "Activations",
    load: async () => (await import("./patch.ts")).patch,
  },
  {
    name: "ablate",
    summary: "transcribe without a part of the model",
    group: "Activations",
    load: async () => (await import("./ablate.ts")).ablate,
  },
  {
    name: "lens",
    summary: "read the output of each layer through the final norm and head (logit lens)",
    group: "Activations",
    load: async () => (await import("./lens.ts")).lens,
  },
  {
    name: "report",
    summary: "draw the activations of one run as a page",
    group: "Activations",
    load: async () => (await import("./report.ts")).report,
  },
  {
    name: "doctor",
    summary: "list the compute backends of this machine, and recommend one",
    group: "This machine",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "setup tensorflow",
    summary:
      "download TensorFlow's library (from its Python wheel) and compile the addon of tfjs-node-gpu for it",
    group: "This machine",
    load: async () => (await import("./setup.ts")).setupTensorflow,
  },
  {
    name: "bench",
    summary: "measure speed, memory and error rate on recordings",
    group: "This machine",
    load: async () => (await import("./bench.ts")).bench,
  },
];

/** What runs where no command is named. */
export const [defaultCommand] = commands;
