/** `fun-asr verify`: whether a model works here, and which part of it is to blame where it does not. */
import { verifyModel } from "../verify/verify.ts";
import { defineCommand } from "./command.ts";
import { bar } from "./console.ts";
import { exitCodes } from "./exit.ts";
import { backendFlags, featureFlags, jsonFlag, modelFlags, quietFlag } from "./flags/shared.ts";
import { openChosen } from "./load-model.ts";
import { findClips } from "./verify-clips.ts";
import { verifyText } from "./verify-text.ts";

export const verify = defineCommand({
  flags: {
    ...modelFlags,
    amMvn: featureFlags.amMvn,
    clips: {
      group: "Input",
      placeholder: "folder",
      value: { kind: "text" },
      default: "those published with the model, or the bundled ones",
      help: "recordings of at most 30 s, with their texts in .txt files of the same names",
    },
    ...backendFlags,
    ...jsonFlag,
    ...quietFlag,
  },
  async run({ screen, start }, flags) {
    const { amMvn, backend, threads, json, print } = flags;
    const { signal } = start({ progress: false });
    await using checkpoint = await openChosen(flags, screen, signal);
    const clips = await findClips({ model: flags.model, folder: flags.clips, signal, note: screen.note });
    const report = await verifyModel(checkpoint, {
      clips,
      load: { amMvn, backend, threads },
      signal,
      ...(print ? { onProgress: (step, done, total) => screen.progress(`${bar(done, total)} ${step}`) } : {}),
    });
    screen.progress("");
    screen.result(json ? JSON.stringify(report, undefined, 1) : verifyText(report));
    return report.suspect === undefined ? exitCodes.fine : exitCodes.model;
  },
});
