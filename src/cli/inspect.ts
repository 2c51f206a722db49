/** `fun-asr inspect`: metadata and tensors of a model file; local, or on a server by range requests. */
import { openModel } from "../containers/open-paths.ts";
import type { OpenModel } from "../../converters/readers/open-model.ts";
import type { MetadataValue } from "../checkpoints/checkpoint.ts";
import { FunAsrError, TensorsError } from "../errors.ts";
import { openGguf } from "../checkpoints/gguf/index.ts";
import { checkTensors } from "../architectures/build.ts";
import { tensorStatistics } from "../verify/tensor-statistics.ts";
import { defineCommand } from "./command.ts";
import { exitCodeOf, exitCodes } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { jsonFlag } from "./flags/shared.ts";
import { groupBy } from "./group.ts";
import { bad, good, size, table } from "./content.ts";
import type { Section } from "./content.ts";

interface Verdict {
  readonly problems: readonly string[];
  readonly exitCode: ExitCode;
}

export const inspect = defineCommand({
  arguments: [
    { name: "<model...>", help: "a model file, folder or https address, or the files of one model" },
  ],
  flags: {
    tensors: { group: "Output", value: { kind: "boolean" }, help: "list all tensors" },
    values: {
      group: "Output",
      value: { kind: "boolean" },
      help: "read all values, and name the tensors in which some are NaN or infinite",
    },
    ...jsonFlag,
  },
  async run({ screen, start }, { tensors, values, json }, paths) {
    const { signal } = start({ progress: false });
    await using model = await openAnything(paths, signal);
    const complete = judge(model);
    const verdict = values ? await judgeValues(model, complete, signal) : complete;
    screen.result(json ? asJson(model, verdict) : asText(model, verdict, tensors));
    return verdict.exitCode;
  },
});

/** Opens also a GGUF file whose naming is unknown. */
async function openAnything(paths: readonly string[], signal: AbortSignal): Promise<OpenModel> {
  try {
    return await openModel(paths, { signal });
  } catch (error) {
    const unknown = error instanceof FunAsrError && error.code === "unknown_architecture";
    const [path] = paths;
    if (!unknown || paths.length !== 1 || path === undefined) throw error;
    const file = await openGguf(path, signal).catch(() => {
      throw error;
    });
    return { ...file, naming: "gguf (unknown naming)", notes: [error.message], files: paths };
  }
}

function judge(model: OpenModel): Verdict {
  try {
    checkTensors(model);
    return { problems: [], exitCode: exitCodes.fine };
  } catch (error) {
    if (error instanceof TensorsError) {
      const problems = error.problems.map(({ name, problem }) => `${name}: ${problem}`);
      return { problems, exitCode: exitCodes.model };
    }
    if (!(error instanceof FunAsrError)) throw error;
    return { problems: [error.message], exitCode: exitCodeOf(error) };
  }
}

/** The same, and a problem for each tensor that holds values which are no numbers. */
async function judgeValues(
  { tensors }: OpenModel,
  { problems, exitCode }: Verdict,
  signal: AbortSignal,
): Promise<Verdict> {
  const wrong: string[] = [];
  for (const entry of tensors.values()) {
    const { nonFinite, count } = await tensorStatistics(entry, signal);
    if (nonFinite > 0) wrong.push(`${entry.name}: ${nonFinite} of ${count} values are NaN or infinite`);
  }
  return { problems: [...problems, ...wrong], exitCode: wrong.length > 0 ? exitCodes.model : exitCode };
}

function asText(model: OpenModel, { problems }: Verdict, listTensors: boolean): Section[] {
  const entries = [...model.tensors.values()];
  const parameters = entries.reduce(
    (sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  );
  const bytes = entries.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const formats = [...groupBy(entries, ({ format }) => format)].map(([format, group]) => {
    const held = group.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return [format, group.length, size(held)];
  });
  return [
    `${model.source}: ${model.naming}`,
    table([...model.metadata].map(([key, value]) => [key, brief(value)])),
    `${entries.length} tensors, ${(parameters / 1e6).toFixed(1)} M values, ${size(bytes)}`,
    table(formats),
    ...(listTensors
      ? [
          table(
            entries.map(({ name, shape, format, byteLength }) => [
              name,
              `[${shape.join(", ")}]`,
              format,
              size(byteLength),
            ]),
          ),
        ]
      : []),
    ...model.notes,
    problems.length === 0
      ? good("complete: every tensor of the model is there, and no other")
      : bad(problems.join("\n")),
  ];
}

function asJson(model: OpenModel, { problems }: Verdict): string {
  const tensors = [...model.tensors.values()].map(({ name, shape, format, byteLength }) => ({
    name,
    shape,
    format,
    byteLength,
  }));
  const { source, naming, notes } = model;
  const plain = [...model.metadata].map(([key, value]) => [
    key,
    value instanceof Uint8Array ? [...value] : value,
  ]);
  const metadata: unknown = Object.fromEntries(plain);
  return JSON.stringify({ source, naming, notes, problems, metadata, tensors }, undefined, 1);
}

/** A value as text; long strings and arrays are shortened. */
export function brief(value: MetadataValue | undefined): string {
  if (value === undefined) return "—";
  if (typeof value === "number") return shortest(value);
  if (value instanceof Uint8Array) return size(value.length);
  if (!Array.isArray(value)) return cut(JSON.stringify(value));
  const shown = value.slice(0, 4).map((item) => cut(JSON.stringify(item)));
  return `[${shown.join(", ")}${value.length > 4 ? `, … ${value.length} in all` : ""}]`;
}

/** The fewest digits that round to the same float32, the type of real numbers in the files. */
function shortest(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((precision) => Number(value.toPrecision(precision)));
  return String(digits.find((short) => Math.fround(short) === Math.fround(value)) ?? value);
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
