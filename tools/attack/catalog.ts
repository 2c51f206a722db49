/** The kinds of hostile input, each a list of cases. A kind is loaded when one of its cases is read. */
import type { AttackCase } from "./case.ts";

export const kinds = {
  gguf: async () => (await import("./catalog/gguf.ts")).cases,
  onnx: async () => (await import("./catalog/onnx.ts")).cases,
  safetensors: async () => (await import("./catalog/safetensors.ts")).cases,
  texts: async () => (await import("./catalog/texts.ts")).cases,
  torch: async () => (await import("./catalog/torch.ts")).cases,
  wav: async () => (await import("./catalog/wav.ts")).cases,
} satisfies Readonly<Record<string, () => Promise<readonly AttackCase[]>>>;

export type Kind = keyof typeof kinds;
