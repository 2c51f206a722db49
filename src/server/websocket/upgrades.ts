/**
 * Requests to change to a WebSocket. Each passes the same checks and routes as any other request, and its route says what
 * becomes of the connection; what is refused gets the reply that the route or the check gives.
 */
import { ServerResponse } from "node:http";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { Context, Hono } from "hono";
import { WebSocketServer } from "ws";
import type { ServerContext } from "../context.ts";
import { RequestError } from "../errors.ts";
import { Connection } from "./connection.ts";

/** Of one message: OpenAI's clients send 15 MiB of audio as base64. */
const MAX_MESSAGE_BYTES = 24 * 2 ** 20;
/** Subprotocols that are agreed to; others mean nothing here. */
const subprotocols: readonly string[] = ["realtime", "binary"];
/** Why the server closes, of RFC 6455 and its registry. */
const [REFUSED, FAILED, LATER] = [1008, 1011, 1013];

/** What a client and the server do over a connection. It is closed when the promise is fulfilled. */
export type Session = (connection: Connection) => Promise<void>;

/** What the routes get with a request, beside it. */
interface Bindings {
  readonly accept?: (session: Session) => void;
}

/** The reply of a route: the connection changes to a WebSocket with this session. Throws `upgrade_required`. */
export function upgradeTo(c: Context, session: Session): Response {
  const { accept } = (c.env ?? {}) as Bindings;
  if (accept === undefined) {
    throw new RequestError("upgrade_required", "upgrade", "a request without it", {
      wanted: "a WebSocket (upgrade: websocket)",
    });
  }
  accept(session);
  return new Response();
}

export class Upgrades {
  readonly #app: Hono;
  readonly #context: ServerContext;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false, // a megabyte of it can be a gigabyte
    handleProtocols: (offered) => subprotocols.find((one) => offered.has(one)) ?? false,
  });

  constructor(app: Hono, context: ServerContext) {
    this.#app = app;
    this.#context = context;
  }

  /** Answers an `upgrade` event of a server. */
  async answer(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    let session: Session | undefined;
    const reply = await this.#ask(request, { accept: (given) => (session = given) });
    if (session === undefined) return refuse(request, socket, reply);
    const accepted = session;
    const { webSockets } = this.#context;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(webSocket);
      const running = this.#run(connection, accepted).finally(() => webSockets.delete(connection));
      webSockets.set(connection, running);
    });
  }

  /** Until all connections have got what they asked for. */
  async drain(): Promise<void> {
    for (const connection of this.#context.webSockets.keys()) connection.finish();
    await Promise.all(this.#context.webSockets.values());
  }

  /** Ends all connections at once. */
  async end(): Promise<void> {
    for (const connection of this.#context.webSockets.keys()) connection.terminate();
    await Promise.all(this.#context.webSockets.values());
  }

  async #ask(request: IncomingMessage, bindings: Bindings): Promise<Response> {
    const scheme = request.socket instanceof TLSSocket ? "https" : "http";
    const address = `${scheme}://${request.headers.host ?? "localhost"}${request.url ?? "/"}`;
    if (!URL.canParse(address)) return new Response(null, { status: 400 });
    const headers = new Headers();
    for (const [name, values = []] of Object.entries(request.headersDistinct))
      for (const value of values) headers.append(name, value);
    return this.#app.fetch(new Request(address, { headers }), bindings);
  }

  async #run(connection: Connection, session: Session): Promise<void> {
    try {
      await session(connection);
      connection.close();
    } catch (error) {
      if (connection.signal.aborted) return;
      const { status, code } = this.#context.faultOf(error);
      connection.close(status < 500 ? (status === 429 ? LATER : REFUSED) : FAILED, code);
    } finally {
      await closed(connection);
    }
  }
}

/** A client that does not answer that it closes, too, is left. */
async function closed({ signal }: Connection): Promise<void> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Answers without a WebSocket, and ends the connection. */
async function refuse(request: IncomingMessage, socket: Duplex, reply: Response): Promise<void> {
  const body = Buffer.from(await reply.arrayBuffer());
  const response = new ServerResponse(request);
  response.assignSocket(socket as IncomingMessage["socket"]);
  const headers = {
    ...Object.fromEntries(reply.headers),
    connection: "close",
    "content-length": body.length,
  };
  response.writeHead(reply.status, headers);
  response.end(body, () => socket.destroy());
}
