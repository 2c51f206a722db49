/** Which model: the flags that all commands share, and the demo model where none is named. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { openFiles } from "../../converters/readers/open.ts";
import type { NamedFile } from "../../converters/readers/open.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { UsageError } from "../errors.ts";
import { openCheckpoint } from "../checkpoints/gguf/open.ts";
import { load } from "../transcriber/load.ts";
import type { LoadOptions } from "../transcriber/load.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";

export interface ModelFlags {
  readonly model?: string;
  readonly audio?: string;
  readonly ctc?: string;
  readonly llm?: string;
  readonly tokens?: string;
}

/** Loads the model that the flags name. */
export async function loadModel(flags: ModelFlags, options: LoadOptions): Promise<Transcriber> {
  await using checkpoint = await openChosen(flags);
  return await load(checkpoint, options);
}

/** Opens it without reading weights: a file, the official release's two, or a model's parts as they are. */
export async function openChosen({ model, audio, ctc, llm, tokens }: ModelFlags): Promise<Checkpoint> {
  const given = (file: string | undefined): file is string => file !== undefined;
  if (audio === undefined) {
    const alone = [ctc, tokens].find(given);
    if (alone !== undefined) throw unusable("--ctc or --tokens", alone, "--audio with them");
    const file = model ?? bundledModel();
    if (file === undefined) throw unusable("-m", "no model file", "-m, or --audio and --llm");
    return openCheckpoint([file, llm].filter(given));
  }
  if (model !== undefined) throw unusable("-m", model, "either -m or --audio");
  const files: NamedFile[] = [{ path: audio, take: "audio" }];
  if (ctc !== undefined) files.push({ path: ctc, take: "ctc" });
  if (llm !== undefined) files.push({ path: llm, take: "llm" });
  if (tokens !== undefined) files.push({ path: tokens });
  return openFiles(files);
}

function unusable(flag: string, found: string, wanted: string): UsageError {
  return new UsageError("bad_option", flag, found, { wanted });
}

/** Adds `-m` and the flags for parts; the bundled demo model is the default where it is there. */
export function modelOptions(command: Command): Command {
  const bundled = bundledModel() === undefined ? "" : "; the bundled demo model by default";
  return command
    .option("-m, --model <file>", `model file (GGUF)${bundled}`)
    .option("--audio <file>", "instead of -m: audio encoder and adaptor alone (ONNX or GGUF)")
    .option("--ctc <file>", "the CTC branch alone (ONNX, or a GGUF file that has one), with --audio")
    .option(
      "--llm <file>",
      "the language model's file (GGUF), where -m or --audio holds the audio encoder alone",
    )
    .option("--tokens <file>", "tokens.txt of a CTC branch in ONNX, with --audio");
}

/** Path of the demo model, where it is there. */
export function bundledModel(): string | undefined {
  const folders = ["../..", "../../.."].map((up) => new URL(`${up}/models/demo/`, import.meta.url));
  return folders
    .map((folder) => fileURLToPath(new URL("fun-asr-demo-q8_0.gguf", folder)))
    .find((path) => existsSync(path));
}
