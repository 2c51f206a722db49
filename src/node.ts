/** The package's entry point in Node: the public API, on files, threads, programs and backends of this machine. */
import { installNode } from "./adapters/node/install.ts";

installNode();

export * from "./index.ts";
