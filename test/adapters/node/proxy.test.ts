/** Downloads through a proxy: HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { pull } from "../../../src/pull/index.ts";
import { distinctBytes, modelsHome } from "../../helpers/environment/models-home.ts";

const name = "hf:maker/model/model.gguf";

/** A proxy that tunnels, as for https. Returns the hosts that were asked for. */
async function startProxy(): Promise<{ readonly address: string; readonly tunnels: string[] }> {
  const tunnels: string[] = [];
  const server = createServer((request, response) => {
    response.writeHead(500);
    response.end();
  });
  server.on("connect", ({ url = "" }, socket) => {
    tunnels.push(url);
    const [host = "", port = ""] = url.split(":");
    const upstream = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [socket, upstream]) end.on("error", () => end.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels };
}

it("goes through the proxy that the environment names, and around it for the hosts of NO_PROXY", async () => {
  const bytes = distinctBytes(300_000);
  const { hub } = await modelsHome({ "hf:maker/model": { files: { "model.gguf": bytes } } });
  const { address, tunnels } = await startProxy();
  vi.stubEnv("HTTP_PROXY", address);
  vi.stubEnv("HTTPS_PROXY", address);
  vi.stubEnv("NO_PROXY", "localhost");
  const { files } = await pull(name);
  expect(files[0]!.size).toBe(bytes.length);
  // the hub is 127.0.0.1, the host of the bytes is localhost
  expect(new Set(tunnels)).toEqual(new Set([new URL(hub.huggingface).host]));
});
