/** `fun-asr bench`: speed, memory and error rate of a model on recordings, by segment length and format. */
import { basename, join } from "node:path";
import { convert } from "../../converters/writers/convert.ts";
import { parseFormat } from "../../converters/writers/formats.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { UsageError } from "../errors.ts";
import { distance } from "../edit-distance.ts";
import { countedUnits } from "../text/error-rate.ts";
import { workFolder } from "../adapters/node/output/temporary.ts";
import { readText } from "../adapters/node/text-file.ts";
import { recordingOptions } from "../options/table.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { defineCommand } from "./command.ts";
import type { Terminal } from "./console.ts";
import type { FlagTable, FlagValues } from "./flags/flag.ts";
import { backendFlags, jsonFlag, modelFlags } from "./flags/shared.ts";
import { transcribeFlags } from "./flags/transcribe.ts";
import { findInputs } from "./inputs.ts";
import type { Input } from "./inputs.ts";
import { chosenModel } from "./chosen-model.ts";
import { loadModel } from "./load-model.ts";
import { table } from "./content.ts";

const segmentLength = recordingOptions.chunk.value.options.seconds;

const benchFlags = {
  file: {
    group: "Input",
    short: "-f",
    placeholder: "files",
    value: { kind: "text" },
    several: true,
    help: "audio files, folders or patterns",
  },
  ref: {
    group: "Input",
    placeholder: "file",
    value: { kind: "text" },
    help: "reference texts, to measure the error rate: lines of a file name, a tab and the text",
  },
  ...modelFlags,
  repeat: {
    group: "Measurement",
    placeholder: "count",
    value: { kind: "number", least: 1, most: 100, whole: true },
    initial: 3,
    help: "number of passes over all files",
  },
  windows: {
    group: "Measurement",
    placeholder: "list",
    value: { kind: "numbers", each: segmentLength.value, most: 100 },
    default: segmentLength.default,
    help: "segment lengths to compare, separated by commas",
  },
  types: {
    group: "Measurement",
    placeholder: "list",
    value: { kind: "text" },
    parse: parseFormats,
    default: "as in the file",
    help: "formats of the model's matrices to compare, e.g. q8_0,f16",
  },
  decoder: transcribeFlags.decoder,
  ...backendFlags,
  ...jsonFlag,
} as const satisfies FlagTable;

type Flags = FlagValues<typeof benchFlags>;

/** One pass over all files. */
interface Pass {
  readonly type: string;
  readonly window: number;
  readonly seconds: number;
  readonly audioSeconds: number;
  readonly residentMiB: number;
  readonly texts: readonly string[];
}

export const bench = defineCommand({
  arguments: [{ name: "[files...]", help: "audio files, as with -f" }],
  flags: benchFlags,
  async run({ screen, stdin, start }, flags, files) {
    const given = [...files, ...(flags.file ?? [])];
    if (given.length === 0)
      throw new UsageError("bad_option", "bench", "no audio files", { wanted: "fun-asr bench FILE…" });
    const { signal } = start();
    const inputs = await findInputs(given, { stdin, signal });
    const references =
      flags.ref === undefined ? undefined : readReferences(await readText(flags.ref), inputs);
    const passes = await measure(inputs, flags, screen, signal);
    const rows = summarize(passes, inputs, references);
    screen.result(flags.json ? JSON.stringify(rows, undefined, 2) : table(asTable(rows)));
  },
});

