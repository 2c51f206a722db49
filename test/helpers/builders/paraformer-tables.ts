/** FunASR's results for alphas, fires and tokens, written by fixtures/reference/make_paraformer_tables.py. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

interface Fired {
  readonly embeds: number[];
  readonly peaks: number[];
}

interface ParaformerTables {
  readonly cif: readonly {
    readonly frames: number;
    readonly size: number;
    readonly alphas: number[];
    readonly hidden: number[];
    readonly tokens: number;
    readonly prefix: Fired;
    readonly loop: Fired;
  }[];
  readonly timeHead: Fired & {
    readonly size: number;
    readonly frames: number;
    readonly hidden: number[];
    readonly weights: { readonly [name: string]: { readonly shape: number[]; readonly values: number[] } };
    readonly alphas: number[];
    readonly tokens: number;
    readonly fineTokens: number;
    readonly fineAlphas: number[];
    readonly finePeaks: number[];
  };
  readonly times: readonly {
    readonly alphas: number[];
    readonly peaks: number[];
    readonly tokens: number;
    readonly upsample: number;
    readonly spans: [start: number, end: number][];
  }[];
  readonly sentences: readonly {
    readonly tokens: string[];
    readonly text: string;
    readonly words: string[];
  }[];
  readonly rich: readonly [tagged: string, text: string][];
  readonly merged: readonly {
    readonly pieces: string[];
    readonly words: string[];
    readonly spans: [start: number, end: number][];
  }[];
  readonly aligned: readonly {
    readonly logProbs: number[][];
    readonly labels: number[];
    readonly spans: [start: number, end: number][];
  }[];
}

const path = resolve(import.meta.dirname, "../../../fixtures/reference/paraformer-tables.json");

export const paraformerTables = JSON.parse(readFileSync(path, "utf8")) as ParaformerTables;
