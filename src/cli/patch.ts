/** `fun-asr patch`: a transcription in which some activations have the values of another run. */
import { isArchive, openArchive } from "../diff/archives/index.ts";
import type { StageValues } from "../diff/compare.ts";
import { effectOf, observe } from "../diff/effect.ts";
import { UsageError } from "../errors.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { words } from "./flags/parse.ts";
import { interventionCommand, regionOf } from "./intervention-command.ts";
import type { SinglePass } from "./single-pass.ts";

export const patch = interventionCommand({
  flags: {
    at: {
      group: "Intervention",
      placeholder: "stages",
      value: { kind: "text" },
      required: true,
      help: "names of the activations to replace, separated by commas",
    },
    from: {
      group: "Intervention",
      placeholder: "path",
      value: { kind: "text" },
      required: true,
      help: "source of the values: an archive of activations, or another audio file",
    },
  },
  async run(model, audio, flags, pass) {
    const { options } = pass;
    const places = words(flags.at);
    const { values, text } = await source(model, flags.from, places, pass);
    const before = await observe(model, audio, options);
    const patches = places.map((at) => ({ at, ...regionOf(flags), with: values.get(at)! }));
    const effect = await effectOf(model, audio, { ...options, patch: patches }, before);
    return [
      { what: "unchanged", text: before.text },
      ...(text === undefined ? [] : [{ what: flags.from, text }]),
      { what: "patched", ...effect },
    ];
  },
});

/** The values of the activations `places`: from an archive, or from a run on another recording. */
async function source(
  model: Transcriber,
  from: string,
  places: readonly string[],
  { options }: SinglePass,
): Promise<{ values: ReadonlyMap<string, StageValues>; text?: string }> {
  if (await isArchive(from)) {
    await using archive = await openArchive(from);
    const values = new Map<string, StageValues>();
    for (const at of places) values.set(at, await archive.read(at, options.signal));
    return { values };
  }
  const { stages, transcription } = await model.run(from, { ...options, capture: places });
  const missing = places.find((at) => !stages.has(at));
  if (missing !== undefined) {
    throw new UsageError("bad_option", "--at", missing, { wanted: "the full name of a stage" });
  }
  return { values: stages, text: transcription?.text ?? "" };
}