/** Alternates between the configurations, so that other load on the machine affects all of them. */
async function measure(
  inputs: readonly Input[],
  flags: Flags,
  screen: Terminal,
  signal: AbortSignal,
): Promise<Pass[]> {
  const { repeat, windows = [30], decoder, backend, threads } = flags;
  await using folder = await workFolder();
  const models: [string, Transcriber][] = [];
  const runs: Pass[] = [];
  try {
    for (const type of flags.types ?? ["as in the file"]) {
      const chosen =
        flags.types === undefined
          ? flags
          : { model: await converted(flags, type as Format, folder.path, screen, signal) };
      models.push([type, await loadModel(chosen, { backend, threads, signal }, screen)]);
    }
    for (let pass = 0; pass < repeat; pass++) {
      for (const [type, model] of models) {
        for (const window of windows) {
          screen.progress(`pass ${pass + 1}/${repeat}: ${type}, ${window} s`);
          const began = performance.now();
          const texts: string[] = [];
          let audioSeconds = 0;
          for (const { open } of inputs) {
            const options = { decoder, chunk: { seconds: window }, signal };
            const result = await model.transcribe(await open(), options);
            texts.push(result.text.trim());
            audioSeconds += result.duration ?? 0;
          }
          const seconds = (performance.now() - began) / 1000;
          const residentMiB = process.memoryUsage.rss() / 2 ** 20;
          runs.push({ type, window, seconds, audioSeconds, residentMiB, texts });
        }
      }
    }
    return runs;
  } finally {
    for (const [, model] of models) model.dispose();
  }
}

async function converted(
  flags: Flags,
  type: Format,
  folder: string,
  screen: Terminal,
  signal: AbortSignal,
): Promise<string> {
  const path = join(folder, `${type}.gguf`);
  await convert([await chosenModel(flags, screen)], path, { type, signal });
  return path;
}

function summarize(
  runs: readonly Pass[],
  inputs: readonly Input[],
  references?: ReadonlyMap<string, string>,
) {
  const ways = [...new Set(runs.map(({ type, window }) => `${type}\t${window}`))];
  return ways.map((way) => {
    const own = runs.filter(({ type, window }) => `${type}\t${window}` === way);
    const factors = own.map(({ seconds, audioSeconds }) => seconds / audioSeconds).sort((a, b) => a - b);
    const { type, window, texts, audioSeconds } = own[0]!;
    return {
      type,
      window,
      audioSeconds: round(audioSeconds, 2),
      rtf: round(factors[Math.floor(factors.length / 2)]!, 4),
      rtfBest: round(factors[0]!, 4),
      residentMiB: Math.round(Math.max(...own.map(({ residentMiB }) => residentMiB))),
      /** Whether every pass gave the same texts. */
      repeatable: own.every((run) => run.texts.join("\n") === texts.join("\n")),
      errorRate: references === undefined ? undefined : errorRate(texts, inputs, references),
    };
  });
}

function errorRate(
  texts: readonly string[],
  inputs: readonly Input[],
  references: ReadonlyMap<string, string>,
): number {
  let errors = 0;
  let total = 0;
  for (const [i, { name }] of inputs.entries()) {
    const reference = references.get(basename(name))!;
    const wanted = countedUnits(reference);
    errors += distance(wanted, countedUnits(texts[i]!, reference));
    total += wanted.length;
  }
  return round((100 * errors) / Math.max(1, total), 2);
}

function asTable(rows: ReturnType<typeof summarize>): (string | number)[][] {
  const head = ["type", "window", "audio s", "RTF", "best", "MiB", "repeatable", "errors %"];
  const cells = rows.map((row) => [
    row.type,
    row.window,
    row.audioSeconds,
    row.rtf,
    row.rtfBest,
    row.residentMiB,
    row.repeatable ? "yes" : "no",
    row.errorRate ?? "",
  ]);
  return [head, ...cells];
}

function readReferences(text: string, inputs: readonly Input[]): Map<string, string> {
  const lines = text.split(/\r?\n/u).filter((line) => line.trim() !== "");
  const references = new Map(
    lines.map((line, i): [string, string] => {
      const tab = line.indexOf("\t");
      if (tab > 0) return [basename(line.slice(0, tab).trim()), line.slice(tab + 1)];
      throw new UsageError("bad_option", "--ref", `line ${i + 1} has no tab`, {
        wanted: "a file name, a tab and the text",
      });
    }),
  );
  const missing = inputs.find(({ name }) => !references.has(basename(name)));
  if (missing === undefined) return references;
  throw new UsageError("bad_option", "--ref", `no line for ${basename(missing.name)}`, {
    wanted: "a line for each file",
  });
}

function parseFormats(text: string): Format[] {
  return text.split(",").map(parseFormat);
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
