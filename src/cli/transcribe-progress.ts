/** The progress of `transcribe` on stderr: one line that changes, or a new line every ten seconds. */
import { printableLine } from "../adapters/node/output/printable.ts";
import type { Progress } from "../recognizers/options.ts";
import { columnsOf } from "../text/columns.ts";
import { clock } from "../text/outputs/clock.ts";
import { bar, progressLine } from "./console.ts";
import type { Terminal } from "./console.ts";
import { endOf } from "./cut-line.ts";

export type ProgressKind = "auto" | "bar" | "lines" | "none";

/** Milliseconds between two lines. */
const linesEvery = 10_000;
/** Milliseconds between two changes of the line that only count on. */
const changesEvery = 100;
/** Columns that the name of a file keeps, before anything else is left out. */
const leastName = 12;

/** The file that is transcribed. */
interface File {
  /** `2/5 ` where there are several files. */
  readonly place: string;
  readonly name: string;
  /** Seconds of the recording where its transcription began. */
  readonly from: number;
  /** Where it ends, in seconds; Infinity for the end of the recording. */
  readonly until: number;
}

interface Point {
  readonly seconds: number;
  /** When that was reached, in milliseconds of the clock. */
  readonly at: number;
}

export class ProgressDisplay implements Disposable {
  readonly #screen: Terminal;
  readonly #kind: Exclude<ProgressKind, "auto">;
  readonly #isForced: boolean;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout | undefined;
  #file: File | undefined;
  /** Seconds of the recording where the work will end, once that is known. */
  #end: number | undefined;
  #step: Progress | undefined;
  #shownAt = -Infinity;
  /** The first position that was recognized, from which the speed is measured, and the last one. */
  #first: Point | undefined;
  #last: Point | undefined;

  /** `now` gives milliseconds. */
  constructor(kind: ProgressKind, screen: Terminal, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#isForced = kind === "bar";
    this.#now = now;
    const usual = screen.columns === undefined ? "lines" : "bar";
    this.#kind = kind === "auto" ? usual : kind;
    if (this.#kind !== "lines") return;
    this.#timer = setInterval(() => this.#note(), linesEvery);
    this.#timer.unref();
  }

  /** Begins the next file. `length` gives its seconds, undefined where nobody knows them before its end. */
  begin(file: File, length: Promise<number | undefined>): void {
    this.#file = { ...file, name: printableLine(file.name) };
    const begun = this.#file;
    [this.#step, this.#first, this.#last] = [undefined, undefined, undefined];
    this.#end = Number.isFinite(file.until) ? file.until : undefined;
    length.then(
      (seconds) => {
        if (seconds !== undefined && this.#file === begun) this.#end = Math.min(seconds, file.until);
      },
      () => {}, // the transcription reports what is wrong with the file
    );
  }

  /** A step of the model, or of the loading of the model. */
  readonly step = (progress: Progress): void => {
    const isNew = progress.stage !== this.#step?.stage || progress.seconds !== this.#step.seconds;
    this.#step = progress;
    if (progress.seconds !== undefined) this.#reach(progress.seconds);
    if (this.#kind !== "bar" || (!isNew && this.#now() < this.#shownAt + changesEvery)) return;
    this.#shownAt = this.#now();
    this.#screen.progress(this.#barText((this.#screen.columns ?? 80) - 1), this.#isForced);
  };

  /** Whether there is nothing to show, so that nothing needs to be reported. */
  get isOff(): boolean {
    return this.#kind === "none";
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#kind === "bar") this.#screen.progress("", this.#isForced);
  }

  #reach(seconds: number): void {
    if (seconds === this.#last?.seconds) return;
    this.#last = { seconds, at: this.#now() };
    this.#first ??= this.#last;
  }

  /** Seconds of the recording for a second of work, and the seconds of work that remain. */
  #speed(): { readonly speed?: number; readonly left?: number } {
    const [first, last] = [this.#first, this.#last];
    if (first === undefined || last === undefined || last.seconds <= first.seconds || last.at <= first.at)
      return {};
    const speed = (1000 * (last.seconds - first.seconds)) / (last.at - first.at);
    const end = this.#end;
    const spent = (this.#now() - last.at) / 1000;
    return {
      speed,
      ...(end === undefined ? {} : { left: Math.max(0, (end - last.seconds) / speed - spent) }),
    };
  }

  #note(): void {
    const [file, step, last] = [this.#file, this.#step, this.#last];
    const label = file === undefined ? "" : `${file.place}${file.name}: `;
    if (file === undefined || last === undefined) {
      if (step !== undefined) this.#screen.note(`${label}${step.stage} ${step.done}/${step.total}`);
      else if (file !== undefined) this.#screen.note(`${label}reading audio`);
      return;
    }
    const { speed, left } = this.#speed();
    const end = this.#end;
    const share = end === undefined ? "" : ` of ${time(end)} (${percent(last.seconds, end)})`;
    const parts = [
      time(last.seconds) + share,
      ...(speed === undefined ? [] : [`${speedText(speed)} real time`]),
      ...(left === undefined ? [] : [`${time(left)} left`]),
    ];
    this.#screen.note(label + parts.join(", "));
  }

  /** What fits into `columns`: first parts are left out, then the name is cut. */
  #barText(columns: number): string {
    const [file, step, last] = [this.#file, this.#step!, this.#last];
    if (file === undefined) return progressLine(step);
    const stage = progressLine(step);
    const { speed, left } = this.#speed();
    const end = this.#end;
    const [cells, place, pace, rest] =
      last === undefined
        ? ["", "", "", ""]
        : [
            end === undefined ? "" : bar(last.seconds - file.from, end - file.from),
            end === undefined ? time(last.seconds) : `${time(last.seconds)} of ${time(end)}`,
            speed === undefined ? "" : speedText(speed),
            left === undefined ? "" : `${time(left)} left`,
          ];
    const choices =
      last === undefined
        ? [[stage], [step.stage]]
        : [
            [cells, place, pace, rest, step.stage],
            [cells, place, pace, rest],
            [place, pace, rest],
            [place, rest],
            [place],
          ];
    const tails = choices.map((parts) => parts.filter((part) => part !== "").join(" "));
    const name = Math.min(columnsOf(file.name), leastName);
    const fits = (tail: string): boolean => columnsOf(`${file.place} ${tail}`) + name <= columns;
    const tail = tails.find(fits) ?? tails.at(-1)!;
    // the end of a name tells more than its beginning
    return `${file.place}${endOf(file.name, columns - columnsOf(`${file.place} ${tail}`))} ${tail}`;
  }
}

const time = (seconds: number): string => clock(seconds, ".").slice(0, 8);
const speedText = (speed: number): string => `${speed.toFixed(speed < 100 ? 1 : 0)}x`;
const percent = (done: number, all: number): string => `${Math.floor((100 * Math.min(done, all)) / all)} %`;
