/**
 * A stand-in of Hugging Face and ModelScope on this machine, which answers as their clients expect it: large files are
 * redirected to a storage on another host, small ones are sent at once. Faults can be switched on and off at any time; every
 * request is recorded. `test/helpers/fakes/hub/clients.test.ts` downloads from it with the hubs' own Python clients.
 */
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sentBy } from "./body.ts";
import { Exchange } from "./exchange.ts";
import type { HubName, HubRequest, Hubs } from "./exchange.ts";
import { Faults } from "./faults.ts";
import type { FaultRule } from "./faults.ts";
import { answerHuggingFace } from "./huggingface.ts";
import { answerModelScope } from "./modelscope.ts";
import { Repository } from "./repositories.ts";
import type { Files, RepositoryOptions, StoredFile } from "./repositories.ts";

export type { Fault, FaultRule } from "./faults.ts";
export type { HubRequest } from "./exchange.ts";

export interface HubOptions {
  /** Repositories by `owner/name`, on both hubs; or on one of them, by `hf:owner/name` or `ms:owner/name`. */
  readonly repositories: Readonly<Record<string, RepositoryOptions>>;
  /** Whether Hugging Face announces Xet. */
  readonly xet?: boolean;
}

export interface FakeHub extends AsyncDisposable {
  /** For HF_ENDPOINT. */
  readonly huggingface: string;
  /** For MODELSCOPE_ENDPOINT. */
  readonly modelscope: string;
  /** Where the bytes of large files are: another name and port. */
  readonly storage: string;
  /** In the order in which they came; status and bytes are those of the moment. */
  readonly requests: readonly HubRequest[];
  fault(rule: FaultRule): void;
  /** Ends all faults. */
  heal(): void;
  /** A new commit of a repository; its id. */
  push(id: string, files: Files): string;
  /** Storage refuses all addresses that were given out so far. */
  expire(): void;
  /** Bytes of files that were handed to connections so far. */
  sent(): number;
  /** Empties `requests`. */
  forget(): void;
}

export async function startHub({ repositories, xet = false }: HubOptions): Promise<FakeHub> {
  const known = new Map(Object.entries(repositories).map(([id, options]) => [id, new Repository(options)]));
  const faults = new Faults();
  const requests: HubRequest[] = [];
  const stored = new Map<string, StoredFile>();
  let signature = 1;

  const repository = (hub: HubName, id: string): Repository | undefined =>
    known.get(`${hub === "huggingface" ? "hf" : "ms"}:${id}`) ?? known.get(id);
  const hubs: Hubs = {
    xet,
    repository,
    storageUrl(file, hub) {
      stored.set(file.sha256, file);
      return `${storage.origin}/${hub}/${file.sha256}?path=${encodeURIComponent(file.path)}&Signature=${signature}`;
    },
  };

  async function answerStorage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, hub = "", sha256 = ""] = new URL(request.url ?? "/", storage.origin).pathname.split("/");
    const exchange = new Exchange(request, response, hub as HubName, faults);
    const file = stored.get(sha256);
    if (file === undefined) return exchange.json({ error: "no such key" }, {}, 404);
    if (Number(exchange.url.searchParams.get("Signature")) < signature)
      return exchange.json({ error: "the request has expired" }, {}, 403);
    await exchange.file("storage", file.path, file.bytes, { ETag: `"${sha256}"` });
  }

  const record =
    (
      server: HubRequest["server"],
      answer: (...both: Parameters<RequestListener>) => Promise<void>,
    ): RequestListener =>
    (request, response) => {
      const url = `http://${request.headers.host ?? ""}${request.url ?? ""}`;
      const { method = "", headers } = request;
      requests.push({
        method,
        url,
        server,
        headers,
        get status() {
          return response.statusCode;
        },
        get sent() {
          return sentBy(response);
        },
      });
      answer(request, response).catch((error: unknown) => {
        response.destroy(error as Error);
      });
    };
  const at = (hub: HubName, answer: typeof answerHuggingFace) =>
    record(hub, (request, response) => answer(new Exchange(request, response, hub, faults), hubs));

  const storage = await listen(record("storage", answerStorage), "localhost");
  const huggingface = await listen(at("huggingface", answerHuggingFace), "127.0.0.1");
  const modelscope = await listen(at("modelscope", answerModelScope), "127.0.0.1");

  return {
    huggingface: huggingface.origin,
    modelscope: modelscope.origin,
    storage: storage.origin,
    requests,
    fault: (rule) => {
      faults.add(rule);
    },
    heal: () => {
      faults.clear();
    },
    push(id, files) {
      const found = known.get(id);
      if (found === undefined) throw new Error(`no repository ${id}`);
      return found.push(files);
    },
    expire: () => {
      signature += 1;
    },
    sent: () => requests.reduce((sum, { sent }) => sum + sent, 0),
    forget: () => {
      requests.length = 0;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([storage, huggingface, modelscope].map(({ close }) => close()));
    },
  };
}

interface Listening {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** All listen on the loopback of IPv4; `host` is the name that addresses have. */
async function listen(listener: RequestListener, host: string): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  };
  return { origin: `http://${host}:${port}`, close };
}
