/** What `patch` and `ablate` share: one recording, transcribed without and then with interventions. */
import type { Transcriber } from "../transcriber/transcriber.ts";
import { defineCommand } from "./command.ts";
import type { CommandDefinition } from "./command.ts";
import { effectsText } from "./effect-text.ts";
import type { NamedEffect } from "./effect-text.ts";
import type { FlagTable, FlagValues } from "./flags/flag.ts";
import { range } from "./flags/parse.ts";
import { jsonFlag, singlePassFlags } from "./flags/shared.ts";
import { startSinglePass } from "./single-pass.ts";
import type { SinglePass } from "./single-pass.ts";
import { audioArgument, oneRecording } from "./recording.ts";

const regionFlags = {
  frames: {
    group: "Intervention",
    placeholder: "range",
    value: { kind: "text" },
    parse: range,
    default: "all",
    help: "only these rows of the activation, for example 10-40",
  },
  columns: {
    group: "Intervention",
    placeholder: "range",
    value: { kind: "text" },
    parse: range,
    default: "all",
    help: "only these columns of the activation",
  },
} as const satisfies FlagTable;

const sharedFlags = { ...regionFlags, ...singlePassFlags, ...jsonFlag };

type InterventionFlags<Own extends FlagTable> = FlagValues<Own> & FlagValues<typeof sharedFlags>;

interface Intervention<Own extends FlagTable> {
  readonly flags: Own;
  /** The transcriptions to print: first the one without interventions. */
  run(
    model: Transcriber,
    audio: string,
    flags: InterventionFlags<Own>,
    pass: SinglePass,
  ): Promise<NamedEffect[]>;
}

export function interventionCommand<const Own extends FlagTable>({
  flags: own,
  run: intervene,
}: Intervention<Own>): CommandDefinition {
  return defineCommand({
    arguments: [audioArgument],
    flags: { ...own, ...sharedFlags },
    async run(run, flags, args) {
      const given = flags as unknown as InterventionFlags<Own>;
      const audio = oneRecording(given, args);
      const pass = startSinglePass(run, given);
      using model = await pass.load();
      const effects = await intervene(model, audio, given, pass);
      run.screen.result(given.json ? JSON.stringify(effects, undefined, 1) : effectsText(effects));
    },
  });
}

/** The region of an activation that the flags name. */
export function regionOf({ frames, columns }: Pick<FlagValues<typeof regionFlags>, "frames" | "columns">) {
  return { frames, columns };
}
