/** Which model: the flags that all commands share, and the demo model where none is named. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

export interface ModelFlags {
  readonly model: string;
  readonly llm?: string;
}

/** The files that the flags name. */
export function modelFiles({ model, llm }: ModelFlags): string[] {
  return llm === undefined ? [model] : [model, llm];
}

/** Adds `-m`; the bundled demo model is the default where it is there. */
export function modelOptions(command: Command): Command {
  command.option("--llm <file>", "the language model's file, where -m holds the audio encoder alone");
  const demo = bundledModel();
  const text = "model file (GGUF)";
  if (demo === undefined) return command.requiredOption("-m, --model <file>", text);
  return command.option("-m, --model <file>", `${text}; the bundled demo model by default`, demo);
}

function bundledModel(): string | undefined {
  const folders = ["../..", "../../.."].map((up) => new URL(`${up}/models/demo/`, import.meta.url));
  return folders
    .map((folder) => fileURLToPath(new URL("fun-asr-demo-q8_0.gguf", folder)))
    .find((path) => existsSync(path));
}
