/** The tables of flags: their links to the options of the library, and the pages written from them. */
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { longFlag, optionsOf } from "../../src/cli/flags/flag.ts";
import { flagsMarkdown } from "../../src/cli/flags/markdown.ts";
import { listen, load, transcribe } from "../../src/options/methods.ts";
import type { OptionTable } from "../../src/options/rules.ts";

describe.each(commands.map((entry) => [entry.name, entry] as const))("%s", async (_, entry) => {
  const command = await entry.load();

  it("links its flags to options that exist", () => {
    const known: OptionTable = { ...load.tensorflow.value.options, ...load, ...listen, ...transcribe };
    for (const [name, { option }] of Object.entries(command.flags)) {
      if (option === undefined) continue;
      const [outer = "", inner] = option.split(".");
      const rule = known[outer]?.value;
      const found = inner === undefined ? rule : rule?.kind === "options" && rule.options[inner];
      expect(found, `--${name}: ${option}`).toBeTruthy();
    }
  });

  it("has one line of help per flag, and no short form twice", () => {
    const shorts = Object.values(command.flags).flatMap(({ short }) => short ?? []);
    expect(new Set(shorts).size).toBe(shorts.length);
    for (const { help } of Object.values(command.flags)) expect(help).toMatch(/^[^\n]+[^.\n]$/u);
  });

  it("is documented with all its flags", () => {
    const page = flagsMarkdown(entry, command);
    for (const [name, { negated }] of Object.entries(command.flags)) {
      expect(page).toMatch(new RegExp(`\`${longFlag(name, negated === "only")}[ \`]`, "u"));
    }
  });
});

it("turns values into options, nested and scaled, and leaves out absent flags", () => {
  const shared = { group: "", help: "", value: { kind: "text" } } as const;
  const table = {
    start: { ...shared, option: "start", divisor: 1000 },
    cut: { ...shared, option: "chunk.cut" },
    pause: { ...shared, option: "chunk.pause" },
    other: shared,
  };
  const flags = { start: 1500, cut: "fixed", pause: 0.5, other: 1 };
  expect(optionsOf(table, flags)).toEqual({ start: 1.5, chunk: { cut: "fixed", pause: 0.5 } });
  expect(optionsOf(table, { start: undefined })).toEqual({});
});
