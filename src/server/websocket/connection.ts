/** One WebSocket: its messages in order, as slowly as they are taken, and answers, as fast as the client reads them. */
import type { RawData, WebSocket } from "ws";

/** Bytes of messages that wait to be taken, or to be sent: from there on one side waits for the other. */
const MOST_WAITING = 2 ** 20;
/** A client that answers no ping within this time is gone. */
const PING_MS = 30_000;
const DRAIN_MS = 10;

/** Of RFC 6455. */
const NORMAL = 1000;
const GOING_AWAY = 1001;

/** A text, or bytes. */
export type Message = string | Uint8Array;

export class Connection {
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  readonly #socket: WebSocket;
  readonly #waiting: Message[] = [];
  #waitingBytes = 0;
  #hasEnded = false;
  #isFinishing = false;
  #wake = (): void => {};

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => this.#take(data, isBinary));
    socket.on("error", () => socket.terminate()); // a frame that breaks the protocol
    let isAlive = true;
    socket.on("pong", () => (isAlive = true));
    const pings = setInterval(() => {
      if (socket.isPaused) return; // its answer would not be read
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
    }, PING_MS);
    const gone = new AbortController();
    this.signal = gone.signal;
    socket.once("close", () => {
      clearInterval(pings);
      gone.abort(new DOMException("the client is gone", "AbortError"));
      this.#end();
    });
  }

  /** All messages, in order; ends when the client closes, and when the server wants to end. */
  async *messages(): AsyncGenerator<Message, void> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) {
        this.#waitingBytes -= message.length;
        if (this.#waitingBytes <= MOST_WAITING) this.#socket.resume();
        yield message;
      } else if (this.#hasEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Sends JSON, or a text as it is; waits while the client does not read. */
  async send(message: object | string): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
    while (this.#socket.bufferedAmount > MOST_WAITING && !this.signal.aborted)
      await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
  }

  /** Takes no more messages: what has been sent is answered, and the connection ends. */
  finish(): void {
    this.#isFinishing = true;
    this.#socket.pause();
    this.#end();
  }

  /** Ends it with a code of RFC 6455: by default, that all is done. */
  close(code = this.#isFinishing ? GOING_AWAY : NORMAL, reason = ""): void {
    this.#socket.resume(); // the client's answer is a message, too
    this.#socket.close(code, reason.slice(0, 100));
  }

  /** Ends it at once. */
  terminate(): void {
    this.#socket.terminate();
  }

  #take(data: RawData, isBinary: boolean): void {
    if (this.#hasEnded) return;
    const bytes = data as Buffer;
    this.#waiting.push(isBinary ? bytes : bytes.toString());
    this.#waitingBytes += this.#waiting.at(-1)!.length;
    if (this.#waitingBytes > MOST_WAITING) this.#socket.pause();
    this.#wake();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#wake();
  }
}
