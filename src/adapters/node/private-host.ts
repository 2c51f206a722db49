/** Whether a host is in the network of this machine and not in the internet. */
import { lookup } from "node:dns/promises";
import { BlockList } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds. Behind a proxy there may be no server of names, or one that does not answer. */
const patience = 2000;

/**
 * Loopback, private and link-local networks (RFC 6890, RFC 4193). 198.18.0.0/15 is not among them: proxies on this machine
 * give all hosts of the internet addresses of that network.
 */
const networks: readonly (readonly [address: string, bits: number, family: "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["::", 127, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
];
const isListed = new BlockList();
for (const network of networks) isListed.addSubnet(...network);

/** True if any address of the host is private; false where none is found, since a proxy may know it. */
export async function isPrivateHost(host: string): Promise<boolean> {
  const name = host.replaceAll(/^\[|\]$/gu, "");
  const addresses = await Promise.race([
    lookup(name, { all: true }).catch(() => []),
    pause(patience, [], { ref: false }),
  ]);
  return addresses.some(({ address, family }) => isListed.check(address, family === 6 ? "ipv6" : "ipv4"));
}
