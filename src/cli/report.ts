/** `fun-asr report`: the activations of one run as a page, with the differences from a reference if one is given. */
import { basename } from "node:path";
import { openArchive } from "../diff/archives/index.ts";
import { diff } from "../diff/diff.ts";
import { reportRun } from "../report/run.ts";
import { defineCommand } from "./command.ts";
import { singlePassFlags } from "./flags/shared.ts";
import { guard, outputPath } from "./guard.ts";
import { startSinglePass } from "./single-pass.ts";
import { audioArgument, oneRecording } from "./recording.ts";

export const report = defineCommand({
  arguments: [audioArgument],
  flags: {
    against: {
      group: "Input",
      placeholder: "archive",
      value: { kind: "text" },
      help: "activations of a reference, to compare with and to draw beside the model's own",
    },
    output: {
      group: "Output",
      short: "-o",
      placeholder: "file",
      value: { kind: "text" },
      required: true,
      parse: outputPath,
      help: "page to write (self-contained HTML); - is standard output",
    },
    ...singlePassFlags,
  },
  async run(run, flags, args) {
    const file = oneRecording(flags, args);
    const { against, output } = flags;
    await guard(output, flags, [file]);
    const pass = startSinglePass(run, flags);
    using model = await pass.load();
    const page = { audioName: basename(file), run: pass.options };
    if (against === undefined) {
      await reportRun(output, model, file, page);
    } else {
      await using reference = await openArchive(against);
      const weights = await pass.fingerprint();
      const difference = await diff(model, reference, file, { ...pass.options, weights });
      await reportRun(output, model, file, { ...page, reference, difference });
    }
    run.screen.note(`wrote ${output}`);
  },
});
