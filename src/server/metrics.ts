/** What a server has done, in the text format of Prometheus. */

interface Gauges {
  readonly held: number;
  readonly loaded: readonly string[];
  readonly webSockets: number;
}

export class Metrics {
  /** Requests by route and status, and the seconds until their answers began. */
  readonly #requests = new Map<string, { count: number; seconds: number }>();
  #audioSeconds = 0;
  #recordings = 0;
  readonly #records = { kept: 0, failed: 0 };

  /** `route` is a pattern of the server's, not a path of a client's: there are few. */
  request(method: string, route: string, status: number, seconds: number): void {
    const labels = `method="${method}",route="${route}",status="${status}"`;
    const known = this.#requests.get(labels) ?? { count: 0, seconds: 0 };
    this.#requests.set(labels, { count: known.count + 1, seconds: known.seconds + seconds });
  }

  recording(seconds: number): void {
    this.#recordings++;
    this.#audioSeconds += seconds;
  }

  /** `failed`: a recording could not be kept. */
  record(result: "kept" | "failed"): void {
    this.#records[result]++;
  }

  text({ held, loaded, webSockets }: Gauges): string {
    const requests = [...this.#requests];
    const { rss } = process.memoryUsage();
    return [
      ...family(
        "fun_asr_requests_total",
        "counter",
        "Answered requests.",
        requests.map(([labels, { count }]) => [`{${labels}}`, count]),
      ),
      ...family(
        "fun_asr_request_seconds_total",
        "counter",
        "Seconds until the answers to requests began.",
        requests.map(([labels, { seconds }]) => [`{${labels}}`, seconds]),
      ),
      ...family("fun_asr_recordings_total", "counter", "Recognized recordings.", [["", this.#recordings]]),
      ...family("fun_asr_audio_seconds_total", "counter", "Seconds of recognized recordings.", [
        ["", this.#audioSeconds],
      ]),
      ...family(
        "fun_asr_records_total",
        "counter",
        "Recordings that were to be kept.",
        Object.entries(this.#records).map(([result, count]) => [`{result="${result}"}`, count]),
      ),
      ...family("fun_asr_queue_held", "gauge", "Recordings that are recognized or wait.", [["", held]]),
      ...family("fun_asr_websockets", "gauge", "Open WebSockets.", [["", webSockets]]),
      ...family("fun_asr_models_loaded", "gauge", "Loaded models.", [["", loaded.length]]),
      ...family("process_resident_memory_bytes", "gauge", "Resident memory.", [["", rss]]),
      "",
    ].join("\n");
  }
}

type Sample = readonly [labels: string, value: number];

function family(name: string, type: string, help: string, samples: readonly Sample[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}
