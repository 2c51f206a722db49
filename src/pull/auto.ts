/** The model that is taken where none is named. */
import { FileError } from "../errors.ts";
import { platform } from "../platform/current.ts";
import { findEntry, parseReference, registry } from "../registry/index.ts";
import type { RegistryEntry } from "../registry/index.ts";
import { findLanguage } from "../text/languages.ts";

/**
 * The name of the best installed model for a language: the first of the registry. Undefined where no model for recognition is
 * installed. Throws `not_installed` where some are and none of them knows the language.
 */
export async function bestInstalled(language: string | undefined): Promise<string | undefined> {
  const code = codeOf(language);
  const store = await platform().openStore();
  const installed = new Set((await store.models()).map(({ name }) => name));
  const usable = registry.filter(isRecognizer).flatMap((entry) => {
    const names = entry.variants.map(({ format }) => `${entry.name}:${format}`);
    const preferred = [`${entry.name}:${entry.defaultFormat}`, ...names];
    const name = preferred.find((one) => installed.has(one));
    return name === undefined ? [] : [{ name, entry }];
  });
  const best = usable.find(({ entry }) => knows(entry, code));
  if (best !== undefined || usable.length === 0) return best?.name;
  throw new FileError(
    "not_installed",
    `language ${language ?? ""}`,
    "no installed model knows this language",
    {
      wanted: `one that does; installed are ${usable.map(({ name }) => name).join(", ")}`,
      remedy: `Run \`fun-asr pull ${recommended(language)}\`, or name a model with -m`,
    },
  );
}

/** The registry's first model for a language. */
export function recommended(language: string | undefined): string {
  const code = codeOf(language);
  const usable = registry.filter(isRecognizer);
  return (usable.find((entry) => knows(entry, code)) ?? usable[0])?.name ?? "";
}

/** Whether the models of an architecture write punctuation themselves. */
export const writesMarks = (architecture: unknown): boolean =>
  registry.some(
    ({ task, abilities, ...entry }) =>
      task === "recognition" && entry.architecture === architecture && abilities.punctuation,
  );

/** The name of an installed punctuation model: of the registry, or of a hub's repository that the registry knows. */
export async function installedPunctuation(): Promise<string | undefined> {
  const store = await platform().openStore();
  const names = (await store.models()).map(({ name }) => name);
  return names.find((name) => {
    const reference = parseReference(name);
    const entry =
      reference.kind === "entry"
        ? reference.entry
        : reference.kind === "hub"
          ? findEntry(reference.repository)
          : undefined;
    return entry?.task === "punctuation";
  });
}

const isRecognizer = ({ task, unsupported }: RegistryEntry): boolean =>
  task === "recognition" && unsupported === undefined;

const knows = ({ languages }: RegistryEntry, code: string | undefined): boolean =>
  code === undefined || languages.includes(code);

/** A language that the tables do not know is the recognizer's to refuse. */
function codeOf(language: string | undefined): string | undefined {
  try {
    return findLanguage(language)?.code;
  } catch {
    return undefined;
  }
}
