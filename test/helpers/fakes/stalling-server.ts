/** A file server that falls silent in the middle of one of its answers. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What is left out of an answer: all of it, its body, the second half of its body. */
export const silences = ["no answer", "no body", "half a body"] as const;
export type Silence = (typeof silences)[number];

export interface StallingServer {
  /** The address of a file. */
  address(name: string): string;
  /** How many requests have come. */
  readonly requests: number;
  /** Requests whose answer has not ended, by connections that are open. */
  readonly open: number;
  /** Resolves when the server has fallen silent. */
  readonly silent: Promise<void>;
}

/** Serves files by ranges; request number `at`, from 0, and those behind it get no more than `silence` leaves. */
export async function stallingServer(
  files: ReadonlyMap<string, Uint8Array>,
  at = Infinity,
  silence: Silence = "no answer",
): Promise<StallingServer> {
  let requests = 0;
  let fallSilent = (): void => {};
  const silent = new Promise<void>((resolve) => (fallSilent = resolve));
  let open = 0;

  const server = createServer((request, response) => {
    open++;
    response.on("close", () => open--);
    const whole = files.get(request.url!.slice(1))!;
    if (requests++ < at) {
      response.end(begin(request, response, whole));
      return;
    }
    if (silence !== "no answer") {
      const part = begin(request, response, whole);
      response.flushHeaders();
      if (silence === "half a body") response.write(part.subarray(0, part.length / 2));
    }
    setImmediate(fallSilent);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: (name) => `http://127.0.0.1:${port}/${name}`,
    get requests() {
      return requests;
    },
    get open() {
      return open;
    },
    silent,
  };
}

/** Writes the head of the answer; returns its body. */
function begin(request: IncomingMessage, response: ServerResponse, whole: Uint8Array): Uint8Array {
  const [first = 0, last = 0] = request.headers.range!.match(/\d+/gu)!.map(Number);
  const part = whole.subarray(first, last + 1);
  const range = `bytes ${first}-${first + part.length - 1}/${whole.length}`;
  response.writeHead(206, { "content-range": range, "content-length": part.length });
  return part;
}
