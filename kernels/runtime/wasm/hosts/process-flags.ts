/** The switches of V8 that hold for the whole process. */
import { setFlagsFromString } from "node:v8";
import { decide } from "./v8-flags.ts";
import type { V8Flags } from "./v8-flags.ts";

/** Sets them: those of a version that was tested, unless others were chosen. A program does it before any other work. */
export function setProcessFlags(flags: V8Flags | "probe" = decide(process.versions)): void {
  if (flags === "probe") return;
  for (const flag of flags.always) setFlagsFromString(flag);
}
