/** `fun-asr models`: the known and the installed models. */
import { UsageError } from "../errors.ts";
import { suggestion } from "../options/nearest.ts";
import { models as allModels, modelStatus, removeModel, verifyModels } from "../pull/models.ts";
import type { ModelStatus } from "../pull/models.ts";
import { defineCommand } from "./command.ts";
import type { CommandRun } from "./context.ts";
import { exitCodes } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { jsonFlag } from "./flags/shared.ts";
import { bad, faint, good, size, table } from "./content.ts";
import type { Cell, Table } from "./content.ts";

type Action = (run: CommandRun, name: string | undefined, json: boolean) => Promise<ExitCode | void>;

const actions: Readonly<Record<"list" | "info" | "remove" | "verify", Action>> = {
  async list({ screen }, name, json) {
    if (name !== undefined) throw new UsageError("bad_option", "models list", name, { wanted: "no name" });
    const list = await allModels();
    screen.result(json ? JSON.stringify(list, undefined, 1) : asTable(list));
  },

  async info({ screen }, name, json) {
    const status = await modelStatus(named("info", name));
    screen.result(json ? JSON.stringify(status, undefined, 1) : asText(status));
  },

  async remove({ screen }, name, json) {
    const freed = await removeModel(named("remove", name));
    screen.result(
      json ? JSON.stringify({ name, freedBytes: freed }) : `removed ${name}: ${size(freed)} are free again`,
    );
  },

  async verify({ screen, start }, name, json) {
    const verified = await verifyModels(name, {
      signal: start().signal,
      onBytes: (done) => screen.progress(`verify   ${size(done)}`),
    });
    screen.progress("");
    const rows = verified.map(({ name, damaged }) => [
      name,
      damaged.length === 0
        ? good("intact")
        : bad(damaged.map(({ file, found }) => `${file} is ${found}`).join(", ")),
    ]);
    if (json) screen.result(JSON.stringify(verified, undefined, 1));
    else screen.result(rows.length === 0 ? "no model is installed" : table(rows));
    const damaged = verified.find((one) => one.damaged.length > 0);
    if (damaged === undefined) return exitCodes.fine;
    screen.note(`To repair it: fun-asr models remove ${damaged.name}, then fun-asr pull ${damaged.name}`);
    return exitCodes.model;
  },
};

export const models = defineCommand({
  arguments: [
    { name: "[action]", help: "list (the default), info, remove or verify" },
    { name: "[name]", help: "of a model; verify without one reads all installed models" },
  ],
  flags: jsonFlag,
  async run(run, { json }, [action = "list", name]) {
    const known = Object.keys(actions);
    if (Object.hasOwn(actions, action)) return actions[action as keyof typeof actions](run, name, json);
    throw new UsageError("bad_option", "models", JSON.stringify(action), {
      wanted: known.join(", "),
      ...suggestion(action, known),
    });
  },
});

function named(action: string, name: string | undefined): string {
  if (name !== undefined) return name;
  throw new UsageError("bad_option", `models ${action}`, "no name", { wanted: "the name of a model" });
}

function asTable(list: readonly ModelStatus[]): Table {
  const rows = list.map((model) => [
    model.name,
    stateOf(model),
    model.bytes === undefined ? "" : size(model.bytes),
    (model.languages ?? []).slice(0, 5).join(" ") + ((model.languages?.length ?? 0) > 5 ? " …" : ""),
    model.licenses.map(({ name }) => name).join(", "),
    model.paths[0] ?? "",
  ]);
  return table([["name", "state", "size", "languages", "license", "where"], ...rows]);
}

function stateOf({ installed, complete, unsupported, isDefault }: ModelStatus): Cell {
  if (installed) return complete === true ? good("installed") : bad("damaged");
  if (unsupported !== undefined) return faint("not supported yet");
  return isDefault ? "default" : "";
}

function asText(model: ModelStatus): Table {
  const rows: (readonly [string, Cell | undefined])[] = [
    ["name", model.name],
    ["title", model.title],
    ["state", model.installed || model.unsupported !== undefined ? stateOf(model) : "not installed"],
    ["task", model.task],
    ["languages", model.languages?.join(", ")],
    ["size", model.bytes === undefined ? undefined : size(model.bytes)],
    ...model.licenses.map(({ name, url }) => ["license", `${name} (${url})`] as const),
    ["source", model.source],
    ...model.paths.map((path) => ["path", path] as const),
    ["note", model.unsupported],
  ];
  return table(rows.flatMap(([key, value]) => (value === undefined || value === "" ? [] : [[key, value]])));
}
