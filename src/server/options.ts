/** What a server is started with. */
import { serveOptions } from "../options/serve.ts";
import { load } from "../options/methods.ts";
import { checkOptions } from "../options/check.ts";
import { UsageError } from "../errors.ts";
import type { LoadOptions, ModelSource } from "../transcriber/types.ts";

export interface ServeOptions extends Pick<LoadOptions, "backend" | "threads" | "vad" | "punctuation"> {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Paths of PEM files, both or none. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly apiKey?: readonly string[] | undefined;
  readonly cors?: readonly string[] | undefined;
  /** MiB. */
  readonly maxBody?: number | undefined;
  readonly queue?: number | undefined;
  readonly preload?: readonly string[] | undefined;
  /** Seconds. */
  readonly idleTtl?: number | "never" | undefined;
  readonly offline?: boolean | undefined;
  /** A folder. */
  readonly record?: string | undefined;
  /** The name under which clients ask for the model; by default that of its file, without folder and extension. */
  readonly name?: string | undefined;
  /** Aborted when all is to end at once. */
  readonly signal?: AbortSignal | undefined;
  /** Called with an error that is no fault of a request. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const { backend, threads, vad, punctuation, signal } = load;
const table = {
  ...serveOptions,
  backend,
  threads,
  vad,
  punctuation,
  signal,
  name: { value: { kind: "text" }, help: "" },
  onError: { value: { kind: "function" }, help: "" },
} as const;

/** Throws `bad_option`. */
export function checkServeOptions(options: ServeOptions): void {
  checkOptions(options, table);
  const { tlsCert, tlsKey, cors = [] } = options;
  for (const origin of cors) {
    if (origin === "*" || origin === "null" || (URL.canParse(origin) && new URL(origin).origin === origin))
      continue;
    throw new UsageError("bad_option", "cors", JSON.stringify(origin), {
      wanted: "an origin such as https://example.org, without a path; null for pages of files, or *",
    });
  }
  if ((tlsCert === undefined) === (tlsKey === undefined)) return;
  const [given, missing] = tlsCert === undefined ? ["tlsKey", "tlsCert"] : ["tlsCert", "tlsKey"];
  throw new UsageError("bad_option", given, `no ${missing} with it`, { wanted: "both or none" });
}

/** The name of a model by what it is loaded from. */
export function nameOf(source: ModelSource): string {
  const first: unknown = Array.isArray(source) ? source[0] : source;
  if (typeof first !== "string" && !(first instanceof URL)) return "model";
  const text = String(first);
  // a name of the registry or a hub stays as it is
  const isPath = /^(?:[./~\\]|[a-z]+:\/\/|[a-z]:\\)|\.[a-z]+$/iu.test(text);
  return isPath ? text.replace(/^.*[/\\]/su, "").replace(/\.[^.]*$/u, "") : text;
}
