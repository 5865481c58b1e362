import { createServer } from "node:http";
import { ask } from "./ask.js";
import { ComingDocument, TrainersDocument, type ComingQuery, type TrainersQuery } from "./generated.js";

/** A page of the network's own: what is to come and who leads it. Made on the server, and without any JavaScript in the browser. */
const port = Number(process.env["PAGE_PORT"] ?? 4003);
const region = "GT";

createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://page");
  if (request.method !== "GET" || url.pathname !== "/") {
    response.writeHead(404).end();
    return;
  }
  const language = /^[a-z]{2,3}$/.exec(url.searchParams.get("language") ?? "")?.[0] ?? "en";
  // Two questions: what must always stand in an answer must not be lost with what may be missing.
  const [coming, trainers] = await Promise.all([
    ask(ComingDocument, { language }),
    ask(TrainersDocument, { region, language }),
  ]);
  response
    .writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    })
    .end(page(coming.data, trainers.data, coming.missing || trainers.missing));
}).listen(port, "127.0.0.1", () => console.log(`page: http://localhost:${port}/`));

function page(coming: ComingQuery | null, trainers: TrainersQuery | null, missing: boolean): string {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>What is to come</title>
  <h1>What is to come</h1>
  ${missing ? "<p><strong>A part of this cannot be shown just now; please look again later.</strong></p>" : ""}
  ${list(coming?.events ?? [], event)}
  <h2>Trainers for Guatemala</h2>
  ${list(trainers?.practitioners.nodes ?? [], trainer)}
</html>
`;
}

type Event = ComingQuery["events"][number];
type Trainer = TrainersQuery["practitioners"]["nodes"][number];

/** Who may not be seen is not counted either: "and one more" would tell of them. */
function event({ title, day, ledBy }: Event): string {
  const seen = ledBy.filter((one) => one !== null);
  const names = seen.map(({ alias }) => alias).join(", ");
  const work = [
    ...new Set(seen.flatMap(({ specialties }) => specialties.map(({ specialty }) => specialty.name))),
  ];
  return text(`${day}: ${title}${names === "" ? "" : `, with ${names} (${work.join(", ")})`}`);
}

function trainer({ alias, languages, events }: Trainer): string {
  const speaks = languages.map(({ language }) => language.name).join(", ");
  const next = events[0] === undefined ? "" : `; next: ${events[0].title}, ${events[0].day}`;
  return text(`${alias}${speaks === "" ? "" : `: ${speaks}`}${next}`);
}

function list<Item>(items: readonly Item[], write: (item: Item) => string): string {
  return items.length === 0
    ? "<p>Nothing.</p>"
    : `<ul>${items.map((item) => `<li>${write(item)}</li>`).join("")}</ul>`;
}

/** Whatever people wrote is text, and never a part of the page. */
function text(value: string): string {
  return value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
