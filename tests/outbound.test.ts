import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createWire, type AddressInfo, type Server, type Socket } from "node:net";
import { promisify } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { isSpecial } from "../src/federation/address.js";
import { OutboundError } from "../src/federation/outbound-error.js";
import { openOutbound, type Get, type Outbound, type OutboundOptions } from "../src/federation/outbound.js";

const run = promisify(execFile);
const MIB = 1024 * 1024;
const json: Get = { accept: "application/json", largest: MIB };

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

/** The way out of a node that shares its machine with its peers. */
function outbound(options: Partial<OutboundOptions> = {}): Outbound {
  const made = openOutbound({ allowPrivate: true, timeout: 5000, userAgent: "cadre/test", ...options });
  opened.push(made);
  return made;
}

/** The way out of a node that serves a network; nothing it asks in these tests may leave the machine. */
function strict(...addresses: readonly string[]): Outbound & { readonly lookedUp: string[] } {
  const lookedUp: string[] = [];
  const lookup = async (name: string): Promise<readonly string[]> => {
    lookedUp.push(name);
    return addresses;
  };
  return { ...outbound({ allowPrivate: false, lookup }), lookedUp };
}

async function listen(server: Server, host = "127.0.0.1", port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, "listening");
  const close = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  opened.push({ close });
  return (server.address() as AddressInfo).port;
}

/** A peer that answers as told, and remembers what it was asked and over how many connections. */
async function peer(answer: RequestListener) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  let connections = 0;
  server.on("connection", () => (connections += 1));
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}/`, port, asked, connections: () => connections };
}

/** A peer that speaks bytes; what it was sent is in `heard`, and `gone` says that the connection was given up. */
async function wire(speak: (socket: Socket) => void, { greeted = true } = {}) {
  const heard: Buffer[] = [];
  let leave = (): void => {};
  const gone = new Promise<void>((resolve) => (leave = resolve));
  const server = createWire((socket) => {
    socket.on("data", (part: Buffer) => heard.push(part)).once("close", leave);
    if (greeted) socket.once("data", () => speak(socket));
    else speak(socket);
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}/`, port, heard, gone };
}

