/** The flags of `serve`. */
import { load } from "../../options/methods.ts";
import { serveOptions } from "../../options/serve.ts";
import type { FlagTable } from "./flag.ts";
import * as shared from "./shared.ts";

const { host, port, tlsCert, tlsKey, apiKey, cors, maxBody, queue, preload, idleTtl, offline, record } =
  serveOptions;
const text = { kind: "text" } as const;

export const serveFlags = {
  model: shared.modelFlags.model,
  preload: { ...preload, value: text, several: true, group: "Model", placeholder: "names" },
  idleTtl: { ...idleTtl, group: "Model", placeholder: "seconds" },
  offline: { ...offline, group: "Model" },
  vad: {
    ...load.vad,
    value: text,
    group: "Model",
    placeholder: "file",
  },
  puncModel: { ...shared.punctuationFlags.puncModel, group: "Model" },
  host: { ...host, group: "Server", placeholder: "address" },
  port: { ...port, group: "Server", placeholder: "number" },
  tlsCert: { ...tlsCert, group: "Server", placeholder: "file" },
  tlsKey: { ...tlsKey, group: "Server", placeholder: "file" },
  queue: { ...queue, group: "Server", placeholder: "count" },
  maxBody: { ...maxBody, group: "Server", placeholder: "MiB" },
  record: { ...record, group: "Server", placeholder: "folder" },
  apiKey: {
    ...apiKey,
    value: text,
    repeated: true,
    group: "Access",
    placeholder: "key",
    default: "the environment variable FUN_ASR_API_KEY; without it, no key is asked for",
    help: "key that each request must have, except those for /health",
  },
  cors: {
    ...cors,
    value: text,
    repeated: true,
    group: "Access",
    placeholder: "origin",
    help: "origin of web pages that may use the server, such as https://example.org; *: all",
  },
  ...shared.backendFlags,
} as const satisfies FlagTable;
