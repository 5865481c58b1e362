import { readFileSync } from "node:fs";

type Profile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

const SHOWN = 14;

/** Where a CPU profile spent its time itself, by package and by function, in percent of what was not idle. */
export function describeProfile(file: string): string {
  const profile = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const packages = new Map<string, number>();
  const functions = new Map<string, number>();
  profile.samples.forEach((id, at) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === "(idle)") return;
    const spent = profile.timeDeltas[at] ?? 0;
    const home = packageOf(frame);
    add(packages, home, spent);
    add(functions, `${frame.functionName || "(anonymous)"}  ${home}:${frame.lineNumber + 1}`, spent);
  });
  return [...list(packages), "", ...list(functions)].join("\n");
}

function packageOf({ url, functionName }: { readonly url: string; readonly functionName: string }): string {
  if (url === "") return functionName.startsWith("(") ? functionName : "v8";
  if (url.startsWith("node:")) return url;
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return inPackage ?? /dist\/(.*)$/.exec(url)?.[1] ?? url;
}

function add(sums: Map<string, number>, key: string, spent: number): void {
  sums.set(key, (sums.get(key) ?? 0) + spent);
}

function list(sums: ReadonlyMap<string, number>): readonly string[] {
  const whole = [...sums.values()].reduce((sum, spent) => sum + spent, 0);
  const sorted = [...sums].sort(([, one], [, other]) => other - one).slice(0, SHOWN);
  return sorted.map(([name, spent]) => `${((100 * spent) / whole).toFixed(1).padStart(6)} %  ${name}`);
}
