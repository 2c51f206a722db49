#!/usr/bin/env node
/** The executable. */
import { stderr, stdout } from "node:process";
import { nodePlatform } from "../adapters/node/platform.ts";
import { installPlatform } from "../platform/current.ts";
import { endWithReader } from "./console.ts";
import { runCli } from "./program.ts";

installPlatform(nodePlatform);
endWithReader(stdout, stderr);
const exitCode = await runCli(process.argv.slice(2));
process.exitCode ??= exitCode;
