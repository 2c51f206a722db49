/** Seeded damage to a file's structure, to its bytes, or to both: the same number makes the same mutant. */
import { uniform } from "../../../test/helpers/builders/random.ts";
import { damageBytes } from "./damage-bytes.ts";
import { damageData } from "./damage-data.ts";
import { copy, write } from "./part.ts";
import type { Block, DataPart, NumberPart, Part, Size } from "./part.ts";

/** A whole number from 0 up to the limit. */
export type Below = (limit: number) => number;

/** Mutants are no larger, in bytes: what makes a reader slow must be the structure. */
const LARGEST = 2 ** 18;

/** The `index`th mutant of a file. */
export function mutant(original: Part, index: number): Buffer {
  const next = uniform(Math.imul(index, 0x9e37_79b1) ^ 0x5bd1_e995);
  const below: Below = (limit) => Math.floor(next() * limit);
  const kind = below(10);
  const tree = copy(original);
  if (kind < 8) for (let changes = 1 + below(3); changes > 0; changes--) change(tree, below);
  const bytes = write(tree).subarray(0, LARGEST);
  return kind < 6 ? bytes : damageBytes(bytes, below);
}

interface Places {
  readonly blocks: Block[];
  readonly numbers: (NumberPart | Size)[];
  readonly data: DataPart[];
}

function placesOf(part: Part, places: Places = { blocks: [], numbers: [], data: [] }): Places {
  if (part.kind === "number") places.numbers.push(part);
  else if (part.kind === "data") places.data.push(part);
  else {
    if (part.body.length > 0) places.blocks.push(part);
    if (part.size !== undefined) places.numbers.push(part.size);
    for (const inner of part.head) placesOf(inner, places);
    for (const inner of part.body) placesOf(inner, places);
  }
  return places;
}

function change(tree: Part, below: Below): void {
  const { blocks, numbers, data } = placesOf(tree);
  const kind = below(3);
  if (kind === 0 && numbers.length > 0) changeNumber(numbers, below);
  else if (kind === 1 && data.length > 0) {
    const part = data[below(data.length)]!;
    part.bytes = damageData(part, below);
  } else if (blocks.length > 0) changeBlock(blocks, below);
}

/** The edges of the integer types, and of what floats hold exactly. */
const edges = [7, 8, 15, 16, 24, 31, 32, 53, 63, 64].flatMap((bits) => [
  (1n << BigInt(bits)) - 1n,
  1n << BigInt(bits),
]);

function changeNumber(numbers: readonly (NumberPart | Size)[], below: Below): void {
  const chosen = numbers[below(numbers.length)]!;
  const other = numbers[below(numbers.length)]!;
  const before = "kind" in chosen ? chosen.value : BigInt(chosen.more);
  const values = [
    () => edges[below(edges.length)]!,
    () => BigInt(below(32)),
    () => before + BigInt(below(9) - 4),
    () => before * BigInt(2 + below(3)),
    () => ("kind" in other ? other.value : (other.claimed ?? 0n)),
    () => before ^ (1n << BigInt(below(64))),
  ];
  const value = values[below(values.length)]!();
  if ("kind" in chosen) chosen.value = value;
  else chosen.claimed = value;
}

function changeBlock(blocks: readonly Block[], below: Below): void {
  const { body } = blocks[below(blocks.length)]!;
  const other = blocks[below(blocks.length)]!;
  const at = below(body.length);
  const part = body[at]!;
  switch (below(8)) {
    case 0: // twice
      body.splice(below(body.length + 1), 0, copy(part));
      break;
    case 1: // very often
      for (let count = often(part, below); count > 0; count--) body.push(copy(part));
      break;
    case 2: // gone
      body.splice(at, 1);
      break;
    case 3: // in another order
      body.push(...body.splice(at, 1));
      break;
    case 4: // what belongs elsewhere
      body[at] = copy(other.body[below(other.body.length)]!);
      break;
    case 5: // moved elsewhere
      if (!contains(part, other)) other.body.push(...body.splice(at, 1));
      break;
    case 6: // nested in itself
      if (part.kind === "block") nest(part, 2 ** (1 + below(8)));
      break;
    default: // empty
      body.length = 0;
  }
}

function contains(part: Part, inner: Block): boolean {
  return part === inner || (part.kind === "block" && part.body.some((other) => contains(other, inner)));
}

/** How often a part can be repeated: most mutants stay small. */
function often(part: Part, below: Below): number {
  return Math.min(2 ** (1 + below(10)), Math.ceil(LARGEST / 4 / (1 + write(part).length)));
}

function nest(part: Block, depth: number): void {
  if (write(part).length * depth > LARGEST) return;
  const original = copy(part) as Block;
  for (let at = part, left = depth; left > 0; left--) {
    const inner: Block = { ...original, body: original.body.map(copy) };
    at.body = [inner];
    at = inner;
  }
}
