/** `fun-asr dump`: the activations of one pass in an archive, or a list of their names. */
import { basename } from "node:path";
import { archiveFormats, createArchive } from "../diff/archives/index.ts";
import type { StageWriter } from "../diff/archives/index.ts";
import { checkNames } from "../activations/run-with-hooks.ts";
import { originEntries, originOfModel } from "../diff/origin.ts";
import { globs } from "../activations/stage-pattern.ts";
import { UsageError } from "../errors.ts";
import type { Activation } from "../activations/recorder.ts";
import type { StageInfo } from "../nn/hook-point.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { version } from "../version.ts";
import { defineCommand } from "./command.ts";
import { words } from "./flags/parse.ts";
import { singlePassFlags, stagesFlag } from "./flags/shared.ts";
import { startSinglePass } from "./single-pass.ts";
import type { SinglePass } from "./single-pass.ts";
import { guardArchive, outputPath } from "./guard.ts";
import { size, table } from "./content.ts";
import type { Table } from "./content.ts";
import { audioArgument, oneRecording } from "./recording.ts";

export const dump = defineCommand({
  arguments: [audioArgument],
  flags: {
    output: {
      group: "Output",
      short: "-o",
      placeholder: "path",
      value: { kind: "text" },
      parse: outputPath,
      help: "archive to write: .safetensors, .npz, .gguf, or a folder of .npy files; - is standard output",
    },
    format: {
      group: "Output",
      placeholder: "format",
      value: { kind: "choice", values: archiveFormats },
      default: "by the extension of the output",
      help: "format of the archive",
    },
    ...stagesFlag,
    steps: {
      group: "Activations",
      value: { kind: "boolean" },
      help: "also save the activations of each generated token, as NAME@TOKEN",
    },
    list: {
      group: "Activations",
      value: { kind: "boolean" },
      help: "print the names and shapes of the activations instead",
    },
    ...singlePassFlags,
  },
  async run(run, flags, args) {
    const { output, list } = flags;
    const patterns = words(flags.stages);
    const pass = startSinglePass(run, flags);
    if (list) {
      using model = await pass.load();
      checkNames(patterns, model.stages());
      run.screen.result(listed(model.stages(), globs(patterns)));
      return;
    }
    const audio = oneRecording(flags, args, "one audio file, or --list");
    if (output === undefined)
      throw new UsageError("bad_option", "--output", "no archive", { wanted: "a path, or --list" });
    await guardArchive(output, flags, [audio]);
    await using archive = await createArchive(output, { format: flags.format });
    using model = await pass.load();
    const weights = await pass.fingerprint();
    const written = await write(model, audio, archive, { ...flags, patterns, weights }, pass);
    run.screen.note(`wrote ${output}: ${written}`);
  },
});

interface Selection {
  readonly patterns: readonly string[];
  readonly steps: boolean;
  /** The fingerprint of the model's weights. */
  readonly weights: string | undefined;
}

/**
 * Streams the activations to the disk: the pass waits for the writing, so that memory holds one layer at a time. Returns
 * what was written, in words.
 */
async function write(
  model: Transcriber,
  audio: string,
  archive: StageWriter,
  { patterns, steps, weights }: Selection,
  { options }: SinglePass,
): Promise<string> {
  let count = 0;
  let bytes = 0;
  const sink = async ({ name, shape, values }: Activation): Promise<void> => {
    await archive.add(name, shape, values);
    count++;
    bytes += values.byteLength;
  };
  const { transcription } = await model.run(audio, { ...options, capture: patterns, steps, sink });
  const { source, architecture, naming } = model.info;
  const { text = "", tokens = [] } = transcription ?? {};
  const described = { producer: `fun-asr ${version}`, model: source, architecture, naming };
  const recognized = { audio: basename(audio), text, tokens: JSON.stringify(tokens) };
  const origin = originEntries(originOfModel(model.info, weights));
  await archive.finish(new Map([...Object.entries(described), ...origin, ...Object.entries(recognized)]));
  return `${count} stages, ${size(bytes)}`;
}

function listed(stages: readonly StageInfo[], wanted: (name: string) => boolean): Table {
  return table(
    stages.filter(({ name }) => wanted(name)).map(({ name, shape }) => [name, `[${shape.join(", ")}]`]),
  );
}
