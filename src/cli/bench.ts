/** `fun-asr bench`: how fast, in how much memory and how well recordings are transcribed, by window and format. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { convert } from "../../converters/writers/convert.ts";
import { parseFormat } from "../../converters/writers/formats.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { UsageError } from "../errors.ts";
import type { BackendChoice } from "../nn/placement.ts";
import { countedUnits, distance } from "../text/error-rate.ts";
import { readText } from "../adapters/node/text-file.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { exitCodes } from "./exit.ts";
import { findInputs } from "./inputs.ts";
import type { Input } from "./inputs.ts";
import { interruptible } from "./interrupt.ts";
import { bundledModel, loadModel, modelOptions } from "./model-options.ts";
import type { ModelFlags } from "./model-options.ts";
import { wholeNumber } from "./parse.ts";
import { backendOption } from "./pass-options.ts";
import type { CommandContext } from "./program.ts";
import { table } from "./table.ts";

interface Flags extends ModelFlags {
  readonly file: string[];
  readonly repeat: number;
  readonly ref?: string;
  readonly windows?: number[];
  readonly types?: Format[];
  readonly decoder: "llm" | "ctc";
  readonly backend?: BackendChoice;
  readonly threads?: number;
  readonly json: boolean;
}

/** One pass over all files. */
interface Run {
  readonly type: string;
  readonly window: number;
  readonly seconds: number;
  readonly audioSeconds: number;
  readonly residentMiB: number;
  readonly texts: readonly string[];
}

export function registerBench(program: Command, { screen, stdin, finish }: CommandContext): void {
  modelOptions(program.command("bench").description("measure speed, memory and errors on recordings"))
    .requiredOption("-f, --file <files...>", "recordings, folders or patterns")
    .option("--repeat <count>", "passes over all of them, each way in turn", wholeNumber(1, 100), 3)
    .option("--ref <file>", "what is said: lines of a file name, a tab and the text")
    .option("--windows <seconds>", "longest stretches to compare, e.g. 15,30 (default: 30)", windows)
    .option("--types <formats>", "formats of the model's matrices to compare, e.g. q8_0,f16", types)
    .addOption(new Option("--decoder <decoder>", "as for transcribe").choices(["llm", "ctc"]).default("llm"))
    .addOption(backendOption())
    .option("-t, --threads <count>", "threads to compute with (default: all cores)", wholeNumber(1, 64))
    .option("--json", "print JSON instead of a table", false)
    .action(async (flags: Flags) => {
      const inputs = findInputs(flags.file, { stdin });
      const references =
        flags.ref === undefined ? undefined : readReferences(await readText(flags.ref), inputs);
      const tell = (line: string): void => screen.progress(line);
      const runs = await interruptible((signal) => measure(inputs, flags, tell, signal)).finally(() =>
        tell(""),
      );
      const rows = summarize(runs, inputs, references);
      screen.result(flags.json ? JSON.stringify(rows, undefined, 2) : table(asTable(rows)));
      finish(exitCodes.fine);
    });
}

/** All ways in turn, so that a busy moment of the machine hurts none of them alone. */
async function measure(
  inputs: readonly Input[],
  flags: Flags,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<Run[]> {
  const { repeat, windows = [30], decoder, backend, threads } = flags;
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-bench-"));
  const models: [string, Transcriber][] = [];
  const runs: Run[] = [];
  try {
    for (const type of flags.types ?? ["as it is"]) {
      const chosen =
        flags.types === undefined ? flags : { model: await converted(flags, type as Format, folder, signal) };
      models.push([type, await loadModel(chosen, { backend, threads, signal })]);
    }
    for (let pass = 0; pass < repeat; pass++) {
      for (const [type, model] of models) {
        for (const window of windows) {
          tell(`pass ${pass + 1}/${repeat}: ${type}, ${window} s`);
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
    await rm(folder, { recursive: true });
  }
}

async function converted(
  { model = bundledModel() }: Flags,
  type: Format,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  if (model === undefined) throw new UsageError("bad_option", "-m", "no model file", { wanted: "one" });
  const path = join(folder, `${type}.gguf`);
  await convert([model], path, { type, signal });
  return path;
}

function summarize(runs: readonly Run[], inputs: readonly Input[], references?: ReadonlyMap<string, string>) {
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
      throw new UsageError("bad_option", "--ref", `line ${i + 1} has no tab`, { wanted: "name, tab, text" });
    }),
  );
  const missing = inputs.find(({ name }) => !references.has(basename(name)));
  if (missing === undefined) return references;
  throw new UsageError("bad_option", "--ref", `no line for ${basename(missing.name)}`, {
    wanted: "one for each file",
  });
}

function windows(text: string): number[] {
  const values = text.split(",").map(Number);
  if (values.every((value) => value >= 1 && value <= 600)) return values;
  throw new InvalidArgumentError("wanted numbers of seconds from 1 to 600, separated by commas.");
}

function types(text: string): Format[] {
  return text.split(",").map(parseFormat);
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
