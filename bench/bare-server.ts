import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Question } from "./questions.js";

/** A node:http server that answers questions in JSON and does nothing else; tells its parent process where. */
export function serveBare(answer: (question: Question) => Promise<string>): void {
  const server = createServer((request, response) => {
    respond(request, response, answer).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    process.send?.({ url: `http://127.0.0.1:${port}/` });
  });
  process.once("disconnect", () => process.exit(0));
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (question: Question) => Promise<string>,
): Promise<void> {
  const text = await answer(JSON.parse(await readBody(request)) as Question);
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
