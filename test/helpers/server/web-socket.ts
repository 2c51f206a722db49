/** A client of WebSockets: what it gets, in order. */
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { ClientOptions } from "ws";

export type Got = Readonly<Record<string, unknown>>;

export class TestSocket {
  /** All messages so far. */
  readonly got: Got[] = [];
  readonly socket: WebSocket;
  /** The code with which it was closed. */
  readonly closed: Promise<number>;
  #next = (): void => {};
  #at = 0;
  #isClosed = false;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      this.got.push((text.startsWith("{") ? JSON.parse(text) : { text }) as Got);
      this.#next();
    });
    this.closed = new Promise((resolve) =>
      socket.once("close", (code) => {
        this.#isClosed = true;
        this.#next();
        resolve(code);
      }),
    );
  }

  /** `url` is the server's, of http or https. Rejects with the error of a reply that is no WebSocket. */
  static async open(
    url: string,
    path: string,
    { protocols = [], ...options }: ClientOptions & { protocols?: string[] } = {},
  ): Promise<TestSocket> {
    const socket = new WebSocket(url.replace(/^http/u, "ws") + path, protocols, options);
    onTestFinished(() => socket.terminate());
    const test = new TestSocket(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return test;
  }

  send(message: object | string | Uint8Array): void {
    const isRaw = typeof message === "string" || message instanceof Uint8Array;
    this.socket.send(isRaw ? message : JSON.stringify(message));
  }

  /** The next message that fits, without those before it. Rejects when the connection is closed first. */
  async until(fits: (message: Got) => boolean): Promise<Got> {
    for (;;) {
      while (this.#at < this.got.length) {
        const message = this.got[this.#at++]!;
        if (fits(message)) return message;
      }
      if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.got.at(-1))}`);
      await new Promise<void>((resolve) => (this.#next = resolve));
    }
  }

  /** The next message of a type. */
  type(type: string): Promise<Got> {
    return this.until((message) => message["type"] === type);
  }
}