function head(headers: Readonly<Record<string, string | number>>, status = "200 OK"): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`;
}

async function refusal(answer: Promise<unknown>): Promise<OutboundError> {
  const error: unknown = await answer.then(
    () => new Error("it was answered"),
    (error: unknown) => error,
  );
  if (!(error instanceof OutboundError)) throw error;
  return error;
}

const kindOf = async (answer: Promise<unknown>): Promise<string> => (await refusal(answer)).kind;

/** What a process with another environment is told: the body, or the kind of the refusal. Set here, it would hold for every file after this one. */
async function toldElsewhere(url: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const program = `
    import { openOutbound } from "./dist/src/federation/outbound.js";
    const lookup = () => Promise.resolve(["127.0.0.1"]);
    const outbound = openOutbound({ allowPrivate: true, timeout: 5000, userAgent: "cadre/test", lookup });
    const answer = outbound.get(${JSON.stringify(url)}, { accept: "*/*", largest: 1000 });
    process.stdout.write(await answer.then(({ body }) => body.toString(), ({ kind }) => kind));
    await outbound.close();`;
  const { stdout } = await run(process.execPath, ["--no-warnings", "--input-type=module", "-e", program], {
    env: { ...process.env, ...environment },
  });
  return stdout;
}

/** Writes for as long as somebody listens. */
function pour(socket: Socket, part: Buffer): void {
  while (!socket.destroyed && socket.write(part));
  if (!socket.destroyed) socket.once("drain", () => pour(socket, part));
}

function trickle(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 20);
  socket.once("close", () => clearInterval(timer));
}

describe("a peer is asked over https, at an address that anybody could be asked at", () => {
  test.each([
    ["", "FORBIDDEN_URL"],
    ["peer.example", "FORBIDDEN_URL"],
    ["//peer.example/", "FORBIDDEN_URL"],
    ["http://peer.example/", "FORBIDDEN_URL"],
    ["ftp://peer.example/", "FORBIDDEN_URL"],
    ["file:///etc/passwd", "FORBIDDEN_URL"],
    ["data:text/plain,hello", "FORBIDDEN_URL"],
    ["gopher://peer.example/", "FORBIDDEN_URL"],
    ["https://somebody@peer.example/", "FORBIDDEN_URL"],
    ["https://somebody:secret@peer.example/", "FORBIDDEN_URL"],
    ["https://peer.example:22/", "FORBIDDEN_URL"],
    ["https://peer.example:25/", "FORBIDDEN_URL"],
    ["https://peer.example:0/", "FORBIDDEN_URL"],
    ["https://peer.example:1023/", "FORBIDDEN_URL"],
    ["https://peer.example:65536/", "FORBIDDEN_URL"],
    ["https://peer.example./", "FORBIDDEN_URL"],
    ["https://peer.example%2e/", "FORBIDDEN_URL"],
    ["http://aaaaaaaaaaaaaaaa.onion/", "ONION"],
    ["https://aaaaaaaaaaaaaaaa.ONION/", "ONION"],
    ["https://aaaaaaaaaaaaaaaa.onion./", "ONION"],
    ["https://aaaaaaaaaaaaaaaa%2eonion/", "ONION"],
  ])("%s is refused as %s, and no name server hears of it", async (url, kind) => {
    const node = strict("192.0.2.1");
    expect(await kindOf(node.get(url, json))).toBe(kind);
    expect(node.lookedUp).toEqual([]);
  });

  test.each([
    ["dotted", "127.0.0.1"],
    ["public", "1.1.1.1"],
    ["decimal", "2130706433"],
    ["octal", "0177.0.0.1"],
    ["hexadecimal", "0x7f.1"],
    ["all hexadecimal", "0x7f000001"],
    ["short", "127.1"],
    ["zero", "0"],
    ["with a dot behind", "127.0.0.1."],
    ["in wide digits", "１２７.０.０.１"],
    ["in circled digits", "①②⑦.⓪.⓪.①"],
    ["with dots encoded", "127%2e0%2e0%2e1"],
    ["IPv6", "[::1]"],
    ["public IPv6", "[2606:4700:4700::1111]"],
    ["unspecified", "[::]"],
    ["mapped, dotted", "[::ffff:127.0.0.1]"],
    ["mapped, hexadecimal", "[::ffff:7f00:1]"],
    ["compatible", "[::127.0.0.1]"],
    ["NAT64", "[64:ff9b::7f00:1]"],
    ["6to4", "[2002:7f00:1::]"],
    ["Teredo", "[2001:0:7f00:1::]"],
    ["link local with a zone", "[fe80::1%25eth0]"],
    ["too large", "4294967296"],
    ["out of range", "256.1.1.1"],
  ])("a bare IP address is refused: %s", async (_spelling, host) => {
    const node = strict("192.0.2.1");
    expect(await kindOf(node.get(`https://${host}/`, json))).toMatch(/^FORBIDDEN_(ADDRESS|URL)$/);
    expect(node.lookedUp).toEqual([]);
  });

  test.each([
    "localhost",
    "LocalHost",
    "ⓛocalhost",
    "node.localhost",
    "localhost.localdomain",
    "printer.local",
    "metadata.google.internal",
    "intranet",
    "wiki.intranet",
    "router.lan",
    "nas.home",
    "router.home.arpa",
    "1.0.0.127.in-addr.arpa",
    "com",
  ])("a name of one network's own is refused: %s", async (host) => {
    const node = strict("192.0.2.1");
    expect(await kindOf(node.get(`https://${host}/`, json))).toBe("FORBIDDEN_ADDRESS");
    expect(node.lookedUp).toEqual([]);
  });
});

