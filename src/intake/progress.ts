import { Presets, SingleBar } from "cli-progress";
import type { Progress } from "./import.js";

/** A progress bar on a terminal; silence where the output is not one. `stop` leaves the line clean for the report. */
export function progressBar(out: NodeJS.WriteStream): { show(progress: Progress): void; stop(): void } {
  if (!out.isTTY) return { show: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    { stream: out, format: "{doing} {bar} {value}/{total}", clearOnComplete: true },
    Presets.shades_classic,
  );
  let doing: Progress["doing"] | null = null;
  return {
    show: (progress) => {
      if (progress.doing !== doing) bar.start(progress.of, 0, { doing: progress.doing });
      doing = progress.doing;
      bar.update(progress.done);
    },
    stop: () => bar.stop(),
  };
}
