/** Files of clients that are no packages: from the folder `FUN_ASR_CLIENTS`, or from GitHub, once for each file of tests. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "fun-asr-clients-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** The path of a file, `path` being a branch and the path in it; undefined, with a printed reason, where it cannot be had. */
export async function clientFile(repository: string, path: string): Promise<string | undefined> {
  const name = path.replace(/^.*\//u, "");
  const given = join(process.env["FUN_ASR_CLIENTS"] ?? folder, name);
  if (existsSync(given)) return given;
  try {
    const address = `https://raw.githubusercontent.com/${repository}/${path}`;
    const reply = await fetch(address, { signal: AbortSignal.timeout(10_000) });
    if (!reply.ok) throw new Error(`status ${reply.status}`);
    await writeFile(join(folder, name), await reply.text());
    return join(folder, name);
  } catch {
    process.stderr.write(`skipped: ${name} cannot be fetched; FUN_ASR_CLIENTS names a folder that has it\n`);
    return undefined;
  }
}
