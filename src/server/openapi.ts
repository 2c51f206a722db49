/** /openapi.json: the routes of the server and their fields, in OpenAPI 3.1. */
import { version } from "../version.ts";
import { openaiError } from "./errors.ts";
import type { FieldTable } from "./fields.ts";
import { openaiErrorSchema } from "./openai/schemas.ts";
import type { Protocol, Route } from "./route.ts";
import { listOf, propertiesOf, text } from "./schema.ts";
import type { Schema } from "./schema.ts";

/** The document as a route, about itself too. */
export function openapiProtocol(protocols: readonly Protocol[], needsKey: boolean): Protocol {
  const own: Protocol = {
    routes: [
      {
        method: "GET",
        path: "/openapi.json",
        help: "This description, in OpenAPI 3.1.",
        replies: { 200: { help: "The description.", types: { "application/json": { type: "object" } } } },
        answer: (c) => c.json(openapiDocument([...protocols, own], needsKey)),
      },
    ],
    errorOf: openaiError,
    error: openaiErrorSchema,
  };
  return own;
}

function openapiDocument(protocols: readonly Protocol[], needsKey: boolean): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { routes, error } of protocols) {
    for (const route of routes) {
      const path = route.path.replaceAll(/:(\w+)(?:\{.*\})?/gu, "{$1}");
      (paths[path] ??= {})[route.method.toLowerCase()] = operation(route, path, error);
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "fun-asr serve", version },
    servers: [{ url: "/" }],
    ...(needsKey ? { security: [{ bearer: [] }, { key: [] }] } : {}),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        key: { type: "apiKey", in: "header", name: "x-api-key" },
      },
      headers: {
        "x-request-id": header("the id of the request: the client's, or one of the server"),
        "x-fun-asr-ignored": header("the fields without effect"),
        "x-fun-asr-warnings": header("the codes of warnings"),
        "x-should-retry": header("false: the same request would fail again"),
        "retry-after": header("seconds after which the request may succeed"),
      },
    },
  };
}

const header = (description: string): object => ({ description, schema: text });

const headersNamed = (...names: readonly string[]): object =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

function operation({ method, help, isOpen, form, replies }: Route, path: string, error: Schema): object {
  const parameters = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    description: "a name, whose slashes may be plain",
    schema: text,
  }));
  const own = form === undefined ? [] : ["x-fun-asr-ignored", "x-fun-asr-warnings"];
  const responses = Object.entries(replies).map(([status, { help: description, types }]) => {
    const content = Object.entries(types).map(([type, schema]) => [type, { schema }]);
    const headers = headersNamed("x-request-id", ...own);
    return [status, { description, headers, content: Object.fromEntries(content) as object }];
  });
  const failure = {
    description: "What is wrong.",
    headers: headersNamed("x-request-id", "x-should-retry", "retry-after"),
    content: { "application/json": { schema: error } },
  };
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/\W+/gu, "_").replace(/_$/u, "")}`,
    summary: help,
    ...(isOpen === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(form === undefined ? {} : { requestBody: bodyOf(form) }),
    responses: { ...Object.fromEntries(responses), default: failure } as object,
  };
}

/** A form with a recording. A field that can be repeated has `[]` behind its name, as OpenAI's clients write it. */
function bodyOf(form: FieldTable): object {
  const file = {
    type: "string",
    contentMediaType: "application/octet-stream",
    description: "the recording: any audio that fun-asr reads, whatever its name",
  };
  const fields = Object.entries(propertiesOf(form)).map(([name, schema]) => {
    if (form[name]!.several !== true) return [name, schema];
    const { description, default: _, ...items } = schema;
    return [`${name}[]`, { ...listOf(items), description }];
  });
  const required = Object.keys(form).filter((name) => form[name]!.required === true);
  const schema = {
    type: "object",
    properties: { file, ...Object.fromEntries(fields) } as object,
    required: ["file", ...required],
  };
  return { required: true, content: { "multipart/form-data": { schema } } };
}
