/** The Node versions that are measured: the running one, and Node 24 from the npm registry if the running one is older. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { install, peersFolder } from "./peers.ts";

const newer = { major: 24, version: "24.21.0" } as const;

interface NodeBinary {
  readonly path: string;
  /** Without the v. */
  readonly version: string;
}

export function nodeBinaries(): NodeBinary[] {
  const here = { path: process.execPath, version: process.versions.node };
  const runsNewer = Number(here.version.split(".")[0]) >= newer.major;
  if (runsNewer) return [here];
  // The package `node` downloads this package in an install script; here it is installed by its own name.
  const name = `node-${process.platform}-${process.arch}`;
  const path = join(peersFolder, "node_modules", name, "bin/node");
  if (!existsSync(path)) install([`${name}@${newer.version}`]);
  return [here, { path, version: execFileSync(path, ["--version"], { encoding: "utf8" }).trim().slice(1) }];
}
