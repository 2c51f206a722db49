/** FunASR's own page, unchanged, in a browser whose microphone is a recording. */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { Chromium, findChromium } from "../helpers/environment/chromium.ts";
import { clip, testServer } from "../helpers/server/app.ts";
import { clientFile } from "../helpers/server/client-files.ts";

const names = ["index.html", "main.js", "pcm.js", "recorder-core.js", "wav.js", "wsconnecter.js"];
const chromium = findChromium();
const files = new Map<string, string>();
if (chromium !== undefined) {
  for (const name of names) {
    const path = await clientFile("modelscope/FunASR", `main/runtime/html5/static/${name}`);
    if (path === undefined) break;
    files.set(`/${name}`, path);
  }
}

it.skipIf(files.size < names.length)("shows what the microphone records", async () => {
  const pages = createServer((request, response) => {
    const path = files.get(request.url ?? "");
    const type = path?.endsWith(".js") === true ? "text/javascript" : "text/html";
    if (path === undefined) response.writeHead(404).end();
    else void readFile(path).then((body) => response.writeHead(200, { "content-type": type }).end(body));
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void pages.close());
  const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  const server = await testServer({ cors: [origin] });
  await server.ready;
  const browser = new Chromium(chromium!, [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-audio-capture=${clip("zh-weather")}%noloop`,
  ]);
  onTestFinished(() => browser.close());
  const { evaluate } = await browser.open(`${origin}/index.html`);
  const shown = async (expression: string, is: (value: unknown) => boolean): Promise<unknown> => {
    for (let waited = 0; ; waited += 50) {
      const value = await evaluate(expression);
      if (is(value) || waited > 20_000) return value;
      await sleep(50);
    }
  };
  const text = "document.getElementById('varArea').value";
  await evaluate(
    `document.getElementById('wssip').value = ${JSON.stringify(server.url.replace("http", "ws"))}`,
  );
  await evaluate("btnConnect.click()");
  await shown("btnStart.disabled", (isDisabled) => isDisabled === false);
  await evaluate("btnStart.click()");
  const first = await shown(text, (value) => value !== "");
  expect("天气预报说今天会有大雨。".startsWith(first as string)).toBe(true);
  expect((first as string).length).toBeLessThan(10);
  // the page writes each sentence with its start, and without its mark
  const whole = await shown(text, (value) => (value as string).endsWith("\n"));
  expect(whole).toMatch(/^\d\.\d+:天气预报说今天会有大雨\n$/u);
  await evaluate("btnStop.click()");
});