describe("a name that leads to an address that is not public is refused", () => {
  test.each([
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.1.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:FFFF:A9FE:A9FE",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "no address at all",
  ])("%s", async (address) => {
    expect(await kindOf(strict(address).get("https://peer.example/", json))).toBe("FORBIDDEN_ADDRESS");
  });

  test.each([[["1.1.1.1", "10.0.0.1"]], [["2606:4700::1111", "::1"]], [["1.1.1.1", "::ffff:192.168.0.1"]]])(
    "also when others of its addresses are public: %s",
    async (addresses) => {
      const answer = strict(...addresses).get("https://peer.example/", json);
      expect(await kindOf(answer)).toBe("FORBIDDEN_ADDRESS");
    },
  );

  test.each([
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700:4700::1111",
    "2a00:1450::1",
  ])("%s is public", (address) => {
    expect(isSpecial(address)).toBe(false);
  });

  test("a name without any address cannot be reached", async () => {
    expect(await kindOf(strict().get("https://peer.example/", json))).toBe("UNREACHABLE");
  });

  test("a name that nobody knows cannot be reached", async () => {
    const lookup = () => Promise.reject(Object.assign(new Error("queryA"), { code: "ENOTFOUND" }));
    const answer = outbound({ lookup }).get("https://peer.example/", json);
    expect(await refusal(answer)).toMatchObject({
      kind: "UNREACHABLE",
      message: "The peer's name was not found (ENOTFOUND).",
    });
  });
});

describe("where nodes share a machine", () => {
  test("literals and localhost are asked over http", async () => {
    const { port } = await peer((_, response) => response.end("{}"));
    for (const host of ["127.0.0.1", "localhost", "node.localhost", "2130706433", "[::ffff:127.0.0.1]"])
      expect((await outbound().get(`http://${host}:${port}/`, json)).body.toString()).toBe("{}");
  });

  test.each(["10.0.0.1", "192.168.1.1", "1.1.1.1", "0.0.0.0", "fe80::1"])(
    "http goes to this machine only, not to %s",
    async (address) => {
      const lookup = () => Promise.resolve(["127.0.0.1", address]);
      expect(await kindOf(outbound({ lookup }).get("http://peer.example/", json))).toBe("FORBIDDEN_ADDRESS");
    },
  );
});

describe("the connection goes to the address that was checked", () => {
  /** A name whose address is another one each time it is asked for. */
  function turning(...turns: readonly (readonly string[])[]) {
    const rest = [...turns];
    const lookup = (): Promise<readonly string[]> => Promise.resolve(rest.shift() ?? ["10.0.0.1"]);
    return { lookup, left: () => rest.length };
  }

  test("a name is looked up once for a request, so it cannot change between check and connection", async () => {
    const { port, asked } = await peer((_, response) => response.end("{}"));
    const name = turning(["127.0.0.1"], ["10.0.0.1"]);
    await outbound({ lookup: name.lookup }).get(`http://peer.example:${port}/`, json);
    expect(name.left()).toBe(1);
    expect(asked[0]?.headers.host).toBe(`peer.example:${port}`);
  });

  test("a connection that led elsewhere is given up before anything is sent", async () => {
    const elsewhere = await wire(() => {});
    // Linux takes 0.0.0.0 for 127.0.0.1.
    const lookup = () => Promise.resolve(["0.0.0.0"]);
    const answer = outbound({ lookup }).get(`https://peer.example:${elsewhere.port}/`, json);
    expect(await kindOf(answer)).toBe("FORBIDDEN_ADDRESS");
    await elsewhere.gone;
    expect(elsewhere.heard).toEqual([]);
  });

  test("pages that follow one another share a connection", async () => {
    const { url, connections } = await peer((_, response) => response.end("{}"));
    const node = outbound();
    for (let page = 0; page < 5; page += 1) await node.get(url, json);
    expect(connections()).toBe(1);
  });

  test("a connection that nobody uses is closed", async () => {
    const { url, gone } = await wire((socket) => socket.write(`${head({ "content-length": 2 })}{}`));
    await outbound().get(url, json);
    await gone;
  });

  test("a connection that was kept does not spare a name its check", async () => {
    const { port, asked } = await peer((_, response) => response.end("{}"));
    const node = outbound({ lookup: turning(["127.0.0.1"], ["10.0.0.1"]).lookup });
    await node.get(`http://peer.example:${port}/`, json);
    expect(await kindOf(node.get(`http://peer.example:${port}/`, json))).toBe("FORBIDDEN_ADDRESS");
    expect(asked).toHaveLength(1);
  });

  test("a name that has moved is asked at its new address, not over the connection that was kept", async () => {
    const { port, asked } = await peer((_, response) => response.end("old"));
    await listen(
      createServer((_, response) => response.end("new")),
      "127.0.0.2",
      port,
    );
    const node = outbound({ lookup: turning(["127.0.0.1"], ["127.0.0.2"]).lookup });
    const ask = async () => (await node.get(`http://peer.example:${port}/`, json)).body.toString();
    expect([await ask(), await ask()]).toEqual(["old", "new"]);
    expect(asked).toHaveLength(1);
  });

  test("when one of a name's addresses is silent the next is tried", async () => {
    const { port } = await peer((_, response) => response.end("{}"));
    const lookup = () => Promise.resolve(["127.0.0.3", "127.0.0.1"]);
    expect((await outbound({ lookup }).get(`http://peer.example:${port}/`, json)).status).toBe(200);
  });
});

