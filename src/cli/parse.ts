/** Values of flags. */
import { InvalidArgumentError } from "commander";

/** A parser for whole numbers within a range. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`wanted a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** A parser for numbers within a range. */
export function numberWithin(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`wanted a number from ${least} to ${most}.`);
    return value;
  };
}

/** A number of 0 or more. */
export function nonNegative(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value < Infinity)) throw new InvalidArgumentError("wanted a number of 0 or more.");
  return value;
}
