/** The events of live recognition on the screen: the growing text on a terminal, lines of JSON elsewhere. */
import { printableLine } from "../adapters/node/output/printable.ts";
import type { LiveEvent } from "../live/events.ts";
import type { Terminal } from "./console.ts";
import { endOf } from "./cut-line.ts";
import { toStandardOutput } from "./outputs.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { listenFlags } from "./flags/listen.ts";

type Flags = FlagValues<typeof listenFlags>;

export class LiveDisplay {
  readonly #screen: Terminal;
  readonly #asJson: boolean;
  readonly #showsResults: boolean;
  readonly #showsPartials: boolean;

  constructor(screen: Terminal, flags: Flags) {
    this.#screen = screen;
    this.#asJson = flags.jsonLines || screen.showsResults !== true;
    this.#showsResults = !toStandardOutput(flags);
    this.#showsPartials = flags.print;
  }

  show(event: LiveEvent): void {
    if (this.#asJson && this.#showsResults) this.#screen.result(JSON.stringify(event));
    if (this.#asJson) return;
    if (event.event === "partial" && this.#showsPartials) this.#grow(`${event.stable}${event.tentative}`);
    if (event.event !== "final") return;
    this.#screen.progress("");
    if (event.text !== "" && this.#showsResults) this.#screen.result(event.text);
    for (const { code, message } of event.warnings) if (code !== "silence") this.#screen.note(message);
  }

  /** The end of the text, as much as fits into the line. */
  #grow(text: string): void {
    this.#screen.progress(endOf(printableLine(text), (this.#screen.columns ?? 80) - 1));
  }
}