describe("a peer proves by TLS who it is", () => {
  const [cert, key] = ["peer.example.pem", "peer.example.key.pem"].map((file) =>
    readFileSync(`tests/fixtures/outbound/${file}`, "utf8"),
  );
  const lookup = () => Promise.resolve(["127.0.0.1"]);

  async function tlsPeer(): Promise<number> {
    const server = createTlsServer({ cert, key }, (request, response) => response.end(request.headers.host));
    return listen(server);
  }

  test("a certificate for its name is believed, and the connection kept", async () => {
    const port = await tlsPeer();
    const node = outbound({ lookup, ca: cert });
    for (let page = 0; page < 2; page += 1) {
      const { body } = await node.get(`https://peer.example:${port}/`, json);
      expect(body.toString()).toBe(`peer.example:${port}`);
    }
  });

  test("a certificate for another name is not", async () => {
    const answer = outbound({ lookup, ca: cert }).get(`https://other.example:${await tlsPeer()}/`, json);
    expect(await refusal(answer)).toMatchObject({
      kind: "TLS",
      message: "The peer did not prove who it is (ERR_TLS_CERT_ALTNAME_INVALID).",
    });
  });

  test("nor is one that the peer signed itself, whatever the environment says", async () => {
    const url = `https://peer.example:${await tlsPeer()}/`;
    expect(await kindOf(outbound({ lookup }).get(url, json))).toBe("TLS");
    expect(await toldElsewhere(url, { NODE_TLS_REJECT_UNAUTHORIZED: "0" })).toBe("TLS");
  });

  test("a peer that speaks plain HTTP where TLS was asked for proves nothing", async () => {
    const { port } = await peer((_, response) => response.end("{}"));
    expect(await kindOf(outbound({ lookup }).get(`https://peer.example:${port}/`, json))).toBe("TLS");
  });
});

