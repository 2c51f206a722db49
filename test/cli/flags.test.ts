/** Every flag that `--help` shows is used by a test of the command line. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { cli } from "../helpers/environment/screen.ts";

const folder = join(import.meta.dirname, "..");
/** The words that tests hand to the command line. */
const used = new Set(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !name.endsWith("flags.test.ts"))
    .flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(/["`]([^"`\n]*)["`]/gu)])
    .flatMap(([, text]) => text!.split(/[\s=]+/u)),
);

/** Flags as the help lists them, each with its short form: `-x, --long` or `-xyz, --long`. */
function flagsOf(help: string): string[][] {
  return help.split("\n").flatMap((line) => {
    const [, short, long] = /^ {2}(?:(-\w+), )?(--[\w-]+)/u.exec(line) ?? [];
    return long === undefined ? [] : [[short, long].filter((form) => form !== undefined)];
  });
}

const program = (await cli("--help")).results.join("\n");

it("lists the commands, and its own flags", () => {
  const names = [...program.matchAll(/^ {2}(\w+(?: \w+)?) {2,}/gmu)].map(([, name]) => name!);
  expect(names).toEqual([...commands.map(({ name }) => name), "help"]);
  expect(flagsOf(program)).toEqual(expect.arrayContaining([["-V", "--version"]]));
});

describe.each(commands.map(({ name }) => name))("%s", async (command) => {
  const help = (await cli(...command.split(" "), "--help")).results.join("\n");
  const flags = flagsOf(help).filter(([first]) => first !== "-h");
  it.each(flags.map((forms) => [forms.join(", "), forms] as const))("%s is tested", (_, forms) => {
    expect(forms.some((form) => used.has(form))).toBe(true);
  });
});
