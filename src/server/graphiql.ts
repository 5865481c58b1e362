import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Hono } from "hono";
import { accepts } from "hono/accepts";

const require = createRequire(import.meta.url);

/** Each file that the page loads, by the name it is served under. All come from packages on this machine. */
const files: Record<string, readonly [packageName: string, path: string, type: string]> = {
  "react.js": ["react", "umd/react.production.min.js", "text/javascript"],
  "react-dom.js": ["react-dom", "umd/react-dom.production.min.js", "text/javascript"],
  "graphiql.js": ["graphiql", "graphiql.min.js", "text/javascript"],
  "graphiql.css": ["graphiql", "graphiql.min.css", "text/css"],
};

/** The question that the page starts with, and that `npm start` prints. */
export const FIRST_QUESTION = `{
  practitioners(
    where: {
      specialty: { allOf: ["digital.organizational-security", "psychosocial.self-care"] }
      language: { anyOf: ["es"], atLeast: WORKING }
      region: { anyOf: ["GT"], relation: [WORKS_IN] }
      offersFollowUp: true
    }
  ) {
    totalCount
    nodes {
      alias
      specialties { specialty { name } depth }
      languages { language { name } level }
      regions { region { name } relation }
      offersFollowUp
    }
    advice { relax would }
  }
}`;

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Cadre: ask the directory</title>
    <link rel="stylesheet" href="/graphql/graphiql.css" />
    <style>body { margin: 0 } #graphiql { height: 100vh }</style>
  </head>
  <body>
    <div id="graphiql">Loading…</div>
    <script src="/graphql/react.js"></script>
    <script src="/graphql/react-dom.js"></script>
    <script src="/graphql/graphiql.js"></script>
    <script src="/graphql/start.js"></script>
  </body>
</html>
`;

const start = `ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
    defaultQuery: ${JSON.stringify(FIRST_QUESTION)},
  }),
);
`;

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** GraphiQL, for development: it asks nothing of any other machine, and its content policy would not let it. */
export function graphiql(): Hono {
  const app = new Hono();
  app.get("/", async (exchange, next) => {
    const wanted = accepts(exchange, { header: "Accept", supports: ["text/html"], default: "other" });
    if (wanted !== "text/html") return next();
    return exchange.html(page, 200, { "content-security-policy": policy });
  });
  app.get("/start.js", (exchange) =>
    exchange.body(start, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );
  for (const [name, [packageName, path, type]] of Object.entries(files)) {
    app.get(`/${name}`, async (exchange) => {
      const file = locate(packageName, path);
      if (file === null) return exchange.notFound();
      return exchange.body(await readFile(file, "utf8"), 200, { "content-type": `${type}; charset=utf-8` });
    });
  }
  return app;
}

/** Null where the packages for development are not installed. */
function locate(packageName: string, path: string): string | null {
  try {
    const file = join(dirname(require.resolve(`${packageName}/package.json`)), path);
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
}
