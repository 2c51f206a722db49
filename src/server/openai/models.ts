/** OpenAI's /v1/models, and what is added to it: known models, installing and removing them, loading and unloading. */
import type { Context } from "hono";
import type { ServerContext } from "../context.ts";
import { openaiError, RequestError } from "../errors.ts";
import type { ServedModel } from "../models.ts";
import { models as knownModels, pull } from "../../pull/index.ts";
import { parseReference } from "../../registry/index.ts";
import type { Protocol, Route } from "../route.ts";
import { boolean, choice, integer, listOf, object, text } from "../schema.ts";
import type { Schema } from "../schema.ts";
import { openaiErrorSchema } from "./schemas.ts";

/** Names have slashes, plain or as %2F. */
const ID = ":id{.+}";
const idOf = ({ req }: Context): string => req.param("id") ?? "";

const modelMembers = { id: text, object: choice("model"), created: integer, owned_by: text };
const listSchema = (item: Schema): Schema => object({ object: choice("list"), data: listOf(item) });
const licenses = listOf(object({ name: text, url: text }));
const knownModel = object(
  { ...modelMembers, title: text, licenses, installed: boolean, supported: boolean },
  { task: text, languages: listOf(text), bytes: integer },
);

const reply = (help: string, schema: Schema) => ({ help, types: { "application/json": schema } });
const status = (value: string) => object({ status: choice(value) });

export function modelProtocol(context: ServerContext): Protocol {
  return {
    routes: [...servedRoutes(context), ...installingRoutes(context), ...loadedRoutes(context)],
    errorOf: openaiError,
    error: openaiErrorSchema,
  };
}

function servedRoutes({ models }: ServerContext): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/models",
      help: "The model of the start, and the installed ones, which are loaded when a request names them.",
      replies: { 200: reply("The models.", listSchema(object(modelMembers))) },
      answer: async (c) =>
        c.json({ object: "list", data: (await models.list()).map((model) => modelObject(model)) }),
    },
    {
      method: "GET",
      path: `/v1/models/${ID}`,
      help: "One of these models.",
      replies: { 200: reply("The model.", object(modelMembers)) },
      async answer(c) {
        const id = await models.find(idOf(c));
        return c.json(modelObject((await models.list()).find((model) => model.id === id)!));
      },
    },
  ];
}

function installingRoutes(context: ServerContext): readonly Route[] {
  const { models, options } = context;
  const installed = object({ id: text, object: choice("model"), downloaded: boolean });
  return [
    {
      method: "POST",
      path: `/v1/models/${ID}`,
      help: "Install a model of the registry or of a hub.",
      replies: { 200: reply("It was downloaded.", installed), 201: reply("It was there.", installed) },
      async answer(c) {
        const name = idOf(c);
        if (options.offline === true) {
          throw new RequestError("offline", "model", "this server downloads nothing", {
            remedy: "Start it without --offline, or install the model on its machine: fun-asr pull",
          });
        }
        refuseAddress(name);
        const known = await knownModels();
        const isThere = known.some((model) => model.name === name && model.complete === true);
        const { name: id } = await pull(name, { signal: context.signalOf(c.req.raw) });
        // the two statuses are those of the server that introduced this path
        return c.json({ id, object: "model", downloaded: !isThere }, isThere ? 201 : 200);
      },
    },
    {
      method: "DELETE",
      path: `/v1/models/${ID}`,
      help: "Remove an installed model.",
      replies: {
        200: reply(
          "It was removed.",
          object({ id: text, object: choice("model"), deleted: boolean, freed_bytes: integer }),
        ),
      },
      async answer(c) {
        const name = idOf(c);
        refuseAddress(name);
        if (models.loaded.includes(name)) await models.unload(name);
        const { removeModel } = await import("../../pull/models.ts");
        const freed = await removeModel(name);
        return c.json({ id: name, object: "model", deleted: true, freed_bytes: freed });
      },
    },
    {
      method: "GET",
      path: "/v1/registry",
      help: "All models that `fun-asr models` lists.",
      replies: { 200: reply("The models.", listSchema(knownModel)) },
      async answer(c) {
        const known = await knownModels();
        const data = known.map(
          ({ name, title, task, languages, licenses, bytes, installed, unsupported }) => ({
            ...modelObject({ id: name, created: 0 }),
            title,
            task,
            languages,
            licenses,
            bytes,
            installed,
            supported: unsupported === undefined,
          }),
        );
        return c.json({ object: "list", data });
      },
    },
  ];
}

function loadedRoutes({ models }: ServerContext): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/api/ps",
      help: "The names of loaded models.",
      replies: { 200: reply("The names.", object({ models: listOf(text) })) },
      answer: (c) => c.json({ models: models.loaded }),
    },
    {
      method: "POST",
      path: `/api/ps/${ID}`,
      help: "Load a model.",
      replies: { 201: reply("It is loaded.", status("loaded")) },
      async answer(c) {
        await models.load(idOf(c));
        return c.json({ status: "loaded" }, 201);
      },
    },
    {
      method: "DELETE",
      path: `/api/ps/${ID}`,
      help: "Unload a model.",
      replies: { 200: reply("It is unloaded.", status("unloaded")) },
      async answer(c) {
        await models.unload(idOf(c));
        return c.json({ status: "unloaded" });
      },
    },
  ];
}

function modelObject({ id, created }: ServedModel): object {
  return { id, object: "model", created, owned_by: "fun-asr" };
}

/** A client names models of the registry and the hubs: addresses would have the server ask its own network for it. */
function refuseAddress(name: string): void {
  const { kind } = parseReference(name);
  if (kind === "entry" || kind === "hub") return;
  throw new RequestError("model_not_found", "model", `no model ${JSON.stringify(name.slice(0, 80))}`, {
    wanted: "a name of /v1/registry, or owner/name of a hub",
  });
}
