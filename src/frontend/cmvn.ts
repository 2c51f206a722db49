/**
 * Mean and variance normalization with constants of the model: y = (x + shift) · scale, where shift ≈ -mean and
 * scale ≈ 1 / deviation. Reads them from FunASR's `am.mvn`, a Kaldi nnet in text form.
 */
import { ModelFormatError } from "../errors.ts";
import type { Matrix } from "./fbank.ts";

export interface Cmvn {
  readonly shift: Float32Array; // [D]
  readonly scale: Float32Array; // [D]
}

/** float32 after the sum and after the product, as upstream rounds. */
export function applyCmvn({ values, rows, cols }: Matrix, { shift, scale }: Cmvn): Matrix {
  if (shift.length !== cols || scale.length !== cols) {
    const found = `${shift.length} shifts and ${scale.length} scales`;
    throw new ModelFormatError("bad_metadata", "cmvn", found, {
      wanted: `${cols} of each, one for each feature`,
    });
  }
  const normalized = new Float32Array(values.length);
  for (let at = 0; at < values.length;) {
    for (let d = 0; d < cols; d++, at++) normalized[at] = Math.fround(values[at]! + shift[d]!) * scale[d]!;
  }
  return { values: normalized, rows, cols };
}

/** The longest `am.mvn` accepted. The published one has 11 kB; this allows 16,384 features of 30 characters, twice. */
const MAX_CHARACTERS = 2 ** 20;

/**
 * The bracket groups of more than one number: the first is the shift (`<AddShift>`), the second the scale
 * (`<Rescale>`). The group of one number belongs to `<Splice>` and is skipped. Refuses anything but two groups of
 * `width` finite numbers.
 */
export function parseAmMvn(text: string, width: number, where = "am.mvn"): Cmvn {
  const refuse = (found: string, wanted: string): never => {
    throw new ModelFormatError("checkpoint_malformed", where, found, { wanted });
  };
  if (text.length > MAX_CHARACTERS) {
    refuse(`${text.length} characters`, `at most ${MAX_CHARACTERS}`);
  }
  if (!/^\s*<Nnet>/.test(text)) refuse("the first word is not <Nnet>", "a Kaldi nnet in text form");
  for (const tag of ["<AddShift>", "<Rescale>", "</Nnet>"]) {
    const count = text.split(tag).length - 1;
    if (count !== 1) refuse(`${tag} appears ${count} times`, "once");
  }
  if (text.indexOf("<AddShift>") > text.indexOf("<Rescale>")) {
    refuse("<Rescale> comes before <AddShift>", "shift first, then scale");
  }
  const groups = [...text.matchAll(/\[([^[\]]*)\]/g)]
    .map(([, inside]) => inside!.trim().split(/\s+/))
    .filter((words) => words.length > 1);
  if (groups.length !== 2) refuse(`${groups.length} groups of numbers`, "two: shift and scale");

  const [shift, scale] = groups.map((words, index) => {
    const name = index === 0 ? "<AddShift>" : "<Rescale>";
    if (words.length !== width) refuse(`${name} has ${words.length} numbers`, `${width}`);
    return Float32Array.from(words, (word, i) => {
      const value = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(word) ? Math.fround(Number(word)) : NaN;
      return Number.isFinite(value)
        ? value
        : refuse(`${name} number ${i} is ${word.slice(0, 40)}`, "a finite number");
    });
  });
  return { shift: shift!, scale: scale! };
}
