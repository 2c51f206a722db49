/** Progress on stderr: one line that changes on a terminal, elsewhere a line every ten seconds. */
import { stderr } from "node:process";

const everyMs = 10_000;

export interface ProgressLine {
  show(text: string): void;
  end(): void;
}

export function progressLine(): ProgressLine {
  let next = performance.now() + everyMs;
  return {
    show(text) {
      if (stderr.isTTY) stderr.write(`\r\u001b[2K${text.slice(0, stderr.columns - 1)}`);
      else if (performance.now() >= next) {
        stderr.write(`${text}\n`);
        next = performance.now() + everyMs;
      }
    },
    end() {
      if (stderr.isTTY) stderr.write("\r\u001b[2K");
    },
  };
}
