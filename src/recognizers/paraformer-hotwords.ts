/**
 * Hotwords of a Paraformer with SeACo's bias: they are offered to the model, whose second decoder decides for each token
 * whether it is one of a hotword. FunASR's SeacoParaformer.inference.
 */
import { ModelFormatError } from "../errors.ts";
import { keptWords, mostKept, pickRows } from "../models/paraformer/hotword-bias.ts";
import type { HotwordBias } from "../models/paraformer/hotword-bias.ts";
import { checkFinite } from "../nn/finite.ts";
import { dispose, tensor, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { tokenizeHotwords } from "../text/paraformer-hotwords.ts";
import type { ParaformerTokens } from "../text/paraformer-tokens.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { betweenSteps, withDisposal } from "./between-steps.ts";
import { offersByText } from "./hotwords.ts";
import type { HotwordPlan, Offer } from "./hotwords.ts";
import type { RecognizeOptions } from "./options.ts";
import type { RecognizerContext } from "./recognizer.ts";

type StepOptions = Pick<RecognizeOptions, "signal" | "onProgress" | "hook">;

/** What the bias gives for a text. */
export interface Biased {
  /** [N · V]; absent where no words are offered. */
  readonly logits: Float32Array | undefined;
  /** The words that were attended to, best first. */
  readonly offers: readonly Offer[];
  readonly warnings: readonly Warning[];
}

/** The words of a list with their tokens, and the vectors [W + 1, D] of those that have any. */
interface Encoded {
  readonly key: string;
  readonly ids: readonly (readonly number[])[];
  readonly vectors: Float32Array;
}

export class ParaformerHotwords {
  readonly #bias: HotwordBias;
  readonly #tokens: ParaformerTokens;
  readonly #segDict: Uint8Array | undefined;
  /** The last list, so that the windows of a recording encode it once. */
  #last: Encoded | undefined;

  /** Throws `bad_metadata` for a `seg_dict` that is no file. */
  constructor(bias: HotwordBias, tokens: ParaformerTokens, { source, metadata }: RecognizerContext) {
    const key = "paraformer.seaco.seg_dict";
    const segDict = metadata.get(key);
    if (segDict !== undefined && !(segDict instanceof Uint8Array)) {
      const found = JSON.stringify(segDict).slice(0, 80);
      throw new ModelFormatError("bad_metadata", `${source}: ${key}`, found, { wanted: "bytes of a file" });
    }
    this.#bias = bias;
    this.#tokens = tokens;
    this.#segDict = segDict;
  }

  /** The id of the row that stays as the first decoder wrote it. */
  get noBiasId(): number {
    return this.#bias.config.noBiasId;
  }

  /** `draft`: the text without hotwords. Throws `bad_option` for words that are too long, and `non_finite`. */
  async bias(
    rows: { readonly embeds: Tensor; readonly hidden: Tensor },
    { list, searched }: HotwordPlan,
    draft: string,
    options: StepOptions,
  ): Promise<Biased> {
    const all: readonly Offer[] =
      list?.map((word) => ({ word, by: "list" })) ??
      (searched === undefined ? [] : offersByText(searched, draft));
    const { ids, vectors } = await this.#encoded(
      all.map(({ word }) => word),
      options,
    );
    const known = all.filter((_, i) => ids[i]!.length > 0);
    const warnings = unknownWords(all.filter((_, i) => ids[i]!.length === 0));
    if (known.length === 0) return { logits: undefined, offers: [], warnings };

    const words = tensor(vectors, [known.length + 1, this.#bias.config.decoder.size]); // [W, D]
    const turn = betweenSteps(options)("decode");
    return withDisposal(words, async () => {
      const kept = await this.#choose(rows.hidden, words, options);
      const chosen = kept === undefined ? undefined : pickRows(words, kept); // [K, D]
      try {
        const logits = await this.#bias.attend(rows, chosen ?? words, turn); // [N, V]
        const read = (await withDisposal(logits, () => values(logits))).slice();
        const offers = kept?.flatMap((row) => known[row] ?? []) ?? known;
        return { logits: read, offers, warnings };
      } finally {
        if (chosen !== undefined) dispose(chosen);
      }
    });
  }

  /** The rows of the words that are attended to; undefined for all. */
  async #choose(hidden: Tensor, words: Tensor, options: StepOptions): Promise<readonly number[] | undefined> {
    if (words.shape[0]! <= mostKept) return undefined;
    const scores = await this.#bias.score(hidden, words, betweenSteps(options)("decode"));
    checkFinite("seaco_decoder.filter.scores", scores);
    return keptWords(scores);
  }

  async #encoded(words: readonly string[], options: StepOptions): Promise<Encoded> {
    const key = JSON.stringify(words);
    // a hook gets the stages of the words in every pass
    if (options.hook === undefined && this.#last?.key === key) return this.#last;
    const segDict = this.#segDict && new TextDecoder().decode(this.#segDict);
    const ids = tokenizeHotwords(words, this.#tokens, segDict);
    const known = ids.filter(({ length }) => length > 0);
    if (known.length === 0) return { key, ids, vectors: new Float32Array() };
    const encoded = await this.#bias.encode(known, betweenSteps(options)("decode")); // [W, D]
    const vectors = (await withDisposal(encoded, () => values(encoded))).slice();
    checkFinite("bias_encoder", vectors, this.#bias.config.decoder.size);
    this.#last = { key, ids, vectors };
    return this.#last;
  }
}

/** A warning that names the first few words that the model has no tokens for, if there are any. */
function unknownWords(offers: readonly Offer[]): Warning[] {
  if (offers.length === 0) return [];
  const named = offers.slice(0, 5).map(({ word }) => word);
  const others = offers.length - named.length;
  const list = `${named.join(", ")}${others === 0 ? "" : `, and ${others} more`}`;
  return [warning("option_ignored", `the model has no tokens for the hotwords ${list}`)];
}
