/** Comparisons of two outputs, without files: each returns what was compared and a line for each thing that differs. */
import type { Field, StageRename } from "./intended.ts";
import type { StageArchive, StoredStage } from "./safetensors.ts";

export interface Difference {
  /** The stage, the JSON value or the file. */
  readonly thing: string;
  readonly detail: string;
}

export interface Comparison {
  /** How many stages, JSON values or files were compared, equal ones included. */
  readonly compared: number;
  readonly differences: readonly Difference[];
}

/** Two files byte for byte. */
export function compareBytes(thing: string, a: Uint8Array, b: Uint8Array): Comparison {
  const detail = byteDifference(a, b);
  return { compared: 1, differences: detail === undefined ? [] : [{ thing, detail }] };
}

function byteDifference(a: Uint8Array, b: Uint8Array): string | undefined {
  if (Buffer.compare(a, b) === 0) return undefined;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at++;
  return `${a.length} and ${b.length} bytes, the first difference at byte ${at}`;
}

/** Two archives: the named metadata, then every stage by name, in the old archive's order. */
export function compareArchives(
  a: StageArchive,
  b: StageArchive,
  { renames, metadata }: { readonly renames: readonly StageRename[]; readonly metadata: readonly string[] },
): Comparison {
  const differences: Difference[] = [];
  for (const key of metadata) {
    const [old, now] = [a.metadata.get(key), b.metadata.get(key)];
    if (old !== now) differences.push({ thing: `metadata ${key}`, detail: apart(old, now) });
  }
  const expected = new Set<string>();
  for (const [name, stage] of a.stages) {
    const renamed = renamedStage(name, renames);
    expected.add(renamed);
    const thing = renamed === name ? `stage ${name}` : `stage ${name} -> ${renamed}`;
    const other = b.stages.get(renamed);
    const detail = other === undefined ? "not in the new archive" : stageDifference(stage, other);
    if (detail !== undefined) differences.push({ thing, detail });
  }
  for (const name of b.stages.keys()) {
    if (!expected.has(name)) differences.push({ thing: `stage ${name}`, detail: "only in the new archive" });
  }
  return { compared: metadata.length + new Set([...expected, ...b.stages.keys()]).size, differences };
}

/** The new archive's name for a stage of the old one. */
export function renamedStage(name: string, renames: readonly StageRename[]): string {
  const rename = renames.find(({ from }) => from.test(name));
  if (rename === undefined) return name;
  const { from, to } = rename;
  return typeof to === "string" ? name.replace(from, to) : name.replace(from, to);
}

function stageDifference(a: StoredStage, b: StoredStage): string | undefined {
  if (a.dtype !== b.dtype) return apart(a.dtype, b.dtype);
  if (a.shape.join() !== b.shape.join()) return apart(a.shape, b.shape);
  if (Buffer.compare(a.bytes, b.bytes) === 0) return undefined;
  return a.dtype === "F32" ? valueDifference(a.bytes, b.bytes) : byteDifference(a.bytes, b.bytes);
}

/** How many of the float32 values have other bytes, the first of them, and the largest distance. */
function valueDifference(a: Uint8Array, b: Uint8Array): string {
  const [left, right] = [a, b].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  const total = a.length / 4;
  let [count, first, largest] = [0, 0, 0];
  for (let i = 0; i < total; i++) {
    if (left!.getUint32(4 * i) === right!.getUint32(4 * i)) continue;
    if (count++ === 0) first = i;
    const distance = Math.abs(left!.getFloat32(4 * i, true) - right!.getFloat32(4 * i, true));
    if (!(distance <= largest)) largest = distance;
  }
  const [x, y] = [left, right].map((view) => view!.getFloat32(4 * first, true));
  return `${count} of ${total} values, by ${largest.toExponential(2)} at most; [${first}]: ${x} and ${y}`;
}

/** The listed fields of two JSON documents, at any depth; a field must be in both or in neither. */
export function compareJson(a: unknown, b: unknown, fields: readonly Field[]): Comparison {
  const differences: Difference[] = [];
  let compared = 0;
  const visit = (old: unknown, now: unknown, path: string): void => {
    if (Array.isArray(old) && Array.isArray(now)) {
      if (old.length !== now.length) {
        compared++;
        differences.push({ thing: path, detail: `${old.length} and ${now.length} elements` });
      } else {
        for (const [i, value] of old.entries()) visit(value, now[i], `${path}[${i}]`);
      }
    } else if (isObject(old) && isObject(now)) {
      for (const [oldName, newName] of paired(old, now, fields)) {
        const name = oldName ?? newName;
        const below = path === "" ? name : `${path}.${name}`;
        const decimals = fields.find((field) => field.old === oldName)?.decimals;
        visit(rounded(old[oldName ?? ""], decimals), rounded(now[newName ?? ""], decimals), below!);
      }
    } else {
      compared++;
      if (!Object.is(old, now)) differences.push({ thing: path, detail: apart(old, now) });
    }
  };
  visit(a, b, "");
  if (compared === 0) differences.push({ thing: "document", detail: "no field that is compared" });
  return { compared, differences };
}

function rounded(value: unknown, decimals: number | undefined): unknown {
  return typeof value === "number" && decimals !== undefined
    ? Math.round(value * 10 ** decimals) / 10 ** decimals
    : value;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The listed fields that one of two objects has: their names in both, undefined where one lacks the field. */
function paired(
  old: JsonObject,
  now: JsonObject,
  fields: readonly Field[],
): [string | undefined, string | undefined][] {
  const present = fields.filter((field) => Object.hasOwn(old, field.old));
  const pairs = present.map((field): [string, string | undefined] => [
    field.old,
    (field.new ?? [field.old]).find((name) => Object.hasOwn(now, name)),
  ]);
  const taken = new Set(pairs.map(([, name]) => name));
  const listed = new Set(fields.flatMap((field) => field.new ?? [field.old]));
  const alone = [...listed].filter((name) => Object.hasOwn(now, name) && !taken.has(name));
  return [...pairs, ...alone.map((name): [undefined, string] => [undefined, name])];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function apart(a: unknown, b: unknown): string {
  return `${brief(a)} and ${brief(b)}`;
}

function brief(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
