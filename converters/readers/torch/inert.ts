/**
 * What a trainer leaves beside the state dict and no tensor needs: numbers and arrays of numpy, sets, counters. They are
 * read past: their functions are names in a closed table, with the arguments that they are written with, and their values
 * are not looked at.
 */
import { malformed } from "../../../src/checkpoints/malformed.ts";
import { describeValue } from "./values.ts";
import type { InertName, Value } from "./values.ts";

const is =
  (kind: "tuple" | "list" | "dict" | "inert") =>
  (value: Value | undefined): boolean =>
    typeof value === "object" && value?.kind === kind;
const isText = (value: Value | undefined): boolean => typeof value === "string";
const isFlag = (value: Value | undefined): boolean => typeof value === "boolean";
const isWhole = (value: Value | undefined): boolean => typeof value === "number";
const isName = (value: Value | undefined): boolean => typeof value === "object" && value?.kind === "global";

type Check = (value: Value | undefined) => boolean;

/** The kinds of arguments of each function; alternatives where it is written with more than one number of them. */
const signatures: Readonly<Record<InertName, readonly (readonly Check[])[]>> = {
  // bytes, in the protocol that torch.save writes: text and "latin1"
  "_codecs encode": [[isText, isText]],
  "__builtin__ bytes": [[]],
  "numpy dtype": [[isText, isFlag, isFlag]],
  "numpy.core.multiarray scalar": [[is("inert"), is("inert")]],
  "numpy._core.multiarray scalar": [[is("inert"), is("inert")]],
  "numpy.core.multiarray _reconstruct": [[isName, is("tuple"), is("inert")]],
  "numpy._core.multiarray _reconstruct": [[isName, is("tuple"), is("inert")]],
  "torch Size": [[is("tuple")]],
  "torch device": [[isText], [isText, isWhole]],
  "__builtin__ set": [[is("list")]],
  "collections Counter": [[is("dict")]],
};

export const isInert = (name: string): name is InertName => Object.hasOwn(signatures, name);

/** What the function would return. Throws `checkpoint_malformed` for other arguments. */
export function inertResult(name: InertName, args: readonly Value[], where: string): Value {
  const fits = signatures[name].some(
    (checks) => checks.length === args.length && checks.every((check, at) => check(args[at])),
  );
  if (fits) return { kind: "inert", name };
  const found = args.map(describeValue).join(", ") || "nothing";
  throw malformed(where, `${name.replace(" ", ".")} of ${found}`, "the arguments that Python writes");
}
