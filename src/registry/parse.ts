/** From the registry's JSON to entries. Its form is that of schemas/registry-v1.json; places are written as references. */
import { FunAsrError } from "../errors.ts";
import { fileRoles, tasks } from "./entry.ts";
import type { EntryFile, HubPlace, Place, RegistryEntry } from "./entry.ts";
import { hubPrefixes, parseHubReference } from "./hub-reference.ts";

interface WrittenFile {
  readonly role: string;
  readonly from: readonly string[];
  readonly size?: number;
  readonly sha256?: string;
}

interface WrittenVariant {
  readonly format: string;
  readonly memory: number;
  /** Either of the two. */
  readonly files?: readonly WrittenFile[];
  readonly recipe?: { readonly type: string };
}

interface WrittenEntry extends Omit<RegistryEntry, "task" | "variants" | "samples"> {
  readonly task: string;
  /** What recipes convert. */
  readonly original?: readonly WrittenFile[];
  readonly variants: readonly WrittenVariant[];
  readonly samples?: readonly {
    readonly file: WrittenFile;
    readonly language: string;
    readonly text: string;
  }[];
}

export interface WrittenRegistry {
  readonly version: number;
  readonly models: readonly WrittenEntry[];
}

/** Throws `internal` where a value is not one of those that the types allow. */
export function parseRegistry({ models }: WrittenRegistry): readonly RegistryEntry[] {
  return models.map(({ original = [], variants, samples = [], task, ...entry }) => ({
    ...entry,
    task: oneOf(tasks, task, entry.name),
    variants: variants.map(({ files, recipe, ...variant }) => ({
      ...variant,
      ...(recipe === undefined ? {} : { recipe }),
      files:
        files?.map((file) => parseFile(file, baseName)) ?? original.map((file) => parseFile(file, wholeName)),
    })),
    samples: samples.map(({ file, ...sample }) => ({ ...sample, file: parseFile(file, baseName) })),
  }));
}

function parseFile({ role, from, ...file }: WrittenFile, nameOf: (path: string) => string): EntryFile {
  const places = from.map(parsePlace);
  const [first] = places;
  if (first === undefined) throw malformed("a file", "no place");
  const path = "url" in first ? baseName(first.url) : first.path;
  return { ...file, role: oneOf(fileRoles, role, path), name: nameOf(path), places };
}

/** A file of an original keeps its folder; a file that is a model by itself needs none. */
const wholeName = (path: string): string => path;
const baseName = (path: string): string => path.replace(/^.*\//u, "");

function parsePlace(text: string): Place {
  if (text.startsWith("https://")) return { url: text };
  const reference = parseHubReference(text.slice(3), hubPrefixes[text.slice(0, 2)]);
  const { hub, repository, revision, path } = reference ?? {};
  if (hub === undefined || repository === undefined || path === undefined)
    throw malformed(text, "no place of a file");
  const place: HubPlace = { hub, repository, path };
  return revision === undefined ? place : { ...place, revision };
}

function oneOf<T extends string>(known: readonly T[], value: string, where: string): T {
  const found = known.find((name) => name === value);
  if (found === undefined) throw malformed(where, JSON.stringify(value), known.join(", "));
  return found;
}

const malformed = (where: string, found: string, wanted?: string): FunAsrError =>
  new FunAsrError(
    "internal",
    `models/registry.json: ${where}`,
    found,
    wanted === undefined ? {} : { wanted },
  );
