/** Servers of tests: the routes without a socket, and with one. The demo model is loaded once in a file of tests. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Hono } from "hono";
import { onTestFinished } from "vitest";
import { createApp } from "../../../src/server/app.ts";
import { ServerContext } from "../../../src/server/context.ts";
import { ModelPool } from "../../../src/server/models.ts";
import type { ServeOptions } from "../../../src/server/options.ts";
import { serve } from "../../../src/server/serve.ts";
import type { RunningServer } from "../../../src/server/serve-at.ts";
import { load } from "../../../src/transcriber/load.ts";
import type { Transcriber } from "../../../src/transcriber/transcriber.ts";
import { fixture } from "../environment/fixtures.ts";

export const demoPath = fixture("../models/demo/fun-asr-demo-q8_0.gguf");

let demo: Promise<Transcriber> | undefined;

export interface TestApp {
  readonly app: Hono;
  readonly context: ServerContext;
}

/** With the demo model, unless `loadModel` gives another. */
export function testApp(
  options: ServeOptions = {},
  loadModel: () => Promise<Transcriber> = () => (demo ??= load(demoPath, { backend: "wasm" })),
): TestApp {
  const main = { id: "demo", source: demoPath };
  const { preload = [], idleTtl } = options;
  const models = new ModelPool({ main, preload, idleTtl, load: loadModel });
  const context = new ServerContext(options, models);
  return { app: createApp(context), context };
}

/** Until the test ends. */
export async function testServer(options: ServeOptions = {}): Promise<RunningServer> {
  const server = await serve(demoPath, { port: 0, name: "demo", backend: "wasm", ...options });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** A clip of the demo model's. */
export const clip = (name: string): string => fixture(`audio/demo/${name}.wav`);

/** A form with a recording, and fields; one with several values is repeated. */
export function formOf(
  path: string,
  fields: Readonly<Record<string, string | readonly string[]>> = { model: "demo" },
): FormData {
  const form = new FormData();
  form.append("file", new Blob([readFileSync(path)]), basename(path));
  for (const [name, value] of Object.entries(fields))
    for (const one of typeof value === "string" ? [value] : value) form.append(name, one);
  return form;
}

/** The form of errors that OpenAI's clients read. */
export interface OpenaiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}