describe("a peer that takes its time is given up when the time is over", () => {
  const slow: readonly (readonly [string, (socket: Socket) => void])[] = [
    ["it never answers", () => {}],
    ["its head trickles", (socket) => (socket.write("HTTP/1.1 200 OK\r\n"), trickle(socket, "x: y\r\n"))],
    ["its head never ends", (socket) => trickle(socket, "HTTP/1.1 100 Continue\r\n\r\n")],
    ["its body trickles", (socket) => (socket.write(head({ "content-length": 1000 })), trickle(socket, "x"))],
    [
      "its encoded body trickles",
      (socket) => (
        socket.write(head({ "content-length": 1000, "content-encoding": "gzip" })),
        socket.write(gzipSync(Buffer.alloc(9)).subarray(0, 12))
      ),
    ],
    [
      "what comes with its refusal trickles",
      (socket) => (socket.write(head({ "content-length": 1000 }, "503 Busy")), trickle(socket, "x")),
    ],
  ];

  test.each(slow)("%s", async (_what, speak) => {
    const { url, gone } = await wire(speak);
    const begun = performance.now();
    expect(await kindOf(outbound({ timeout: 300 }).get(url, json))).toBe("TIMEOUT");
    expect(performance.now() - begun).toBeLessThan(3000);
    await gone;
  });

  test("it does not greet in TLS", async () => {
    const { port, gone } = await wire(() => {});
    const answer = outbound({ timeout: 300 }).get(`https://localhost:${port}/`, json);
    expect(await kindOf(answer)).toBe("TIMEOUT");
    await gone;
  });

  test("its name is not answered for", async () => {
    const lookup = () => new Promise<never>(() => {});
    const answer = outbound({ lookup, timeout: 100 }).get("https://peer.example/", json);
    expect(await kindOf(answer)).toBe("TIMEOUT");
  });

  test("and others are answered meanwhile", async () => {
    const hole = await wire(() => {});
    const { url } = await peer((_, response) => response.end("{}"));
    const node = outbound({ timeout: 1500 });
    let over = 0;
    const stuck = Array.from({ length: 20 }, () =>
      kindOf(node.get(hole.url, json)).finally(() => (over += 1)),
    );
    await node.get(url, json);
    expect(over).toBe(0);
    expect(new Set(await Promise.all(stuck))).toEqual(new Set(["TIMEOUT"]));
  });
});

describe("an answer is as large as it may be, counted as it is read", () => {
  const encodings: readonly (readonly [string, (body: Buffer) => Buffer])[] = [
    ["identity", (body) => body],
    ["gzip", (body) => gzipSync(body)],
    ["br", (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } })],
  ];

  const encoded = (encoding: string, body: Buffer) =>
    peer((_, response) => response.setHeader("content-encoding", encoding).end(body));

  test.each(encodings)("%s: to the byte", async (encoding, encode) => {
    const { url } = await encoded(encoding, encode(Buffer.alloc(50_000, "x")));
    const node = outbound();
    const { body } = await node.get(url, { ...json, largest: 50_000 });
    expect(body.equals(Buffer.alloc(50_000, "x"))).toBe(true);
    expect(await kindOf(node.get(url, { ...json, largest: 49_999 }))).toBe("TOO_LARGE");
  });

  test("noise, which encoding makes larger, still fits", async () => {
    const noise = Buffer.from(Array.from({ length: 20_000 }, () => Math.floor(Math.random() * 256)));
    const { url } = await encoded("gzip", gzipSync(noise, { level: 0 }));
    expect((await outbound().get(url, { ...json, largest: 20_000 })).body.equals(noise)).toBe(true);
  });

  /** The most memory outside the heap that was held at once while something ran. */
  async function heldBy(running: () => Promise<unknown>): Promise<number> {
    const before = process.memoryUsage().external;
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().external)), 2);
    await running().finally(() => clearInterval(timer));
    return Math.max(most, process.memoryUsage().external) - before;
  }

  const bomb = gzipSync(Buffer.alloc(16 * MIB));
  test.each([
    ["gzip", "of one piece", gzipSync(Buffer.alloc(128 * MIB))],
    ["gzip", "of 1 GiB in many pieces", Buffer.concat(Array.from({ length: 64 }, () => bomb))],
    [
      "br",
      "",
      brotliCompressSync(Buffer.alloc(128 * MIB), { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
    ],
  ])("a %s bomb %s ends early and holds little memory", async (encoding, _what, body) => {
    const { url } = await encoded(encoding, body);
    const begun = performance.now();
    const held = await heldBy(async () =>
      expect(await kindOf(outbound().get(url, { ...json, largest: 2 * MIB }))).toBe("TOO_LARGE"),
    );
    expect(performance.now() - begun).toBeLessThan(4000);
    expect(held).toBeLessThan(24 * MIB);
  });

  test("5 GB that are announced are not waited for", async () => {
    const { url, gone } = await wire((socket) => socket.write(head({ "content-length": 5e9 })));
    expect(await kindOf(outbound().get(url, json))).toBe("TOO_LARGE");
    await gone;
  });

  test("an answer that never ends is given up", async () => {
    const { url, gone } = await wire((socket) => {
      socket.write(head({ "transfer-encoding": "chunked" }));
      pour(socket, Buffer.from(`10000\r\n${"x".repeat(65536)}\r\n`));
    });
    expect(await kindOf(outbound().get(url, json))).toBe("TOO_LARGE");
    await gone;
  });

  test("so is one that never ends and decodes to nothing", async () => {
    const nothing = Buffer.concat(Array.from({ length: 1000 }, () => gzipSync("")));
    const { url, gone } = await wire((socket) => {
      socket.write(head({ "transfer-encoding": "chunked", "content-encoding": "gzip" }));
      const size = nothing.length.toString(16);
      pour(socket, Buffer.concat([Buffer.from(`${size}\r\n`), nothing, Buffer.from("\r\n")]));
    });
    expect(await kindOf(outbound().get(url, json))).toBe("TOO_LARGE");
    await gone;
  });

  test("a head of more than 16 KiB is refused", async () => {
    const { url } = await wire((socket) => socket.write(head({ "x-long": "x".repeat(20_000) })));
    expect(await kindOf(outbound().get(url, json))).toBe("TOO_LARGE");
  });

  test("a body in chunks of one byte arrives as it was", async () => {
    const { url } = await wire((socket) =>
      socket.write(`${head({ "transfer-encoding": "chunked" })}${"1\r\nx\r\n".repeat(50_000)}0\r\n\r\n`),
    );
    expect((await outbound().get(url, json)).body.toString()).toBe("x".repeat(50_000));
  });
});

