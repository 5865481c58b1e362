import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

/** What becomes of what a server answers. Bytes are counted from the beginning of a connection. */
export type Fault =
  | { readonly kind: "none" }
  /** Every piece comes so many milliseconds later. */
  | { readonly kind: "delay"; readonly by: number }
  /** A few bytes now and then. */
  | { readonly kind: "trickle"; readonly bytes: number; readonly every: number }
  /** The connection is torn after so many bytes. */
  | { readonly kind: "reset"; readonly after: number }
  /** It ends in good order after so many bytes, and too early. */
  | { readonly kind: "truncate"; readonly after: number }
  /** Everything is taken, and nothing comes back. */
  | { readonly kind: "black hole" }
  /** Each piece comes twice. */
  | { readonly kind: "duplicate" };

/** Stands before a server, on a port of its own, and makes the faults that lines between continents make. */
export class FaultProxy {
  readonly #open = new Set<Socket>();
  readonly #server: Server;
  /** How many bytes were passed on to whoever asks. */
  bytes = 0;
  connections = 0;

  private constructor(
    /** Where what is asked goes to. */
    readonly target: number,
    /** Decides what becomes of a connection when it is made. */
    public faultOf: (connection: number) => Fault,
  ) {
    this.#server = createServer((asking) => this.#pass(asking));
  }

  /** On any port, unless one is given. */
  static async open(
    target: number,
    faultOf: FaultProxy["faultOf"] = () => NONE,
    port = 0,
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, faultOf);
    await new Promise<void>((resolve) => proxy.#server.listen(port, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on every connection goes this way; those that are open end. */
  become(fault: Fault): void {
    this.faultOf = () => fault;
    this.cut();
  }

  /** Ends whatever is open. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(asking: Socket): void {
    const fault = this.faultOf(++this.connections);
    const answering = connect(this.target, "127.0.0.1");
    for (const [one, other] of [
      [asking, answering],
      [answering, asking],
    ] as const) {
      this.#open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#open.delete(one);
        if (fault.kind !== "black hole") other.end();
      });
    }
    asking.pipe(answering);
    const send = (piece: Buffer) => {
      if (asking.writable && asking.write(piece)) this.bytes += piece.length;
    };
    spoil(fault, { asking, answering, send });
  }
}

const NONE: Fault = { kind: "none" };

type Line = { readonly asking: Socket; readonly answering: Socket; readonly send: (piece: Buffer) => void };

function spoil(fault: Fault, { asking, answering, send }: Line): void {
  let passed = 0;
  const upTo = (most: number, ended: () => void) => (piece: Buffer) => {
    if (passed < most) send(piece.subarray(0, most - passed));
    passed += piece.length;
    if (passed >= most) ended();
  };
  switch (fault.kind) {
    case "none":
      return void answering.on("data", send);
    case "delay":
      return void answering.on("data", (piece: Buffer) => setTimeout(() => send(piece), fault.by));
    case "trickle":
      return trickle(answering, send, fault);
    case "reset":
      return void answering.on(
        "data",
        upTo(fault.after, () => asking.resetAndDestroy()),
      );
    case "truncate":
      return void answering.on(
        "data",
        upTo(fault.after, () => asking.end()),
      );
    case "black hole":
      return void answering.resume();
    case "duplicate":
      return void answering.on("data", (piece: Buffer) => [piece, piece].forEach(send));
    default:
      return fault satisfies never;
  }
}

function trickle(from: Socket, send: Line["send"], { bytes, every }: { bytes: number; every: number }): void {
  let held = Buffer.alloc(0);
  from.on("data", (piece: Buffer) => (held = Buffer.concat([held, piece])));
  const timer = setInterval(() => {
    if (held.length > 0) send(held.subarray(0, bytes));
    held = held.subarray(bytes);
  }, every);
  from.on("close", () => clearInterval(timer));
}
