/** Checks of what a caller without types hands to a pass: interventions, and what a hook returns. */
import { UsageError } from "../errors.ts";
import type { Hook } from "../nn/hook-point.ts";
import { isTensor } from "../nn/ops.ts";
import { checkOptions } from "../options/check.ts";
import { ablation, patch, scaling } from "../options/interventions.ts";
import type { OptionTable } from "../options/rules.ts";
import type { Interventions } from "./interventions.ts";

/** Throws `bad_option` for a part of an intervention that is unknown, missing or has a wrong value. */
export function checkInterventions({ patch: patches = [], ablate = [], scale = [] }: Interventions): void {
  checkItems("patch", patches, patch, ["at", "with"]);
  checkItems("ablate", ablate, ablation, ["at"]);
  checkItems("scale", scale, scaling, ["at", "by"]);
  for (const [i, { with: given }] of patches.entries()) {
    if (given instanceof Float32Array || isActivation(given)) continue;
    throw new UsageError("bad_option", `patch[${i}].with`, foundIn(given), { wanted: patch.with.value.type });
  }
}

function checkItems(
  list: string,
  items: readonly object[],
  table: OptionTable,
  needed: readonly string[],
): void {
  for (const [i, item] of items.entries()) {
    checkOptions(item, table, `${list}[${i}].`);
    const missing = needed.find((name) => (item as Readonly<Record<string, unknown>>)[name] === undefined);
    if (missing === undefined) continue;
    throw new UsageError("bad_option", `${list}[${i}].${missing}`, "absent", {
      wanted: table[missing]?.help ?? "",
    });
  }
}

function isActivation(given: unknown): boolean {
  const { shape, values } = (given ?? {}) as { readonly shape?: unknown; readonly values?: unknown };
  return Array.isArray(shape) && values instanceof Float32Array;
}

/** The hook, with a check of each tensor that it returns. */
export function checkedHook(hook: Hook): Hook {
  return {
    wants: (path, token) => hook.wants(path, token),
    ...(hook.onValues === undefined ? {} : { onValues: hook.onValues.bind(hook) }),
    ...(hook.flush === undefined ? {} : { flush: hook.flush.bind(hook) }),
    onTensor(path, value, token) {
      const { shape } = value;
      const result: unknown = hook.onTensor(path, value, token);
      if (result === undefined) {
        if (value.isDisposed) throw wrong(path, "the stage's tensor was disposed", shape);
        return;
      }
      if (!isTensor(result)) throw wrong(path, foundIn(result), shape);
      if (result.isDisposed) throw wrong(path, "a tensor that was disposed", shape);
      if (result.dtype !== value.dtype) throw wrong(path, `a tensor of ${result.dtype}`, shape);
      if (result.shape.join() !== shape.join())
        throw wrong(path, `a tensor [${result.shape.join(", ")}]`, shape);
      return result;
    },
  };
}

function foundIn(result: unknown): string {
  const isPromise = typeof (result as { then?: unknown } | null)?.then === "function";
  if (isPromise) return "a promise";
  return typeof result === "object" ? "an object that is no tensor" : typeof result;
}

function wrong(path: string, found: string, shape: readonly number[]): UsageError {
  return new UsageError("bad_option", `hook.onTensor at ${path}`, found, {
    wanted: `nothing, or a tensor [${shape.join(", ")}], at once`,
  });
}
