/** `--dry-run`: model, options and files as the flags give them, without reading weights. */
import { stat } from "node:fs/promises";
import { measureWav } from "../audio/container.ts";
import { warningsOf } from "../audio/warnings.ts";
import { checkTensors } from "../architectures/build.ts";
import { defaultBackend } from "../nn/placement.ts";
import type { TranscribeOptions } from "../longform/options.ts";
import type { Terminal } from "./console.ts";
import { exitCodeOf, exitCodes, explain } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import type { Input } from "./inputs.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { transcribeFlags } from "./flags/transcribe.ts";
import { openChosen } from "./load-model.ts";
import { outputPaths } from "./outputs.ts";
import { chosenPunctuation } from "./punctuation-model.ts";

/** The options of the library's calls. */
interface PlannedOptions {
  readonly recognition: TranscribeOptions;
  readonly tensorflow: object;
}

/** Throws what opening the model throws. An audio file that cannot be read is part of the plan, and gives the exit code. */
export async function describePlan(
  flags: FlagValues<typeof transcribeFlags>,
  { recognition, tensorflow }: PlannedOptions,
  inputs: readonly Input[],
  bases: ReadonlyMap<string, string>,
  { screen, signal }: { readonly screen: Terminal; readonly signal: AbortSignal },
): Promise<{ plan: object; exitCode: ExitCode }> {
  await using checkpoint = await openChosen(flags, screen, signal);
  const tensors = checkTensors(checkpoint);
  const model = {
    source: checkpoint.source,
    naming: checkpoint.naming,
    architecture: checkpoint.metadata.get("general.architecture"),
    tensors: tensors.length,
    ctc: tensors.some(({ path }) => path.startsWith("ctc.")),
  };
  let exitCode: ExitCode = exitCodes.fine;
  const files: object[] = [];
  for (const { name, open } of inputs) {
    const outputs = outputPaths(bases.get(name)!, flags);
    try {
      files.push({
        file: name,
        ...(flags.pcm === undefined ? await lookAt(await open(), signal) : {}),
        outputs,
      });
    } catch (error) {
      signal.throwIfAborted();
      files.push({ file: name, error: explain(error) });
      if (exitCode === exitCodes.fine) exitCode = exitCodeOf(error);
    }
  }
  const { backend = defaultBackend(), threads, vad } = flags;
  const punctuation = await chosenPunctuation(flags, checkpoint, screen);
  return {
    plan: { model, vad, punctuation, backend, threads, tensorflow, options: recognition, inputs: files },
    exitCode,
  };
}

/**
 * Length in seconds, rate and warnings of a WAV file as `transcribe` reads it, bytes of any other file; nothing of a
 * stream, which can be read once.
 */
async function lookAt(input: unknown, signal: AbortSignal): Promise<object> {
  if (typeof input !== "string") return {};
  const wav = await measureWav(input, { signal });
  if (wav === undefined) return { bytes: (await stat(input)).size };
  const { duration: seconds, sourceRate: sampleRate, channels } = wav;
  return { seconds, sampleRate, channels, warnings: warningsOf(wav).map(({ message }) => message) };
}
