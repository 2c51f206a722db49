#!/usr/bin/env node
/** The executable. */
import { stderr, stdout } from "node:process";
import { endWithReader } from "./console.ts";
import { runCli } from "./program.ts";

endWithReader(stdout, stderr);
const exitCode = await runCli(process.argv.slice(2));
process.exitCode ??= exitCode;
