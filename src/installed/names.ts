/** The names under which models are installed. */
import type { ModelReference } from "../registry/index.ts";

/** One text for each model, however it was written. A path has none. */
export function installedName(reference: ModelReference): string {
  switch (reference.kind) {
    case "entry":
      return `${reference.entry.name}:${reference.variant.format}`;
    case "hub": {
      const { hub, repository, revision, path } = reference;
      const prefix = hub === undefined ? "" : hub === "huggingface" ? "hf:" : "ms:";
      return `${prefix}${repository}${revision === undefined ? "" : `@${revision}`}${path === undefined ? "" : `/${path}`}`;
    }
    case "url":
      return reference.url;
    default:
      return reference.path;
  }
}

/** The unfinished file whose bytes will have this hash. */
export const partialKey = (sha256: string): string => `sha256-${sha256}`;

/** The record of a model's original while it is converted. No reference is written like that. */
export const originalName = (name: string): string => `${name} (original)`;
