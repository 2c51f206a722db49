/**
 * `npm run soak:serve`: many clients of one server at a time, each with one recording after the other over one of its protocols,
 * and then clients that leave at random moments. Every text is compared with the one that the same request gets alone.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine, wholeNumber } from "../flags.ts";
import { kinds } from "./clients.ts";
import type { Ask } from "./clients.ts";
import { startServer } from "./server-process.ts";
import type { ServerProcess } from "./server-process.ts";

const help = `npm run soak:serve -- [--clients N] [--minutes N] [--drops N]

Asks a server with the demo model for N minutes (10), by N clients (64) at a time, over HTTP and WebSockets; then N clients (1000)
leave at random moments. Prints errors, texts that differ, latency and memory. Exit code 1 where there is an error, another text, or
something is left behind.

  --clients N   clients at a time (64)
  --minutes N   length of the load (10)
  --drops N     clients that leave (1000)`;
const { values: flags } = commandLine(help, {
  clients: { type: "string", default: "64" },
  minutes: { type: "string", default: "10" },
  drops: { type: "string", default: "1000" },
});
const number = (flag: "clients" | "minutes" | "drops"): number =>
  wholeNumber(`--${flag}`, flags[flag], help, 0);
const [clients, minutes, drops] = [number("clients"), number("minutes"), number("drops")];

const root = ["../..", "../../.."]
  .map((up) => resolve(import.meta.dirname, up))
  .find((folder) => existsSync(join(folder, "models/demo")))!;
const names = ["zh-weather", "zh-news", "zh-name", "en-shopping", "en-travel", "en-name"];
const clips = names.map((name) => readFileSync(join(root, `fixtures/audio/demo/${name}.wav`)));
const pairs = kinds.flatMap((kind) => clips.map((clip) => ({ kind, clip })));

const print = (line: string): void => void process.stdout.write(`${line}\n`);
let faults = 0;
await using server = await startServer(root);
const alone = new Map<object, string>();
for (const pair of pairs) alone.set(pair, await pair.kind.ask(server.url, pair.clip));
const resting = await settled({ queue: 0, webSockets: 0, sockets: Infinity, temporaries: 0 });
if (minutes > 0) await load();
if (drops > 0) await leave();
process.exitCode = faults === 0 ? 0 : 1;

async function load(): Promise<void> {
  const end = performance.now() + minutes * 60_000;
  const latencies = new Map<string, number[]>(kinds.map(({ name }) => [name, []]));
  const memory: number[] = [];
  let [errors, differ] = [0, 0];
  const one = async (client: number): Promise<void> => {
    for (let i = client; performance.now() < end; i += 7) {
      const pair = pairs[(i * 5) % pairs.length]!;
      const began = performance.now();
      try {
        const text = await pair.kind.ask(server.url, pair.clip);
        if (text !== alone.get(pair)) {
          differ++;
          print(`${pair.kind.name}: ${JSON.stringify(text)} instead of ${JSON.stringify(alone.get(pair))}`);
        }
      } catch (error) {
        errors++;
        print(`${pair.kind.name}: ${String(error)}`);
      }
      latencies.get(pair.kind.name)!.push(performance.now() - began);
    }
  };
  const watch = (async () => {
    while (performance.now() < end) {
      memory.push(await server.residentMiB());
      await sleep(Math.min(15_000, Math.max(0, end - performance.now())));
    }
  })();
  await Promise.all([...Array.from({ length: clients }, (_, client) => one(client)), watch]);
  for (const [name, values] of latencies) {
    const at = (share: number): number => Math.round(quantile(values, share));
    print(`${name}: ${values.length} recordings, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`);
  }
  const quarter = Math.max(1, memory.length >> 2);
  const mean = (values: readonly number[]): number =>
    Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  const [second, last] = [mean(memory.slice(quarter, 2 * quarter)), mean(memory.slice(-quarter))];
  print(`${clients} clients, ${minutes} min: ${errors} errors, ${differ} other texts`);
  print(`resident memory: second quarter ${second} MiB, last quarter ${last} MiB`);
  faults += errors + differ;
}

async function leave(): Promise<void> {
  const running = new Set<Promise<void>>();
  for (let i = 0; i < drops; i++) {
    const { kind, clip } = pairs[(i * 5) % pairs.length]!;
    const one: Promise<void> = dropped(kind, clip, (i * 7919) % 600).finally(() => running.delete(one));
    running.add(one);
    if (running.size >= clients) await Promise.race(running);
  }
  await Promise.all(running);
  const left = await settled(resting);
  print(`${drops} clients left: ${JSON.stringify(left)}, before ${JSON.stringify(resting)}`);
  if (!isAtRest(left, resting)) faults++;
  let differ = 0;
  for (const pair of pairs) if ((await pair.kind.ask(server.url, pair.clip)) !== alone.get(pair)) differ++;
  print(`afterwards, of ${pairs.length} requests: ${differ} other texts`);
  faults += differ;
}

async function dropped(kind: Ask, clip: Buffer, afterMs: number): Promise<void> {
  const signal = AbortSignal.timeout(afterMs);
  await kind.ask(server.url, clip, signal).catch(() => {});
}

interface Rest {
  readonly queue: number;
  readonly webSockets: number;
  readonly sockets: number;
  readonly temporaries: number;
}

/** What a server has while nobody asks for anything. */
async function restOf({ pid, gauge, temporary }: ServerProcess): Promise<Rest> {
  const [queue, webSockets] = [await gauge("fun_asr_queue_held"), await gauge("fun_asr_websockets")];
  const isLinux = process.platform === "linux";
  const own = `.${pid}.`;
  return {
    queue,
    webSockets,
    sockets: isLinux ? await server.sockets() : 0,
    temporaries: readdirSync(temporary).filter((name) => name.includes(own)).length,
  };
}

/** Waits, for at most 20 s, until the server has no more than `wanted`. */
async function settled(wanted: Rest): Promise<Rest> {
  for (let waited = 0; ; waited += 100) {
    const rest = await restOf(server);
    if (isAtRest(rest, wanted) || waited >= 20_000) return rest;
    await sleep(100);
  }
}

/** This process may have one connection more. */
function isAtRest(rest: Rest, wanted: Rest): boolean {
  const { queue, webSockets, sockets, temporaries } = wanted;
  return (
    rest.queue <= queue &&
    rest.webSockets <= webSockets &&
    rest.temporaries <= temporaries &&
    rest.sockets <= sockets + 1
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
