/** Sends a file as an HTTP server does, by ranges, with the faults of `faults.ts`. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Fault } from "./faults.ts";

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array;
}

const pieceBytes = 16_384;

/** The answer to a request for `file`: 200, 206, or 416 for a range behind its end. */
function answerTo(range: string | undefined, file: Uint8Array, fault: Fault | undefined): Answer {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/u.exec(range ?? "") ?? [];
  const whole = { status: 200, headers: { "Accept-Ranges": "bytes" }, body: file };
  if (first === undefined || fault?.kind === "no range") return whole;
  const start = fault?.kind === "other range" ? fault.from : Number(first);
  if (start >= file.length)
    return { status: 416, headers: { "Content-Range": `bytes */${file.length}` }, body: new Uint8Array() };
  const end = Math.min(last === undefined || last === "" ? Infinity : Number(last), file.length - 1);
  const headers = { "Accept-Ranges": "bytes", "Content-Range": `bytes ${start}-${end}/${file.length}` };
  return { status: 206, headers, body: file.subarray(start, end + 1) };
}

const sentBytes = new WeakMap<ServerResponse, number>();

/** How many bytes of a file the answer has handed to the connection. */
export const sentBy = (response: ServerResponse): number => sentBytes.get(response) ?? 0;

/** Sends `file`, or the range of it that `request` asks for. Resolves when nothing more will be sent. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  { headers, fault }: { readonly headers: OutgoingHttpHeaders; readonly fault: Fault | undefined },
): Promise<void> {
  const content = fault?.kind === "corrupt" ? corrupted(file, fault.at) : file;
  const answer = answerTo(request.headers.range, content, fault);
  const zipped = fault?.kind === "gzip" && request.method === "GET";
  const body = zipped ? gzipSync(answer.body) : answer.body;
  const sent = fault?.kind === "short" ? body.subarray(0, fault.bytes) : body;
  response.writeHead(answer.status, {
    "Content-Type": "application/octet-stream",
    ...headers,
    ...answer.headers,
    ...(zipped ? { "Content-Encoding": "gzip" } : {}),
    ...(fault?.kind === "endless" ? {} : { "Content-Length": sent.length }),
  });
  if (request.method === "HEAD") return void response.end();
  await sendBody(response, sent, fault);
}

async function sendBody(response: ServerResponse, body: Uint8Array, fault: Fault | undefined): Promise<void> {
  const stop =
    fault?.kind === "cut" || fault?.kind === "stall" ? Math.min(fault.after, body.length) : body.length;
  for (let at = 0; at < stop && !response.destroyed; at += pieceBytes) {
    await write(response, body.subarray(at, Math.min(stop, at + pieceBytes)));
    if (fault?.kind === "slow") await sleep((pieceBytes / fault.rate) * 1000);
  }
  if (fault?.kind === "endless") await sendForever(response);
  // the bytes must have left before the connection is cut, or the client gets fewer
  if (fault?.kind === "cut") await sleep(20);
  if (fault?.kind === "cut") response.destroy();
  else if (fault?.kind !== "stall") response.end();
}

async function sendForever(response: ServerResponse): Promise<void> {
  while (!response.destroyed) await write(response, new Uint8Array(pieceBytes));
}

async function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  sentBytes.set(response, sentBy(response) + bytes.length);
  if (response.write(bytes) || response.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

function corrupted(file: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(file);
  copy[at] = copy[at]! ^ 0xff;
  return copy;
}
