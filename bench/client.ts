import { Agent, request } from "node:http";

/** One run of fixed work: how long all of it took, and each request of it, in milliseconds. */
export type Run = { readonly total: number; readonly each: Float64Array };

/** So many requests are under way at any time: the next one is sent when an answer has been read to its end. */
export const CONNECTIONS = 8;

/** Asks a peer over connections that stay open. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

  constructor(
    readonly url: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  async run(bodies: readonly Buffer[]): Promise<Run> {
    const each = new Float64Array(bodies.length);
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < bodies.length; at = next++) {
        const began = performance.now();
        await this.ask(bodies[at] ?? Buffer.alloc(0));
        each[at] = performance.now() - began;
      }
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: CONNECTIONS }, work));
    return { total: performance.now() - began, each };
  }

  ask(body: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const headers = {
        ...this.headers,
        "content-type": "application/json",
        "content-length": body.length,
      };
      const asked = request(this.url, { method: "POST", agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = Buffer.concat(chunks);
          if (response.statusCode === 200) resolve(answer);
          else
            reject(
              new Error(`${this.url} answers ${response.statusCode}: ${answer.toString().slice(0, 300)}`),
            );
        });
      });
      asked.on("error", (error) => {
        // A server may end a connection that was idle just when it is used again.
        if (asked.reusedSocket) resolve(this.ask(body));
        else reject(error);
      });
      asked.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
