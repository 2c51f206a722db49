/** The package's entry point in Node: the public API, on files, threads and programs of this machine. */
import { nodePlatform } from "./adapters/node/platform.ts";
import { installPlatform } from "./platform/current.ts";

installPlatform(nodePlatform);

export * from "./index.ts";
