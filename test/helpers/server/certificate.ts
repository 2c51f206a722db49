/** A certificate that a server signs itself, where there is openssl to make it. */
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { temporaryFolder } from "../environment/temporary.ts";

/** Why there is none, which is printed. */
export function certificateLacks(): string | undefined {
  if (spawnSync("openssl", ["version"]).status === 0) return undefined;
  const reason = "TLS: there is no openssl here to make a certificate";
  process.stderr.write(`skipped: ${reason}\n`);
  return reason;
}

/** The paths of a new one for localhost, until the test ends. */
export async function makeCertificate(): Promise<{ readonly tlsCert: string; readonly tlsKey: string }> {
  const folder = await temporaryFolder();
  const [tlsCert, tlsKey] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const argv = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"];
  const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync("openssl", [...argv, ...names, "-keyout", tlsKey, "-out", tlsCert], { stdio: "ignore" });
  return { tlsCert, tlsKey };
}
