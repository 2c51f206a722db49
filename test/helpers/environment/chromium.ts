/** A headless Chromium without a network, controlled over its debugging pipe: one process for all pages of a test file. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

const names = [process.env["CHROMIUM"], "chromium", "chromium-browser", "google-chrome"];

/** The name of an installed Chromium, if there is one. */
export function findChromium(): string | undefined {
  const found = names.find(
    (name) => name && spawnSync(name, ["--version"], { timeout: 20_000 }).status === 0,
  );
  if (found === undefined) console.warn("skipped: no Chromium is installed (CHROMIUM may name one)");
  return found;
}

interface Visit {
  /** The document after loading. */
  readonly dom: string;
  /** Messages of the browser console. */
  readonly errors: readonly string[];
  /** A PNG screenshot of a window of that size. */
  readonly picture: Buffer;
  /** Pixels by which the page is wider than its window. */
  readonly overflow: number;
  /** Height in pixels of the lowest line of text in a drawing. */
  readonly lowestText: number;
}

interface Page {
  /** Calls a method of the Chrome DevTools Protocol. */
  readonly page: (method: string, params?: Parameters) => Promise<Parameters>;
  /** Messages of the browser console, as they come. */
  readonly errors: readonly string[];
  /** The value of an expression in the page. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

type Parameters = { readonly [name: string]: unknown };
type Message = {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Parameters;
  readonly result?: Parameters;
  readonly error?: { readonly message: string };
};

/** See the Chrome DevTools Protocol: messages are JSON, each with a zero byte behind it. */
export class Chromium {
  readonly #process: ReturnType<typeof spawn>;
  readonly #input: Writable;
  readonly #listeners = new Set<(message: Message) => void>();
  readonly #profile = mkdtempSync(join(tmpdir(), "fun-asr-chromium-"));
  #lastId = 0;

  constructor(binary: string, more: readonly string[] = []) {
    const flags = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--no-first-run",
      "--proxy-server=127.0.0.1:9", // nothing is there
      `--user-data-dir=${this.#profile}`,
      "--remote-debugging-pipe",
      ...more,
    ];
    this.#process = spawn(binary, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.#input = this.#process.stdio[3] as Writable;
    let held = "";
    (this.#process.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => {
      const parts = (held + text).split("\0");
      held = parts.pop()!;
      for (const part of parts) for (const listener of this.#listeners) listener(JSON.parse(part) as Message);
    });
  }

  /** Opens a local page, waits until it has loaded, and closes it. */
  async visit(path: string, width = 900, height = 1600): Promise<Visit> {
    const { page, errors, evaluate, close } = await this.open(`file://${path}`, width, height);
    const dom = (await evaluate("document.documentElement.outerHTML")) as string;
    const overflow = (await evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    )) as number;
    const lowestText = (await evaluate(
      "Math.min(...Array.from(document.querySelectorAll('svg text'), (text) => text.getBoundingClientRect().height).filter((height) => height > 0))",
    )) as number;
    const { data } = await page("Page.captureScreenshot");
    await close();
    return {
      dom,
      errors,
      picture: Buffer.from(data as string, "base64"),
      overflow,
      lowestText,
    };
  }

  /** Opens a page and waits until it has loaded. */
  async open(url: string, width = 900, height = 1600): Promise<Page> {
    const { targetId } = await this.#call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.#call("Target.attachToTarget", { targetId, flatten: true });
    const errors: string[] = [];
    const page = (method: string, params: Parameters = {}): Promise<Parameters> =>
      this.#call(method, params, sessionId as string);
    const loaded = new Promise<void>((resolve) => {
      this.#listeners.add(({ sessionId: from, method, params }) => {
        if (from !== sessionId) return;
        if (method === "Log.entryAdded") errors.push((params!["entry"] as { text: string }).text);
        if (method === "Runtime.consoleAPICalled" || method === "Runtime.exceptionThrown")
          errors.push(JSON.stringify(params));
        if (method === "Page.loadEventFired") resolve();
      });
    });
    for (const domain of ["Page", "Log", "Runtime"]) await page(`${domain}.enable`);
    const screen = { width, height, deviceScaleFactor: 1, mobile: false };
    await page("Emulation.setDeviceMetricsOverride", screen);
    await page("Page.navigate", { url });
    await loaded;
    const evaluate = async (expression: string): Promise<unknown> => {
      const { result } = await page("Runtime.evaluate", { expression });
      return (result as { value: unknown }).value;
    };
    const close = async (): Promise<void> => void (await this.#call("Target.closeTarget", { targetId }));
    return { page, errors, evaluate, close };
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    await this.#call("Browser.close");
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #call(method: string, params: Parameters = {}, sessionId?: string): Promise<Parameters> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const listener = (message: Message): void => {
        if (message.id !== id) return;
        this.#listeners.delete(listener);
        if (message.error === undefined) resolve(message.result ?? {});
        else reject(new Error(`${method}: ${message.error.message}`));
      };
      this.#listeners.add(listener);
      this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }
}