describe("an answer is taken whole or not at all", () => {
  const packed = gzipSync(Buffer.alloc(100_000, "words "));
  const brotli = brotliCompressSync(Buffer.alloc(100_000, "words "));
  const cut = (encoding: string, body: Buffer): string | Buffer =>
    Buffer.concat([Buffer.from(head({ "content-encoding": encoding, "content-length": body.length })), body]);

  test.each<readonly [string, string, (socket: Socket) => void]>([
    [
      "shorter than announced",
      "TRUNCATED",
      (socket) => socket.end(`${head({ "content-length": 100 })}{"items":[]}`),
    ],
    [
      "chunks without a last one",
      "TRUNCATED",
      (socket) => socket.end(`${head({ "transfer-encoding": "chunked" })}2\r\n{}\r\n`),
    ],
    [
      "a connection reset in the middle",
      "TRUNCATED",
      (socket) => {
        socket.write(`${head({ "content-length": 100 })}{}`);
        setTimeout(() => socket.resetAndDestroy(), 50);
      },
    ],
    ["no length at all", "TRUNCATED", (socket) => socket.end(`${head({ connection: "close" })}{}`)],
    ["gzip cut short", "TRUNCATED", (socket) => socket.end(cut("gzip", packed.subarray(0, -9)))],
    ["gzip without its last byte", "TRUNCATED", (socket) => socket.end(cut("gzip", packed.subarray(0, -1)))],
    ["brotli cut short", "TRUNCATED", (socket) => socket.end(cut("br", brotli.subarray(0, -3)))],
    ["gzip of no bytes", "TRUNCATED", (socket) => socket.end(cut("gzip", Buffer.alloc(0)))],
    ["gzip that is none", "BAD_ENCODING", (socket) => socket.end(cut("gzip", Buffer.from("not gzip")))],
    [
      "gzip with a wrong sum",
      "BAD_ENCODING",
      (socket) => socket.end(cut("gzip", Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8)]))),
    ],
    ["brotli that is none", "BAD_ENCODING", (socket) => socket.end(cut("br", Buffer.alloc(50, 0xff)))],
    ["zstd", "BAD_ENCODING", (socket) => socket.end(cut("zstd", packed))],
    ["deflate", "BAD_ENCODING", (socket) => socket.end(cut("deflate", packed))],
    ["two encodings", "BAD_ENCODING", (socket) => socket.end(cut("gzip, br", packed))],
    ["one encoding twice", "BAD_ENCODING", (socket) => socket.end(cut("gzip, gzip", packed))],
    [
      "encodings in two headers",
      "BAD_ENCODING",
      (socket) =>
        socket.end(
          head({ "Content-Encoding": "gzip", "content-encoding": "gzip", "content-length": 2 }) + "{}",
        ),
    ],
    [
      "an encoding of the transfer",
      "BAD_ENCODING",
      (socket) => socket.end(`${head({ "transfer-encoding": "gzip, chunked" })}2\r\n{}\r\n0\r\n\r\n`),
    ],
  ])("%s is %s", async (_what, kind, speak) => {
    const { url } = await wire(speak);
    expect(await kindOf(outbound().get(url, json))).toBe(kind);
  });

  test.each<readonly [string, string, (socket: Socket) => void]>([
    ["no HTTP", "NOT_HTTP", (socket) => socket.write("SSH-2.0-OpenSSH_9.9\r\n")],
    [
      "two lengths",
      "NOT_HTTP",
      (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    ],
    ["a hang-up", "UNREACHABLE", (socket) => socket.end()],
    ["a reset", "UNREACHABLE", (socket) => socket.resetAndDestroy()],
    [
      "another protocol",
      "UNREACHABLE",
      (socket) => socket.write(head({ connection: "upgrade", upgrade: "websocket" }, "101 Switching")),
    ],
  ])("%s is no answer", async (_what, kind, speak) => {
    const { url } = await wire(speak);
    expect(await kindOf(outbound().get(url, json))).toBe(kind);
  });

  test("where nobody listens, nobody is reached", async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    const error = await refusal(outbound().get(`http://127.0.0.1:${port}/`, json));
    expect(error).toMatchObject({
      kind: "UNREACHABLE",
      message: "The peer could not be reached (ECONNREFUSED).",
    });
  });

  test("an error holds nothing of the answer and nothing of the address", async () => {
    const canary = "kanarienvogel";
    const speeches: readonly string[] = [
      `${head({ "content-length": 100, [canary]: canary })}${canary}`,
      `${head({ "content-length": 13, "content-encoding": "gzip" })}${canary}`,
      `${head({ "content-length": 13, "content-encoding": canary })}${canary}`,
      head({ location: `http://${canary}/`, "content-length": 0 }, `302 ${canary}`),
      `HTTP/1.1 ${canary}\r\n\r\n`,
      canary,
    ];
    for (const speech of speeches) {
      const { url } = await wire((socket) => socket.end(speech));
      const error = await refusal(outbound().get(`${url}${canary}?token=${canary}`, json));
      expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/kanarien|127\.0/);
    }
  });
});

