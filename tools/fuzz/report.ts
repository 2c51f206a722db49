/** What a campaign found, as text. */
import type { ReaderReport } from "./campaign.ts";
import type { Fault } from "./child.ts";

type Reports = ReadonlyMap<string, ReaderReport>;

export function table(reports: Reports): string {
  const width = Math.max(...[...reports.keys()].map((name) => name.length));
  const head = `${"reader".padEnd(width)}  mutants     read  faults      each   slowest    memory  refused`;
  const rows = [...reports].map(
    ([
      name,
      {
        mutants,
        outcomes,
        faults,
        slowest: [slowest],
        busy,
        mebibytes,
      },
    ]) => {
      const refused = [...outcomes]
        .filter(([code]) => code !== "read")
        .toSorted((a, b) => b[1] - a[1])
        .map(([code, count]) => `${code} ${count}`);
      return [
        name.padEnd(width),
        String(mutants).padStart(8),
        String(outcomes.get("read") ?? 0).padStart(8),
        String(faults.length).padStart(7),
        `${(busy / mutants).toFixed(2)} ms`.padStart(9),
        `${slowest.toFixed(0)} ms`.padStart(9),
        `${mebibytes.toFixed(0)} MiB`.padStart(9),
        ` ${refused.join(", ")}`,
      ].join(" ");
    },
  );
  return [head, ...rows].join("\n");
}

export function summary(reports: Reports, seconds: number): string {
  const all = [...reports.values()];
  const mutants = all.reduce((sum, report) => sum + report.mutants, 0);
  const faults = [...reports].flatMap(([name, report]) =>
    report.faults.map((fault) => faultText(name, fault)),
  );
  const total = `${mutants.toLocaleString("en")} mutants of ${all.length} readers in ${seconds.toFixed(0)} s, ${faults.length} faults`;
  return [...faults, total].join("\n");
}

/** What is wrong, and how to have it again. */
export function faultText(reader: string, { index, what }: Fault): string {
  return `✗ --reader ${JSON.stringify(reader)} --one ${index}: ${what}`;
}
