/** Published models by name. */
export type * from "./entry.ts";
export { chooseVariant, parseReference } from "./reference.ts";
export { findEntry, nearestNames, registry, unsupportedModel } from "./registry.ts";
