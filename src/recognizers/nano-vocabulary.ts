/** The language model's vocabulary out of a checkpoint's keys, all of which must describe the one that is computed. */
import { ModelFormatError } from "../errors.ts";
import { QwenTokenizer } from "../text/qwen-tokenizer.ts";
import type { RecognizerContext } from "./recognizer.ts";
import { expectKey, vocabulary } from "./shared.ts";

/** Upstream stops at the first only; ending at the second as well is what every port does, and harmless. */
export const endTokens = ["<|im_end|>", "<|endoftext|>"] as const;

const prefix = "tokenizer.ggml";

/** `rows`: those of the embedding. Throws `bad_metadata` and `bad_tokenizer`. */
export function qwenTokenizer(context: RecognizerContext, rows: number): QwenTokenizer {
  const { source, metadata } = context;
  expectKey(context, `${prefix}.model`, ["gpt2"]);
  expectKey(context, `${prefix}.pre`, ["qwen2"]);
  expectKey(context, `${prefix}.add_bos_token`, [false]);
  const tokens = vocabulary(context, `${prefix}.tokens`);
  const tokenizer = new QwenTokenizer(
    { tokens, merges: vocabulary(context, `${prefix}.merges`), tokenTypes: tokenTypes(context) },
    `${source}: ${prefix}`,
  );
  if (tokens.length > rows) {
    throw new ModelFormatError("bad_tokenizer", source, `${tokens.length} tokens`, {
      wanted: `at most ${rows}, the rows of the embedding`,
    });
  }
  expectKey(
    context,
    `${prefix}.eos_token_id`,
    endTokens.map((token) => tokenizer.id(token)),
  );
  const padding = metadata.get(`${prefix}.padding_token_id`);
  if (padding !== undefined && !(typeof padding === "number" && tokens[padding] !== undefined))
    throw new ModelFormatError(
      "bad_metadata",
      `${source}: ${prefix}.padding_token_id`,
      JSON.stringify(padding).slice(0, 80),
      {
        wanted: `0 to ${tokens.length - 1}`,
      },
    );
  return tokenizer;
}

function tokenTypes({ source, metadata }: RecognizerContext): readonly number[] | undefined {
  const key = `${prefix}.token_type`;
  const types = metadata.get(key);
  if (types === undefined) return undefined;
  if (Array.isArray(types) && types.every((type) => typeof type === "number")) return types as number[];
  throw new ModelFormatError("bad_metadata", `${source}: ${key}`, "no list of numbers", {
    wanted: "a type for each token",
  });
}
