/**
 * The socket of a server, which is open before what answers is loaded: until then, /health says so and other requests wait. It
 * imports no package, so that a server can be reached soon after its start.
 */
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { readText } from "../adapters/node/text-file.ts";
import { RuntimeError } from "../errors.ts";
import { DEFAULT_HOST } from "../options/serve.ts";
import type { ServeOptions } from "./options.ts";

const DEFAULT_PORT = 8000;

/** Answers a request to change to another protocol. */
type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface OpenSocket extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** Has the listeners answer all requests, those that have waited, too. */
  answerBy(listener: RequestListener, upgrade: UpgradeListener): void;
  /** Accepts no more connections, and closes each when its requests are answered. */
  drain(): Promise<void>;
  /** Ends all connections, which aborts their requests. */
  end(): Promise<void>;
}

/** Throws errors of files of the certificate, and `port_unusable`. */
export async function openSocket(options: ServeOptions): Promise<OpenSocket> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, tlsCert } = options;
  let answer: RequestListener | undefined;
  const waiting: Parameters<RequestListener>[] = [];
  let answerUpgrade: UpgradeListener | undefined;
  const waitingUpgrades: Parameters<UpgradeListener>[] = [];
  const unanswered = new Set<object>();
  let allAnswered = (): void => {};
  const server = await createFor(options, (request, response) => {
    unanswered.add(response);
    response.once("close", () => {
      unanswered.delete(response);
      if (unanswered.size === 0) allAnswered();
    });
    if (answer !== undefined) answer(request, response);
    else if (request.method === "GET" && request.url === "/health") {
      response.writeHead(503, { "content-type": "application/json" }).end('{"status":"loading model"}');
    } else waiting.push([request, response]);
  });
  server.on("upgrade", (...given: Parameters<UpgradeListener>) => {
    if (!isWebSocket(given[0])) answerPlainly(server, ...given);
    else if (answerUpgrade === undefined) waitingUpgrades.push(given);
    else answerUpgrade(...given);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ code = "unknown" }: NodeJS.ErrnoException) => {
      const details = { wanted: "an address of this machine, and a free port" };
      reject(
        new RuntimeError("port_unusable", `${host}:${port}`, `it cannot be listened on (${code})`, details),
      );
    });
    server.listen(port, host, resolve);
  });
  server.on("error", (error) => options.onError?.(error));
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  const end = async (): Promise<void> => {
    server.close();
    for (const [, connection] of waitingUpgrades.splice(0)) connection.destroy();
    server.closeAllConnections();
    await closed;
  };
  return {
    url: urlOf(server, tlsCert !== undefined),
    answerBy(listener, upgrade) {
      answer = listener;
      answerUpgrade = upgrade;
      for (const [request, response] of waiting.splice(0))
        if (!request.socket.destroyed) listener(request, response);
      for (const [request, connection, head] of waitingUpgrades.splice(0))
        if (!connection.destroyed) upgrade(request, connection, head);
    },
    async drain() {
      server.close();
      server.closeIdleConnections();
      if (unanswered.size > 0) await new Promise<void>((resolve) => (allAnswered = resolve));
      await end(); // a connection whose request was refused with half of its body would stay
    },
    end,
    [Symbol.asyncDispose]: end,
  };
}

async function createFor({ tlsCert, tlsKey }: ServeOptions, listener: RequestListener): Promise<Server> {
  // a body may take as long as it keeps coming (upload.ts); the time for the headers stays limited
  const settings = { requestTimeout: 0, headersTimeout: 60_000, shouldUpgradeCallback: isWebSocket };
  if (tlsCert === undefined || tlsKey === undefined) return createServer(settings, listener);
  const { createServer: createSecureServer } = await import("node:https");
  const files = { cert: await readText(tlsCert), key: await readText(tlsKey) };
  return createSecureServer({ ...settings, ...files }, listener);
}

const isWebSocket = ({ headers }: IncomingMessage): boolean => /^websocket$/iu.test(headers.upgrade ?? "");

/**
 * Has the server read a request again, without its offer of another protocol: those to speak HTTP/2 may be ignored, and clients
 * of Java make them with every request. Node from 24.9 on asks `shouldUpgradeCallback` before, and none comes here.
 */
function answerPlainly(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (!/^(?:upgrade|http2-settings|connection)$/iu.test(name)) lines.push(`${name}: ${rawHeaders[i + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit(socket instanceof TLSSocket ? "secureConnection" : "connection", socket);
}

function urlOf(server: Server, isSecure: boolean): string {
  const { address, family, port } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  return `${isSecure ? "https" : "http"}://${host}:${port}`;
}
