/** How every refusal of the embedded server ends: the way around it. */
export const ELSEWHERE = "set DATABASE_URL to use a PostgreSQL server of your own";

/** The code of an error of the system or of PostgreSQL, or nothing. */
export function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** The line that says why: PostgreSQL's last FATAL, else simply the last. */
export function lastWords(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const line = lines.findLast((one) => /FATAL|error:/.test(one)) ?? lines.at(-1) ?? "it said nothing";
  return line.replace(/^.*?(FATAL|error): */, "").trim();
}
