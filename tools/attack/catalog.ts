/** The kinds of hostile input, each a list of cases. A kind is loaded when one of its cases is read. */
import type { AttackCase } from "./case.ts";

export const kinds = {
  archives: async () => (await import("./catalog/archives.ts")).cases,
  compressed: async () => (await import("./catalog/compressed.ts")).cases,
  cuts: async () => (await import("./catalog/cuts.ts")).cases,
  gguf: async () => (await import("./catalog/gguf.ts")).cases,
  http: async () => (await import("./catalog/http.ts")).cases,
  names: async () => (await import("./catalog/names.ts")).cases,
  onnx: async () => (await import("./catalog/onnx.ts")).cases,
  options: async () => (await import("./catalog/options.ts")).cases,
  outputs: async () => (await import("./catalog/outputs.ts")).cases,
  safetensors: async () => (await import("./catalog/safetensors.ts")).cases,
  server: async () => (await import("./catalog/server.ts")).cases,
  streams: async () => (await import("./catalog/streams.ts")).cases,
  texts: async () => (await import("./catalog/texts.ts")).cases,
  torch: async () => (await import("./catalog/torch.ts")).cases,
  values: async () => (await import("./catalog/values.ts")).cases,
  wav: async () => (await import("./catalog/wav.ts")).cases,
} satisfies Readonly<Record<string, () => Promise<readonly AttackCase[]>>>;

export type Kind = keyof typeof kinds;
