/** `fun-asr pull`: downloads and installs a model. */
import { stderr } from "node:process";
import { pull as pullModel } from "../pull/index.ts";
import type { PullPlan, PullProgress } from "../pull/types.ts";
import { defineCommand } from "./command.ts";
import { bar } from "./console.ts";
import type { Terminal } from "./console.ts";
import { quietFlag } from "./flags/shared.ts";
import { size } from "./content.ts";

export const pull = defineCommand({
  arguments: [
    { name: "<model>", help: "e.g. fun-asr-nano, fun-asr-nano:f16, owner/name@revision/file, hf:…, ms:…" },
  ],
  flags: {
    from: {
      group: "Source",
      placeholder: "hub",
      value: { kind: "text" },
      default: "the first hub that answers",
      help: "hf, modelscope, or the address of a mirror of Hugging Face",
    },
    cache: {
      group: "Source",
      placeholder: "name",
      value: { kind: "choice", values: ["own", "hf"] },
      initial: "own",
      help: "where files are kept: the store of fun-asr, or the cache of Hugging Face's own tools (hf)",
    },
    ...quietFlag,
  },
  async run({ screen, start }, { from, cache, print }, [name]) {
    const { signal } = start();
    const show = print ? progressOn(screen) : undefined;
    const model = await pullModel(name!, {
      from,
      cache,
      signal,
      onPlan: (plan) => announce(plan, screen),
      onProgress: show,
    });
    screen.progress("");
    const bytes = model.files.reduce((sum, file) => sum + file.size, 0);
    screen.result(`${model.name} is installed (${size(bytes)}). To use it: fun-asr -m ${model.name} FILE`);
  },
});

/** What is going to happen, before it does. */
function announce({ title, licenses, files, downloadBytes, convertTo }: PullPlan, screen: Terminal): void {
  screen.note(title);
  for (const { name, url } of licenses) screen.note(`license: ${name} (${url})`);
  for (const file of files)
    screen.note(`${file.name}, ${size(file.size)}: ${file.here ? "is here already: " : ""}${file.from}`);
  screen.note(downloadBytes === 0 ? "nothing to download" : `download: ${size(downloadBytes)}`);
  if (convertTo !== undefined) screen.note(`then converted to one GGUF file (${convertTo.toLowerCase()})`);
}

/** How much has to be done before the next line, where stderr is no terminal. */
const step = 0.1;

/** A line that changes on a terminal, elsewhere one for each tenth. */
function progressOn(screen: Terminal): (progress: PullProgress) => void {
  let last = "";
  let next = 0;
  return ({ stage, item, done, total }) => {
    if (stage === "wait") {
      screen.note(`${item}: another process is downloading it; waiting`);
      return;
    }
    const amount = stage === "convert" ? `${done}/${total}` : `${size(done)} of ${size(total)}`;
    screen.progress(`${stage.padEnd(8)} ${bar(done, total)} ${amount} ${item}`);
    if (stderr.isTTY) return;
    // a conversion names every tensor
    const what = stage === "convert" ? stage : `${stage} ${item}`;
    if (what !== last) next = step;
    last = what;
    const part = total === 0 ? 1 : done / total;
    if (part < next) return;
    next = Math.floor(part / step + 1) * step;
    screen.note(`${what}: ${Math.floor(part * 100)} %`);
  };
}