describe("nobody is sent elsewhere", () => {
  test.each([300, 301, 302, 303, 305, 307, 308])("%i is not followed", async (status) => {
    const secret = await peer((_, response) => response.end("of this machine"));
    const { url } = await peer((_, response) => response.writeHead(status, { location: secret.url }).end());
    expect(await kindOf(outbound().get(url, json))).toBe("REDIRECTED");
    const posted = outbound().post(url, { contentType: "application/json", body: "{}", largest: 100 });
    expect(await kindOf(posted)).toBe("REDIRECTED");
    expect(secret.asked).toEqual([]);
  });

  test("the environment's proxy is not asked", async () => {
    const proxy = await peer((_, response) => response.end("proxied"));
    const { url } = await peer((_, response) => response.end("direct"));
    const names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"];
    const proxied = Object.fromEntries(names.map((name) => [name, proxy.url]));
    expect(await toldElsewhere(url, { ...proxied, NODE_USE_ENV_PROXY: "1" })).toBe("direct");
    expect(proxy.asked).toEqual([]);
  });
});

describe("what is asked and what is answered", () => {
  test("a peer learns what is wanted and who asks, and nothing else", async () => {
    const { url, asked } = await peer((_, response) => response.setHeader("set-cookie", "seen=1").end("{}"));
    const node = outbound();
    const headers = { "x-extra": "1", Host: "other.example", "Accept-Encoding": "zstd", Accept: "text/html" };
    for (let page = 0; page < 2; page += 1)
      await node.get(`${url}changes?after=7#fragment`, { ...json, headers });
    expect(asked[1]?.url).toBe("/changes?after=7");
    expect(asked[1]?.headers).toEqual({
      host: new URL(url).host,
      connection: "keep-alive",
      accept: "application/json",
      "accept-encoding": "gzip, br",
      "user-agent": "cadre/test",
      "x-extra": "1",
    });
  });

  test("what a peer has not changed since is 304 without a body, over a connection that is kept", async () => {
    const { url, asked, connections } = await peer((_, response) =>
      response.writeHead(304, { etag: '"7"', "content-encoding": "gzip", "content-length": 4000 }).end(),
    );
    const node = outbound();
    for (let page = 0; page < 2; page += 1) {
      const { status, headers, body } = await node.get(url, { ...json, largest: 100, etag: '"7"' });
      expect([status, headers.get("etag"), body.length]).toEqual([304, '"7"', 0]);
    }
    expect(asked.map(({ headers }) => headers["if-none-match"])).toEqual(['"7"', '"7"']);
    expect(connections()).toBe(1);
  });

  test.each([
    ["", Buffer.from("busy")],
    ["its words are too long", Buffer.alloc(5 * MIB)],
  ])("a peer that is busy says until when, %s", async (_what, body) => {
    const busy = { "retry-after": "120", date: "Sun, 22 Nov 2026 10:00:00 GMT" };
    const { url } = await peer((_, response) => response.writeHead(503, busy).end(body));
    const { status, headers } = await outbound().get(url, json);
    expect(status).toBe(503);
    expect([headers.get("Retry-After"), headers.get("Date")]).toEqual([busy["retry-after"], busy.date]);
  });

  test("what comes with a refusal can be read", async () => {
    const { url } = await peer((_, response) => response.writeHead(410).end('{"type":"Tombstone"}'));
    const { status, body } = await outbound().get(url, json);
    expect([status, body.toString()]).toEqual([410, '{"type":"Tombstone"}']);
  });

  test("what is posted arrives as it is", async () => {
    const { url, asked } = await peer((request, response) => request.pipe(response));
    const body = Buffer.from([0, 255, 1, 254]);
    const question = { contentType: "application/octet-stream", body, largest: 100 };
    const answer = await outbound().post(url, { ...question, headers: { signature: "sig=:AA==:" } });
    expect(answer.body.equals(body)).toBe(true);
    expect(asked[0]).toMatchObject({
      method: "POST",
      headers: {
        "content-type": "application/octet-stream",
        "content-length": "4",
        signature: "sig=:AA==:",
      },
    });
  });

  test("a node that stops gives up what it asks, and asks no more", async () => {
    const hole = await wire(() => {});
    const node = outbound();
    const waiting = kindOf(node.get(hole.url, json));
    const lookingUp = kindOf(
      outbound({ lookup: () => new Promise<never>(() => {}), timeout: 100 }).get(
        "https://peer.example/",
        json,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    await node.close();
    expect(await waiting).toBe("CLOSED");
    expect(await kindOf(node.get(hole.url, json))).toBe("CLOSED");
    expect(await lookingUp).toBe("TIMEOUT");
    await hole.gone;
  });
});

test("federation has no other way out", () => {
  const makers = /"node:(https?|http2|net|tls|dgram|dns|dns\/promises)"|\bfetch\(|"(undici|axios|got)"/;
  const folder = "src/federation";
  const found = readdirSync(folder).filter((file) => makers.test(readFileSync(`${folder}/${file}`, "utf8")));
  expect(found.toSorted()).toEqual([
    "address.ts",
    "answer.ts",
    "connection.ts",
    "destination.ts",
    "outbound.ts",
  ]);
});
