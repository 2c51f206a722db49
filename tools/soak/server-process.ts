/** `fun-asr serve` with the demo model, as a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** The folder of its temporary files. */
  readonly temporary: string;
  /** A number of /metrics. */
  gauge(this: void, name: string): Promise<number>;
  residentMiB(): Promise<number>;
  /** Its open sockets, on Linux. */
  sockets(): Promise<number>;
}

/** When it is ready. */
export async function startServer(root: string): Promise<ServerProcess> {
  const program = join(root, "dist/src/cli/main.js");
  const argv = [program, "serve", "-m", join(root, "models/demo/fun-asr-demo-q8_0.gguf"), "--port", "0"];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const url = / at (http\S+)/u.exec(line)![1]!;
  while (!(await fetch(`${url}/health`)).ok) await sleep(50);
  const gauge = async (name: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(String.raw`^${name} (\S+)$`, "mu").exec(text)?.[1]);
  };
  return {
    url,
    pid: child.pid!,
    temporary: tmpdir(),
    gauge,
    residentMiB: async () => Math.round((await gauge("process_resident_memory_bytes")) / 2 ** 20),
    async sockets() {
      const folder = `/proc/${child.pid}/fd`;
      return readdirSync(folder).filter((name) => {
        try {
          return readlinkSync(join(folder, name)).startsWith("socket:");
        } catch {
          return false;
        }
      }).length;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
