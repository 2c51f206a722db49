/** Server-sent events as the body of a response, which begins with the first of them. */

/** Without a byte for longer, proxies take a connection for dead. */
const PING_MS = 15_000;

export class EventStream {
  /** The response, as soon as there is something to send. What fails before is no event, but a response of its own. */
  readonly begun: Promise<Response>;
  #begin!: (response: Response) => void;
  #headers: Readonly<Record<string, string>> = {};
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #hasBegun = false;
  #hasEnded = false;
  #pings: NodeJS.Timeout | undefined;

  constructor() {
    this.begun = new Promise((resolve) => (this.#begin = resolve));
  }

  /** From here on the client gets a sign of life where there is no event. */
  open(headers: Readonly<Record<string, string>>): void {
    this.#headers = headers;
    this.#pings = setInterval(() => this.#write(": ping\n\n"), PING_MS);
  }

  send(data: object): void {
    this.#write(`data: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    clearInterval(this.#pings);
    if (this.#hasBegun && !this.#hasEnded) this.#controller.close();
    this.#hasEnded = true;
  }

  /** Whether the response has begun. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Ends with an error. */
  fail(error: object): void {
    this.#write(`event: error\ndata: ${JSON.stringify(error)}\n\n`);
    this.end();
  }

  #write(text: string): void {
    if (this.#hasEnded) return;
    if (!this.#hasBegun) this.#start();
    this.#controller.enqueue(new TextEncoder().encode(text));
  }

  #start(): void {
    this.#hasBegun = true;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => {
        this.#hasEnded = true;
        clearInterval(this.#pings);
      },
    });
    const headers = { "content-type": "text/event-stream", "cache-control": "no-cache", ...this.#headers };
    this.#begin(new Response(body, { headers }));
  }
}
