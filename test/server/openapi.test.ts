/** /openapi.json: valid, complete, and true of what the server answers. */
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { clip, formOf, testApp } from "../helpers/server/app.ts";
import type { TestApp } from "../helpers/server/app.ts";

type Json = Readonly<Record<string, unknown>>;
interface Operation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: {
    readonly content: { readonly "multipart/form-data": { readonly schema: Json } };
  };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Json }>> }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly security?: readonly unknown[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const documentOf = async ({ app }: TestApp, headers = {}): Promise<Document> =>
  (await (await app.request("/openapi.json", { headers })).json()) as Document;

let server: TestApp;
let document: Document;
beforeAll(async () => {
  server = testApp();
  document = await documentOf(server);
});

describe("the document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate({ ...document });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  it("has every route of the server, and no other, each under a name of its own", () => {
    const served = server.app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(":id{.+}", "{id}")}`);
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({
        route: `${method.toUpperCase()} ${path}`,
        operationId,
      })),
    );
    expect(operations.map(({ route }) => route).sort()).toEqual(served.sort());
    expect(served).toEqual(
      expect.arrayContaining(["GET /health", "GET /metrics", "GET /openapi.json", "POST /inference"]),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(served.length);
  });

  it("names its keys where the server asks for one", async () => {
    expect(document.security).toBeUndefined();
    const { security, paths } = await documentOf(testApp({ apiKey: ["k"] }), { "x-api-key": "k" });
    expect(security).toEqual([{ bearer: [] }, { key: [] }]);
    expect(paths["/health"]!["get"]!.security).toEqual([]);
    expect(paths["/metrics"]!["get"]!.security).toBeUndefined();
  });
});

/** Forms, each with the field that its route needs. */
const forms = [
  ["/v1/audio/transcriptions", { model: "demo" }],
  ["/inference", {}],
] as const;

const bodyOf = (path: string): Json =>
  document.paths[path]!["post"]!.requestBody!.content["multipart/form-data"].schema;
const propertiesOf = (path: string): Readonly<Record<string, Json>> =>
  bodyOf(path)["properties"] as Readonly<Record<string, Json>>;

/** A value that a schema accepts. */
function valueFor(name: string, schema: Json): string {
  const {
    type,
    minimum = 0,
    items,
    anyOf,
  } = schema as {
    readonly type?: string;
    readonly enum?: readonly string[];
    readonly minimum?: number;
    readonly items?: Json;
    readonly anyOf?: readonly Json[];
  };
  const [first] = (schema["enum"] as readonly string[] | undefined) ?? [];
  if (first !== undefined) return first;
  if (items !== undefined) return valueFor(name, items);
  if (anyOf !== undefined) return valueFor(name, anyOf[0]!);
  if (type === "boolean") return "false";
  if (type === "number" || type === "integer") return String(minimum);
  return name.startsWith("language") ? "zh" : "demo";
}

describe.each(forms)("a form for %s", (path, needed) => {
  const post = (fields: Readonly<Record<string, string>>): Promise<Response> | Response =>
    server.app.request(path, { method: "POST", body: formOf(clip("zh-weather"), { ...needed, ...fields }) });

  it("may have each field of the document", async () => {
    for (const [name, schema] of Object.entries(propertiesOf(path))) {
      if (name === "file") continue;
      const more: Readonly<Record<string, string>> =
        name === "timestamp_granularities[]" ? { response_format: "verbose_json" } : {};
      const response = await post({ [name]: valueFor(name, schema), ...more });
      expect([name, response.status, response.headers.get("x-fun-asr-ignored")]).toEqual([name, 200, null]);
    }
  });

  it("may not leave out what the document requires", async () => {
    for (const name of bodyOf(path)["required"] as readonly string[]) {
      const body = formOf(clip("zh-weather"), needed);
      body.delete(name);
      body.append("unknown", "1");
      expect((await server.app.request(path, { method: "POST", body })).status, name).toBe(400);
    }
  });

  it("has fields without effect where the document does not name them", async () => {
    const unknown = ["unknown", "toString", "constructor", "hotwords[a]", "speed[]"];
    const response = await post(Object.fromEntries(unknown.map((name) => [name, "1"])));
    expect(response.status).toBe(200);
    const named = response.headers.get("x-fun-asr-ignored")!.split(", ");
    expect(named.sort()).toEqual(unknown.sort());
  });

  it("is described in docs/server.md", () => {
    const page = readFileSync(fixture("../docs/server.md"), "utf8");
    for (const name of Object.keys(propertiesOf(path))) expect(page).toContain(`\`${name}\``);
  });
});

/** The same schema, with no member that it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return inner["type"] === "object" && "properties" in inner
    ? { ...inner, additionalProperties: false }
    : inner;
}

describe("an answer is as the document says", () => {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  const form = (fields: Readonly<Record<string, string>>): RequestInit => ({
    method: "POST",
    body: formOf(clip("zh-weather"), fields),
  });
  const transcription = (fields: Readonly<Record<string, string>>): RequestInit =>
    form({ model: "demo", ...fields });

  it.each<readonly [route: string, path: string, init: RequestInit]>([
    ["GET /health", "/health", {}],
    ["GET /metrics", "/metrics", {}],
    ["GET /v1/models", "/v1/models", {}],
    ["GET /v1/models/{id}", "/v1/models/demo", {}],
    ["GET /v1/models/{id}", "/v1/models/none", {}],
    ["GET /v1/registry", "/v1/registry", {}],
    ["GET /api/ps", "/api/ps", {}],
    ["POST /v1/audio/translations", "/v1/audio/translations", { method: "POST" }],
    ["POST /v1/audio/transcriptions", "/v1/audio/transcriptions", { method: "POST" }],
    ["POST /inference", "/inference", { method: "POST" }],
    ...["json", "verbose_json", "text", "srt", "vtt", "lrc", "tsv", "csv", "textgrid", "ctm", "rttm"].map(
      (response_format) =>
        [
          "POST /v1/audio/transcriptions",
          "/v1/audio/transcriptions",
          transcription({ response_format }),
        ] as const,
    ),
    ...[
      { "include[]": "logprobs", language: "zh" },
      { response_format: "verbose_json", "timestamp_granularities[]": "word" },
      { stream: "true" },
    ].map(
      (fields) =>
        [
          "POST /v1/audio/transcriptions",
          "/v1/audio/transcriptions",
          transcription(fields as Record<string, string>),
        ] as const,
    ),
    ...[
      { response_format: "json" },
      { response_format: "verbose_json" },
      { response_format: "verbose_json", no_timestamps: "true" },
      { response_format: "text" },
      { response_format: "srt" },
      { response_format: "vtt" },
    ].map((fields) => ["POST /inference", "/inference", form(fields as Record<string, string>)] as const),
  ])("%s (%#)", async (route, path, init) => {
    const [method = "", pattern = ""] = route.split(" ");
    const { responses } = document.paths[pattern]![method.toLowerCase()]!;
    const response = await server.app.request(path, init);
    const described = responses[String(response.status)] ?? responses["default"]!;
    expect(described === responses["default"]).toBe(response.status >= 400 && response.status !== 503);
    const type = response.headers.get("content-type")!.replace(/;.*/su, "");
    expect(Object.keys(described.content)).toContain(type);
    if (type !== "application/json") return;
    const validate = ajv.compile(closed(described.content[type]!.schema) as object);
    validate(await response.json());
    expect(validate.errors).toBeNull();
  });
});
