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
