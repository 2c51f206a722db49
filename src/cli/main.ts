#!/usr/bin/env node
/** The executable. Its parts are imported in a `try`: a limit on open files keeps Node from reading them. */
import { stderr, stdout } from "node:process";

const parts = await Promise.all([
  import("./console.ts"),
  import("./program.ts"),
  import("../../kernels/runtime/wasm/hosts/process-flags.ts"),
]).catch(({ code = "unknown" }: NodeJS.ErrnoException) => {
  stderr.write(
    `fun-asr: the files of the program cannot be read (${code}). Allow it to open and read more: ` +
      "ulimit -n 1024, or --allow-fs-read [file_unreadable]\n",
  );
});
if (parts === undefined) process.exitCode = 2;
else {
  const [{ endWithReader }, { runCli }, { setProcessFlags }] = parts;
  setProcessFlags();
  endWithReader(stdout, stderr);
  const exitCode = await runCli(process.argv.slice(2));
  process.exitCode ??= exitCode;
}
