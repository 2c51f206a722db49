/** The first signal, while the work does not react to its abort. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const compiled = (file: string): string => JSON.stringify(pathToFileURL(fixture(`../dist/src/${file}`)).href);

it("removes temporary files at once, and ends work that ignores it after three seconds", async () => {
  const folder = await temporaryFolder();
  const program = `
    import { writeFileSync } from "node:fs";
    import { Interrupt } from ${compiled("cli/interrupt.js")};
    import { temporaryIn } from ${compiled("adapters/node/output/temporary.js")};
    const interrupt = new Interrupt();
    interrupt.start();
    const { path } = await temporaryIn(${JSON.stringify(folder)});
    writeFileSync(path, "half");
    setInterval(() => {}, 1000);
    console.log(path);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const [path] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  const file = join(path.trim());
  expect(existsSync(file)).toBe(true);
  const sent = performance.now();
  child.kill("SIGTERM");
  while (existsSync(file)) await sleep(5);
  expect(child.exitCode).toBeNull();
  expect(performance.now() - sent).toBeLessThan(2500);
  expect(await ended).toEqual([143, null]);
  expect(performance.now() - sent).toBeGreaterThan(2900);
});
