import { spawn } from "node:child_process";
import { once } from "node:events";

/** What a command said and how it ended. */
export type Ended = { readonly status: number | null; readonly said: string; readonly complained: string };

/** Runs the product's own command to its end, with nothing in its environment but `env`. */
export async function cadre(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ["dist/src/cli.js", ...args], {
    env: { PATH: process.env["PATH"] ?? "", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const told = { said: "", complained: "" };
  child.stdout.on("data", (text: Buffer) => (told.said += text.toString()));
  child.stderr.on("data", (text: Buffer) => (told.complained += text.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, ...told };
}
