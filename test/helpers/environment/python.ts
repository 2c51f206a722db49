/** Python with the hubs' own clients, where this machine has it: `FUN_ASR_PYTHON`, or python3 of the path. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";

const python = process.env["FUN_ASR_PYTHON"] ?? "python3";

/** Why a program that imports these modules cannot run here, which is printed; undefined where it can. */
export function pythonLacks(...modules: readonly string[]): string | undefined {
  const { status, error } = spawnSync(python, ["-c", `import ${modules.join(", ")}`], { encoding: "utf8" });
  if (error === undefined && status === 0) return undefined;
  const lack = error === undefined ? `${python} lacks ${modules.join(" or ")}` : `there is no ${python} here`;
  const reason = `${lack}; FUN_ASR_PYTHON names another Python`;
  process.stderr.write(`skipped: ${reason}\n`);
  return reason;
}

/** What the program prints. Rejects where it fails, with what it printed on stderr in the message. */
export async function runPython(program: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await run(["-c", program], env);
  return stdout;
}

/** What a program in a file prints, on stderr first. Rejects as `runPython`. */
export async function runPythonFile(path: string, argv: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run([path, ...argv], {});
  return stderr + stdout;
}

function run(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const clean = { PATH: process.env["PATH"] ?? "", PYTHONWARNINGS: "ignore" };
  return promisify(execFile)(python, argv, { env: { ...clean, ...env }, timeout: 120_000 });
}
