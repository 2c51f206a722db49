/** `owner/name[@revision][/file]`, and the hubs' own page addresses. */
import type { Hub, HubReference } from "./entry.ts";

/** The prefixes that choose a hub. */
export const hubPrefixes: Readonly<Record<string, Hub>> = { hf: "huggingface", ms: "modelscope" };

/** Letters, digits, "-", "_" and "."; neither "-" nor "." at an end, no ".." and no "--" (the rules of Hugging Face). */
const id = String.raw`(?![^/@]{97})[A-Za-z0-9_](?:(?:(?!\.\.|--)[A-Za-z0-9._-])*[A-Za-z0-9_])?`;
const revision = String.raw`[^\s@/\\:]+`;
/** No part is empty, "." or "..". */
const part = String.raw`(?!\.{1,2}(?:/|$))[^/\\\p{Cc}]+`;
const pattern = new RegExp(
  `^(?<owner>${id})/(?<name>${id})(?:@(?<revision>${revision}))?(?:/(?<path>${part}(?:/${part})*))?$`,
  "u",
);

/** Undefined where the text has another form. */
export function parseHubReference(text: string, hub?: Hub): HubReference | undefined {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  return {
    kind: "hub",
    ...(hub === undefined ? {} : { hub }),
    repository: `${groups["owner"]}/${groups["name"]}`,
    ...(groups["revision"] === undefined ? {} : { revision: groups["revision"] }),
    ...(groups["path"] === undefined ? {} : { path: groups["path"] }),
  };
}

const pages: readonly (readonly [RegExp, Hub])[] = [
  [/^https:\/\/huggingface\.co\/(?!datasets\/|spaces\/|docs\/|collections\/)(.*)$/iu, "huggingface"],
  [/^https:\/\/(?:www\.)?modelscope\.(?:cn|ai)\/models\/(.*)$/iu, "modelscope"],
];

/**
 * The repository or file that a page of a hub shows, as a browser's address line has it. Undefined for other addresses, and
 * for those that lead to the bytes of a file (`/resolve/`).
 */
export function parseHubPage(url: string): HubReference | undefined {
  for (const [prefix, hub] of pages) {
    const [, rest] = prefix.exec(url.replace(/[?#].*$/su, "")) ?? [];
    const [owner, name, view, at, ...path] = rest?.replace(/\/$/u, "").split("/") ?? [];
    if (owner === undefined || name === undefined) continue;
    if (view !== undefined && !["tree", "blob", "summary", "files"].includes(view)) continue;
    const where = at === undefined ? "" : `@${decoded(at)}`;
    return parseHubReference([`${owner}/${name}${where}`, ...path.map(decoded)].join("/"), hub);
  }
  return undefined;
}

/** Percent escapes resolved; the text itself where they are malformed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
