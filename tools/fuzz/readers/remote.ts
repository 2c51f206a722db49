/** Range requests to a local server that lies: about sizes, ranges, lengths, versions; or that breaks off. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { openGguf } from "../../../src/checkpoints/gguf/index.ts";
import { validGguf } from "../../../test/helpers/builders/raw-gguf.ts";
import { lines } from "../formats/texts.ts";
import type { Readers } from "./reader.ts";

const file = validGguf().bytes();

/**
 * The answers of the server, one a line, the last for all that follow. `S`, `L`, `B`, `E` and `T` are the file's size, the first
 * and the last byte that were asked for, and their number.
 */
const honest = "206 bytes B-E/S T etag send\n".repeat(4);
const modes = ["send", "less", "more", "break", "twice", "nothing", "chunked", "zeros", "text"];

let script: readonly string[] = [];
let requests = 0;

/** Answers by the script's line for this request. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, first = 0, last = 0] = (/bytes=(\d+)-(\d+)/u.exec(request.headers.range ?? "") ?? []).map(Number);
  const line = script[Math.min(requests++, script.length - 1)] ?? "";
  const written = line
    .replace("B", String(first))
    .replace("E", String(last))
    .replace("S", String(file.length))
    .replace("T", String(last - first + 1));
  const [status = "", unit = "", range = "", length = "", etag = "", mode = ""] = written.split(" ");
  const body = bodyOf(mode, file.subarray(first, last + 1));
  const printable = (text: string): string => text.replaceAll(/[^\x21-\x7e]/gu, "");
  const code = Number(status);
  response.statusCode = code >= 200 && code <= 999 ? Math.floor(code) : 206;
  response.setHeader("content-range", `${printable(unit)} ${printable(range)}`);
  response.setHeader("etag", printable(etag));
  if (/^\d+$/u.test(length) && mode !== "chunked") response.setHeader("content-length", length);
  response.strictContentLength = false;
  response.write(body, () => {
    if (mode === "break" || body.length !== Number(length)) response.destroy();
    else response.end();
  });
}

function bodyOf(mode: string, right: Buffer): Buffer {
  const known = modes.find((name) => mode.startsWith(name));
  if (known === "less" || known === "break") return right.subarray(0, right.length / 2);
  if (known === "more") return Buffer.concat([right, Buffer.alloc(100_000)]);
  if (known === "twice") return Buffer.concat([right, right]);
  if (known === "nothing") return Buffer.alloc(0);
  if (known === "zeros") return Buffer.alloc(right.length);
  if (known === "text") return Buffer.from("<html>Please sign in</html>");
  return right;
}

let started: Promise<URL> | undefined;

function start(): Promise<URL> {
  const server = createServer(answer).listen(0, "127.0.0.1").unref();
  return new Promise((resolve) => {
    server.once("listening", () =>
      resolve(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`)),
    );
  });
}

export const remoteReaders: Readers = {
  "a web server": {
    originals: [
      { name: "an honest server", tree: lines(honest) },
      ...modes.map((mode) => ({
        name: mode,
        tree: lines(
          `206 bytes B-E/S T etag send\n206 bytes B-E/S T etag ${mode}\n206 bytes B-E/S T etag send\n`,
        ),
      })),
    ],
    async read(bytes) {
      const url = await (started ??= start());
      script = bytes
        .toString()
        .split("\n")
        .filter((line) => line !== "");
      requests = 0;
      await using model = await openGguf(url);
      for (const entry of model.tensors.values()) await entry.read(new Uint8Array(entry.byteLength));
    },
  },
};
