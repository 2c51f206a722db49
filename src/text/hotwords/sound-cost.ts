/** The cost of taking one phoneme for another: 0 equal, 0.5 easily confused, 1 different. */
import type { Phoneme } from "./phonemes.ts";

/** Initials and finals that speakers and recognizers confuse. Not transitive: p is near t and b, b is not near t. */
const PAIRS = "an-ang en-eng in-ing ian-iang uan-uang z-zh c-ch s-sh l-n f-h ai-ei o-uo e-ie p-t p-b t-d k-g";
const SIMILAR = bothWays(PAIRS);

/** English consonants that are spelled alike or confused; vowels are near one another. */
const ENGLISH_PAIRS = "t-d p-b k-g f-v s-z S-C C-j g-j t-T m-n s-S k-C";
const ENGLISH = bothWays(ENGLISH_PAIRS);
const VOWEL = /^[aeiou]$/u;

export const NEAR = 0.5;
const DIFFERENT = 1;

/** A tone costs half an error against any Chinese phoneme. */
export function soundCost(a: Phoneme, b: Phoneme): number {
  if (a.kind !== b.kind) return DIFFERENT;
  if (a.value === b.value && a.isTone === b.isTone) return 0;
  if (a.kind === "sound") {
    const near = ENGLISH.has(`${a.value}-${b.value}`) || (VOWEL.test(a.value) && VOWEL.test(b.value));
    return near ? NEAR : DIFFERENT;
  }
  if (a.isTone || b.isTone || SIMILAR.has(`${a.value}-${b.value}`)) return NEAR;
  return DIFFERENT;
}

/** Of the sounds of English words; letters that are spelled are none. */
export function isConsonant({ kind, value }: Phoneme): boolean {
  return kind === "sound" && !VOWEL.test(value);
}

function bothWays(pairs: string): ReadonlySet<string> {
  return new Set(pairs.split(" ").flatMap((pair) => [pair, pair.split("-").toReversed().join("-")]));
}

/** Numbers phonemes in order of appearance and stores their costs, so that inner loops handle integers only. */
export class SoundTable {
  readonly #symbolOf = new Map<string, number>();
  readonly #sounds: Phoneme[] = [];
  readonly #costs: Float32Array[] = [];

  get size(): number {
    return this.#sounds.length;
  }

  symbols(phonemes: readonly Phoneme[]): Int32Array {
    return Int32Array.from(phonemes, (phoneme) => {
      const name = `${phoneme.kind}${phoneme.isTone ? " tone " : " "}${phoneme.value}`;
      const known = this.#symbolOf.get(name);
      if (known !== undefined) return known;
      this.#symbolOf.set(name, this.#sounds.length);
      return this.#sounds.push(phoneme) - 1;
    });
  }

  /** The costs of one phoneme against every other, by symbol. */
  costs(symbol: number): Float32Array {
    let costs = this.#costs[symbol];
    if (costs === undefined || costs.length < this.size) {
      const sound = this.#sounds[symbol] as Phoneme;
      costs = Float32Array.from(this.#sounds, (other) => soundCost(sound, other));
      this.#costs[symbol] = costs;
    }
    return costs;
  }
}
