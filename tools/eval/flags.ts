/** The flags of `npm run eval`. */
import { parseArgs } from "node:util";
import { parseFormat } from "../../converters/writers/formats.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { UsageError } from "../../src/errors.ts";
import { backendNames } from "../../src/nn/backend.ts";
import type { BackendName } from "../../src/node.ts";
import { checkNames } from "../../src/options/check.ts";
import { suggestion } from "../../src/options/nearest.ts";

/** About two minutes on two cores of 2020; all utterances take five times as long. */
const sampleSize = 48;

export const help = `npm run eval -- [flags]: the demo model on its held-out test set

  --all             all utterances; without it, ${sampleSize} that are spread evenly over the set
  --limit N         N utterances, spread evenly
  --backend NAME    ${backendNames.join(", ")}; several times for several [default: wasm]
  --type FORMAT     format of the weights, such as q8_0 (as shipped) and f32 (as trained);
                    several times for several [default: both of these]
  --times           errors of word times in ms, against the speech synthesizer's
  --hotword-search  the effect of a long list of names
  --doubt           by which agreement of the text with the CTC draft wrong texts are known
  --drafts          tokens of a step of the language model with drafts of 1, 3, 5 and 7 tokens
  --live            live recognition: retractions, latency of stable text, final texts, work
  --json FILE       write the figures
  -h, --help        print this help`;

const options = {
  all: { type: "boolean" },
  limit: { type: "string" },
  backend: { type: "string", multiple: true },
  type: { type: "string", multiple: true },
  times: { type: "boolean" },
  "hotword-search": { type: "boolean" },
  doubt: { type: "boolean" },
  drafts: { type: "boolean" },
  live: { type: "boolean" },
  json: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

export interface Flags {
  readonly help: boolean;
  /** How many utterances; Infinity for all. */
  readonly limit: number;
  readonly backends: readonly [BackendName, ...BackendName[]];
  readonly types: readonly Format[];
  readonly measure: "errors" | "times" | "hotword-search" | "doubt" | "drafts" | "live";
  readonly json: string | undefined;
}

/** Throws `bad_option`. */
export function readFlags(argv: readonly string[]): Flags {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
  });
  checkNames(values, options, "--");
  const [stray] = positionals;
  if (stray !== undefined) throw new UsageError("bad_option", "eval", stray, { wanted: "flags (--help)" });
  const { all, limit, backend = ["wasm"], type = ["q8_0", "f32"], json } = values;
  const count = limit === undefined ? sampleSize : Number(limit);
  if (!(Number.isInteger(count) && count > 0))
    throw new UsageError("bad_option", "--limit", String(limit), { wanted: "a whole number from 1" });
  const [first = "wasm", ...others] = backend.map((name) => backendOf(String(name)));
  return {
    help: values.help === true,
    limit: all === true ? Infinity : count,
    backends: [first, ...others],
    types: type.map((name) => parseFormat(String(name))),
    measure:
      (["times", "hotword-search", "doubt", "drafts", "live"] as const).find(
        (name) => values[name] === true,
      ) ?? "errors",
    json: json === undefined ? undefined : String(json),
  };
}

function backendOf(given: string): BackendName {
  const found = backendNames.find((name) => name === given);
  if (found !== undefined) return found;
  throw new UsageError("bad_option", "--backend", given, {
    wanted: backendNames.join(", "),
    ...suggestion(given, backendNames),
  });
}

/** `count` items, spread evenly; all where there are not more. */
export function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (count >= items.length) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}
