/**
 * Paraformer's vocabulary, one string for each id (`tokens.json`): `<blank>`, `<s>` and `</s>` first, Chinese
 * characters, and English pieces that end in `@@` where the word continues. FunASR's CharTokenizer.
 */
import { ModelFormatError } from "../errors.ts";

/** `<blank>`, `<s>` and `</s>` are never text. */
const controlIds = 3;

export class ParaformerTokens {
  readonly #tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  /** The id of `<unk>`. */
  readonly unknownId: number;

  /** Throws `bad_tokenizer` unless there are `vocabSize` tokens, all different, `<unk>` among them. */
  constructor(tokens: readonly string[], vocabSize: number, source: string) {
    const refuse = (found: string, wanted: string): never => {
      throw new ModelFormatError("bad_tokenizer", source, found, {
        wanted,
        remedy: "Take the tokens.json that belongs to the model",
      });
    };
    if (tokens.length !== vocabSize) refuse(`${tokens.length} tokens`, `${vocabSize}, one for each logit`);
    const ids = new Map<string, number>();
    for (const [id, token] of tokens.entries()) {
      if (ids.has(token)) refuse(`the token ${JSON.stringify(token)} twice`, "each once");
      ids.set(token, id);
    }
    this.#tokens = tokens;
    this.#ids = ids;
    this.unknownId = ids.get("<unk>") ?? refuse("no token <unk>", "it");
  }

  /** Whether the id stands for text, `<unk>` included. */
  isText(id: number): boolean {
    return id >= controlIds && id < this.#tokens.length;
  }

  token(id: number): string {
    return this.#tokens[id]!;
  }

  /** Undefined where there is no such token. */
  id(token: string): number | undefined {
    return this.#ids.get(token);
  }
}
