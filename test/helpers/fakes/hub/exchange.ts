/** One request to the stand-in and its answer, recorded. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { sendFile } from "./body.ts";
import type { Asked, Fault, Faults } from "./faults.ts";
import type { Repository, StoredFile } from "./repositories.ts";

export type HubName = Asked["hub"];

/** A request as it came, and what was sent. */
export interface HubRequest {
  readonly method: string;
  /** With the host and port that the client asked for. */
  readonly url: string;
  /** Whether it asked a hub or the storage behind it. */
  readonly server: HubName | "storage";
  readonly headers: IncomingMessage["headers"];
  readonly status: number;
  /** Bytes of a file, or of a range, that were handed to the connection. */
  readonly sent: number;
}

/** What the answers of both hubs draw on. */
export interface Hubs {
  /** Whether Hugging Face announces Xet, its other way of transfer. */
  readonly xet: boolean;
  repository(hub: HubName, id: string): Repository | undefined;
  /** A signed address of the file's bytes on another host. */
  storageUrl(file: StoredFile, hub: HubName): string;
}

export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly hub: HubName;
  readonly url: URL;
  readonly #faults: Faults;

  constructor(request: IncomingMessage, response: ServerResponse, hub: HubName, faults: Faults) {
    this.request = request;
    this.response = response;
    this.hub = hub;
    this.url = new URL(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`);
    this.#faults = faults;
  }

  /** The token that came with the request, as either hub takes it. */
  get token(): string | undefined {
    const { authorization = "", cookie = "" } = this.request.headers;
    return /^Bearer (\S+)$/u.exec(authorization)?.[1] ?? /(?:^|; )m_session_id=([^;]+)/u.exec(cookie)?.[1];
  }

  json(value: unknown, headers: OutgoingHttpHeaders = {}, status = 200): void {
    const body = Buffer.from(JSON.stringify(value));
    this.response.writeHead(status, {
      "Content-Type": "application/json",
      ...headers,
      "Content-Length": body.length,
    });
    this.response.end(this.request.method === "HEAD" ? undefined : body);
  }

  redirect(location: string, headers: OutgoingHttpHeaders): void {
    const body = `Found. Redirecting to ${location}`;
    this.response.writeHead(302, {
      ...headers,
      Location: location,
      "Content-Length": Buffer.byteLength(body),
    });
    this.response.end(this.request.method === "HEAD" ? undefined : body);
  }

  /** Sends the bytes of a file, unless a fault forbids it. */
  async file(at: Asked["at"], path: string, bytes: Uint8Array, headers: OutgoingHttpHeaders): Promise<void> {
    const fault = this.#meet(at, path);
    if (await this.#refuse(fault)) return;
    await sendFile(this.request, this.response, bytes, { headers, fault });
  }

  /** Whether a fault has answered instead of what was asked for. */
  async fails(at: Asked["at"], path: string): Promise<boolean> {
    return this.#refuse(this.#meet(at, path));
  }

  #meet(at: Asked["at"], path: string): Fault | undefined {
    return this.#faults.meet({ at, path, method: this.request.method ?? "GET", hub: this.hub });
  }

  async #refuse(fault: Fault | undefined): Promise<boolean> {
    if (fault?.kind === "reset") this.response.destroy();
    else if (fault?.kind === "page") {
      const headers = { "Content-Type": "text/html" };
      const page = new TextEncoder().encode("<html><title>Sign in</title></html>");
      await sendFile(this.request, this.response, page, { headers, fault: { kind: "no range" } });
    } else if (fault?.kind === "status") {
      const { retryAfter, code } = fault;
      const headers = {
        ...(retryAfter === undefined ? {} : { "Retry-After": retryAfter }),
        ...(code === undefined ? {} : { "X-Error-Code": code }),
      };
      this.json({ error: "a fault" }, headers, fault.status);
    } else return false;
    return true;
  }
}
