/** OpenAI's /v1/models, and what is added to it: known models, installing and removing them, loading and unloading. */
import { Hono } from "hono";
import { answerError } from "../answer-error.ts";
import type { ServerContext } from "../context.ts";
import { openaiError, RequestError } from "../errors.ts";
import type { ServedModel } from "../models.ts";
import { models as knownModels, pull } from "../../pull/index.ts";
import { parseReference } from "../../registry/index.ts";

/** Names have slashes, plain or as %2F. */
const ID = ":id{.+}";

export function modelRoutes(context: ServerContext): Hono {
  const { models, options } = context;
  const app = new Hono();

  app.get("/v1/models", async (c) =>
    c.json({ object: "list", data: (await models.list()).map((model) => modelObject(model)) }),
  );
  app.get(`/v1/models/${ID}`, async (c) => {
    const id = await models.find(c.req.param("id"));
    return c.json(modelObject((await models.list()).find((model) => model.id === id)!));
  });
  app.post(`/v1/models/${ID}`, async (c) => {
    const name = c.req.param("id");
    if (options.offline === true) {
      throw new RequestError("offline", "model", "this server downloads nothing", {
        remedy: "Start it without --offline, or install the model on its machine: fun-asr pull",
      });
    }
    refuseAddress(name);
    const isThere = (await knownModels()).some((model) => model.name === name && model.complete === true);
    const { name: id } = await pull(name, { signal: context.signalOf(c.req.raw) });
    // the two statuses are those of the server that introduced this path
    return c.json({ id, object: "model", downloaded: !isThere }, isThere ? 201 : 200);
  });
  app.delete(`/v1/models/${ID}`, async (c) => {
    const name = c.req.param("id");
    refuseAddress(name);
    if (models.loaded.includes(name)) await models.unload(name);
    const { removeModel } = await import("../../pull/models.ts");
    const freed = await removeModel(name);
    return c.json({ id: name, object: "model", deleted: true, freed_bytes: freed });
  });

  app.get("/v1/registry", async (c) => {
    const known = await knownModels();
    const data = known.map(({ name, title, task, languages, licenses, bytes, installed, unsupported }) => ({
      ...modelObject({ id: name, created: 0 }),
      title,
      task,
      languages,
      licenses,
      bytes,
      installed,
      supported: unsupported === undefined,
    }));
    return c.json({ object: "list", data });
  });

  app.get("/api/ps", (c) => c.json({ models: models.loaded }));
  app.post(`/api/ps/${ID}`, async (c) => {
    await models.load(c.req.param("id"));
    return c.json({ status: "loaded" }, 201);
  });
  app.delete(`/api/ps/${ID}`, async (c) => {
    await models.unload(c.req.param("id"));
    return c.json({ status: "unloaded" });
  });

  app.onError((error, c) => answerError(context, c, error, openaiError));
  return app;
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
