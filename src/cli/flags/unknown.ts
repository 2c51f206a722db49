/** The error for a flag that a command does not have: with what does the same here, or with the nearest name. */
import { UsageError } from "../../errors.ts";
import { nearest } from "../../options/nearest.ts";
import type { CommandDefinition } from "../command.ts";
import { longFlag } from "./flag.ts";

/** `flag` as it was given; `command` is the name of the command. */
export function unknownFlag(
  flag: string,
  command: string,
  { flags, elsewhere }: CommandDefinition,
): UsageError {
  const name = flag.replace(/=.*$/su, "");
  const forms = Object.entries(flags).flatMap(([key, { short, negated }]) => [
    ...(short === undefined ? [] : [short]),
    ...(negated === "only" ? [] : [longFlag(key)]),
    ...(negated === undefined ? [] : [longFlag(key, true)]),
  ]);
  // dashes are no letters that two names share
  const bare = new Map([...forms, "--help"].map((form) => [form.replace(/^-+/u, ""), form]));
  const near = bare.get(nearest(name.replace(/^-+/u, ""), [...bare.keys()]) ?? "");
  const listed = `\`fun-asr ${command} --help\` lists the options`;
  return new UsageError("bad_option", name, `fun-asr ${command} has no such option`, {
    remedy: elsewhere?.get(name) ?? (near === undefined ? listed : `Did you mean ${near}?`),
  });
}
