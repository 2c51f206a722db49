/** The compiled command line on a pseudo-terminal, by `script` of util-linux. */
import { execFile } from "node:child_process";
import { fixture } from "./fixtures.ts";

const program = fixture("../dist/src/cli/main.js");
const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** A person's terminal, wherever the test runs: Node makes its colors depend on these, and on a build server has none. */
const person = {
  TERM: "xterm-256color",
  CI: undefined,
  COLORTERM: undefined,
  FORCE_COLOR: undefined,
  NO_COLOR: undefined,
  NODE_DISABLE_COLORS: undefined,
  TEAMCITY_VERSION: undefined,
  TF_BUILD: undefined,
  TMUX: undefined,
};

interface Screen {
  readonly exitCode: number;
  /** What reached the terminal, from stdout and stderr. The terminal itself writes `\r\n` for `\n`. */
  readonly written: string;
  /** The lines of it that stay: a progress line is erased. */
  readonly lines: readonly string[];
}

function linesOf(written: string): string[] {
  return written.split(/\r*\n/u).map((line) => line.split("\r\u001b[2K").at(-1)!);
}

/** Runs `fun-asr` on a terminal of so many columns. `redirect` is a piece of shell, such as `2>FILE`. */
export function onTerminal(
  argv: readonly string[],
  { columns = 80, redirect = "", env = {} }: { columns?: number; redirect?: string; env?: object } = {},
): Promise<Screen> {
  const words = [process.execPath, program, ...argv].map(quoted).join(" ");
  const command = `stty cols ${columns} rows 40; exec ${words} ${redirect}`;
  const environment = { ...process.env, ...person, ...env };
  return new Promise((resolve, reject) => {
    const child = execFile(
      "script",
      ["--quiet", "--return", "--command", command, "/dev/null"],
      { encoding: "utf8", env: environment as NodeJS.ProcessEnv, maxBuffer: 2 ** 26 },
      (error, written) => {
        if (error !== null && typeof error.code !== "number") reject(error);
        else resolve({ exitCode: Number(error?.code ?? 0), written, lines: linesOf(written) });
      },
    );
    child.stdin?.end();
  });
}
