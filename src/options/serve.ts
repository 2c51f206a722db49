/** The options of the server. */
import type { OptionTable } from "./rules.ts";

/** Other machines cannot reach it. */
export const DEFAULT_HOST = "127.0.0.1";

export const serveOptions = {
  host: {
    value: { kind: "text" },
    default: DEFAULT_HOST,
    help: "address to listen on; 0.0.0.0 or :: for other machines, too",
  },
  port: {
    value: { kind: "number", least: 0, most: 65_535, whole: true },
    default: 8000,
    help: "port to listen on; 0: any free one",
  },
  tlsCert: { value: { kind: "text" }, help: "certificate chain (PEM): the server then speaks https" },
  tlsKey: { value: { kind: "text" }, help: "private key (PEM) of the certificate" },
  apiKey: {
    value: { kind: "texts" },
    default: "none, and no key is asked for",
    help: "keys, one of which each request must have, except those for /health",
  },
  cors: {
    value: { kind: "texts" },
    default: "none",
    help: "origins of web pages that may use the server, such as https://example.org; *: all",
  },
  maxBody: {
    value: { kind: "number", least: 0, above: true },
    default: 512,
    help: "largest body of a request, in MiB",
  },
  queue: {
    value: { kind: "number", least: 1, whole: true },
    default: 64,
    help: "most recordings that are recognized or wait at the same time; others are refused with status 429",
  },
  preload: {
    value: { kind: "texts" },
    default: "none",
    help: "names of installed models that are loaded at the start, in addition to the model",
  },
  idleTtl: {
    value: { kind: "number", least: 0, above: true, unit: "seconds", or: "never" },
    default: "never for models that are loaded at the start, 300 for others",
    help: "time without requests after which a model is unloaded",
  },
  record: {
    value: { kind: "text" },
    default: "nothing is kept",
    help: "folder that keeps each recording and its result",
  },
  offline: {
    value: { kind: "boolean" },
    default: false,
    help: "download nothing: requests to install models are refused",
  },
} as const satisfies OptionTable;
