/** An installation without the optional packages: `serve` says what is missing and what to do, in the library and on the command line. */
import { execFile } from "node:child_process";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const root = fixture("..");
const packages = ["hono", "@hono/node-server", "@fastify/busboy"];

/** The package beside all of its dependencies but one. Links are not followed, so that no other one is found. */
async function installedWithout(hidden: string): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of ["dist", "models", "package.json"]) await symlink(join(root, name), join(folder, name));
  const names = await readdir(join(root, "node_modules"));
  for (const name of names) {
    const inner = name.startsWith("@") ? await readdir(join(root, "node_modules", name)) : [""];
    if (name.startsWith("@")) await mkdir(join(folder, "node_modules", name), { recursive: true });
    else await mkdir(join(folder, "node_modules"), { recursive: true });
    for (const path of inner.map((one) => join(name, one)).filter((path) => path !== hidden))
      await symlink(join(root, "node_modules", path), join(folder, "node_modules", path));
  }
  return folder;
}

/** What a process of that installation prints; it is ended where it serves. */
async function run(...argv: string[]): Promise<{ readonly code: unknown; readonly output: string }> {
  const options = ["--preserve-symlinks", "--preserve-symlinks-main"];
  return new Promise((resolve) => {
    execFile(process.execPath, [...options, ...argv], { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

describe.each(packages)("without %s", (hidden) => {
  it("fun-asr serve says what is missing, and what to do", async () => {
    const folder = await installedWithout(hidden);
    const program = join(folder, "dist/src/cli/main.js");
    const { code, output } = await run(program, "serve", "-m", "demo", "--port", "0");
    expect(output).toContain(`the package ${hidden} is not installed`);
    expect(output).toContain("npm install --include=optional");
    expect(output).toContain("[server_missing]");
    expect(code).toBe(1);
    expect(await run(program, "--version")).toMatchObject({ code: 0 });
  });

  it("serve() of the library rejects with a code", async () => {
    const folder = await installedWithout(hidden);
    const module = JSON.stringify(join(folder, "dist/src/server/index.js"));
    const program = `const { serve } = await import(${module});
      await serve("none.gguf", { port: 0 }).catch(({ code, message }) => console.log(code, message));`;
    const { output } = await run("--input-type=module", "--eval", program);
    expect(output).toMatch(/^server_missing /u);
    expect(output).toContain(hidden);
  });
});

it("with all packages, the same installation serves", async () => {
  const folder = await installedWithout("none");
  const module = JSON.stringify(join(folder, "dist/src/server/index.js"));
  const program = `const { serve } = await import(${module});
    const server = await serve("none.gguf", { port: 0 });
    console.log(server.url);
    await server[Symbol.asyncDispose]();`;
  expect((await run("--input-type=module", "--eval", program)).output).toMatch(/^http:/u);
});
