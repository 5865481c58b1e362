import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { claimsOf } from "../../src/federation/jws.js";
import { currentVersion, does, listed, save } from "../entries.js";
import type { Fault } from "../fault-proxy.js";
import type { Person } from "../node.js";
import { readerOf } from "../peers.js";
import type { Dice } from "../proof/dice.js";
import type { Member, Mesh } from "./mesh.js";

/** Stands in a field that nobody else may see, and must be in nothing that leaves a node. */
const CANARY = "canaryxylophone";
/** Fewer than after which what changes in a day waits for a steward. */
const CHANGES_A_DAY = 15;

/** Somebody with an entry, and what it says. Where they were seen to be gone since they withdrew, they must not be seen again. */
type Somebody = {
  readonly at: Member;
  readonly person: Person & { readonly id: string };
  readonly alias: string;
  says: string;
  listed: boolean;
  readonly goneAt: Set<Member>;
};

type Seen = { readonly alias: string; readonly pronouns: string | null };

/** One day of all of them, drawn from a seed: what is done, what breaks, and what has to be true all the while and at its end. */
export class Day {
  readonly people: Somebody[] = [];
  readonly stewards = new Map<Member, Person>();
  /** What was found not to be so, each as a sentence that begins with the number of what has to be so. */
  readonly wrong: string[] = [];
  readonly done: Record<string, number> = {};
  /** How often a reading ended with which problem, as far as it was looked. */
  readonly problems: Record<string, number> = {};
  readonly #failures = new Map<string, number>();
  readonly #databases = new Map<Member, Client>();
  readonly #heads = new Map<string, { readonly epoch: string; readonly seq: number; readonly iat: number }>();
  readonly #changes = new Map<Member, number>();

  constructor(
    readonly mesh: Mesh,
    readonly dice: Dice,
  ) {}

  /** Some people at every network, each with something to hide. */
  async populate(each: number): Promise<void> {
    await Promise.all(this.mesh.members.map((member, at) => this.#settle(member, at, each)));
  }

  async #settle(member: Member, at: number, each: number): Promise<void> {
    const desk = await member.desk();
    for (let number = 0; number < each; number++) {
      const alias = `Person ${at}-${number}`;
      const told = { ...entryOf(alias, "p0"), about: [{ in: "en", text: `${CANARY} ${alias}` }] };
      const shown = ["ENTRY", "ALIAS", "PRONOUNS", "SPECIALTIES"].map((field) => [field, "PUBLIC"] as const);
      const person = await listed(desk, told, shown);
      this.people.push({ at: member, person, alias, says: "p0", listed: true, goneAt: new Set() });
    }
    this.stewards.set(member, await desk.signedIn("STEWARD"));
    await desk.ground.database.write.query("update base.session set expires = '2100-01-01'");
    await desk.close();
    const database = new Client(member.databaseUrl);
    database.on("error", () => undefined);
    await database.connect();
    this.#databases.set(member, database);
  }

  /** Lets time pass until a moment (of this machine), with something happening several times a second. */
  async pass(until: number): Promise<void> {
    for (const { line } of this.mesh.members) line.faultOf = () => this.#fault();
    while (Date.now() < until) {
      await this.#happens();
      await this.#look();
      await sleep(200);
    }
  }

  /** Good lines, everybody up, and everybody reads everybody, until nobody has anything left to say. */
  async calm(): Promise<void> {
    for (const member of this.mesh.members) {
      member.line.become({ kind: "none" });
      if (!member.isUp) await member.start();
    }
    let problems: readonly string[] = [];
    for (let round = 0; round < 5; round++) {
      problems = [];
      for (const member of this.mesh.members)
        problems = [...problems, ...(await member.tell("sync")).map((one) => `${member.name} reads ${one}`)];
      if (problems.length === 0) return;
      await sleep(1000);
    }
    this.wrong.push(...problems.map((problem) => `I2 ${problem}`));
  }

  /** What has to be so once all is calm. */
  async check(): Promise<void> {
    await this.#look();
    for (const member of this.mesh.members) {
      await this.#sameSets(member);
      await this.#sameAnswers(member);
      await this.#noCanary(member);
    }
    await this.#silentSearches();
    await this.#blocked();
  }

  async close(): Promise<void> {
    for (const database of this.#databases.values()) await database.end();
  }

  // ── what happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  #fault(): Fault {
    const { dice } = this;
    if (dice.chance(0.65)) return { kind: "none" };
    const after = Math.floor(dice.throw() * 20_000);
    return dice.pick<Fault>([
      { kind: "delay", by: 20 + Math.floor(dice.throw() * 400) },
      { kind: "delay", by: 20 + Math.floor(dice.throw() * 400) },
      { kind: "trickle", bytes: 200, every: 20 },
      { kind: "reset", after },
      { kind: "truncate", after },
      { kind: "duplicate" },
      { kind: "black hole" },
    ]);
  }

  async #happens(): Promise<void> {
    const { dice } = this;
    const one = dice.pick(this.people);
    // Nobody waits for long on a line that says nothing: half a minute is hours here.
    for (const { line } of this.mesh.members) if (dice.chance(0.06)) line.cut();
    if (dice.chance(0.04)) return this.#dies(dice.pick(this.mesh.members));
    const many = this.#changes.get(one.at) ?? 0;
    if (!one.at.isUp || many >= CHANGES_A_DAY || dice.chance(0.5)) return;
    this.#changes.set(one.at, many + 1);
    if (!one.listed) return this.#returns(one);
    return dice.chance(0.4) ? this.#withdraws(one) : this.#edits(one);
  }

  /** Without a word; somebody starts it again. */
  async #dies(member: Member): Promise<void> {
    if (!member.isUp) return;
    this.#count("killed");
    await member.kill();
    await sleep(this.dice.throw() * 1500);
    await member.start();
  }

  async #edits(one: Somebody): Promise<void> {
    this.#count("edited");
    const says = `p${Number(one.says.slice(1)) + 1}`;
    fine(await save(one.person, entryOf(one.alias, says)));
    one.says = says;
  }

  async #withdraws(one: Somebody): Promise<void> {
    this.#count("withdrawn");
    fine(await does(one.person, "withdrawProfile"));
    one.listed = false;
    one.goneAt.clear();
    if ((await this.#seenAt(one.at)).some(({ alias }) => alias === one.alias))
      this.wrong.push(`I3 ${one.alias} has withdrawn at ${one.at.name} and is seen there`);
  }

  async #returns(one: Somebody): Promise<void> {
    this.#count("came back");
    const agreedTo = await currentVersion({ ask: one.person.ask } as Parameters<typeof currentVersion>[0]);
    fine(await does(one.person, "submitProfile", { agreedTo }));
    fine(await does(this.stewards.get(one.at)!, "acceptPractitioner", { id: one.person.id }));
    one.listed = true;
  }

  #count(what: string): void {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }

  // ── what has to be so ─────────────────────────────────────────────────────────────────────────────────────────────

  /** All the while: heads go forward, and whoever was gone stays gone. */
  async #look(): Promise<void> {
    for (const member of this.mesh.members) await this.#forward(member);
    const member = this.dice.pick(this.mesh.members);
    if (!member.isUp) return;
    const aliases = new Set((await this.#seenAt(member)).map(({ alias }) => alias));
    for (const one of this.people.filter((somebody) => !somebody.listed)) {
      if (!aliases.has(one.alias)) one.goneAt.add(member);
      else if (one.goneAt.has(member)) this.wrong.push(`I5 ${one.alias} came back at ${member.name}`);
    }
  }

  async #forward(member: Member): Promise<void> {
    const { rows } = await this.#databases.get(member)!.query<{
      peer: string;
      epoch: string;
      seq: string;
      iat: Date;
    }>("select peer, epoch, seq, iat from base.peer_feed where tier = 'public'");
    await this.#troubles(member);
    for (const { peer, epoch, seq, iat } of rows) {
      const [key, now] = [`${member.name} ${peer}`, { epoch, seq: Number(seq), iat: iat.getTime() }];
      const before = this.#heads.get(key);
      this.#heads.set(key, now);
      if (before === undefined) continue;
      const back = now.iat < before.iat || (now.epoch === before.epoch && now.seq < before.seq);
      if (back) this.wrong.push(`I6 ${member.name} went back to an earlier head of a peer`);
    }
  }

  async #troubles(member: Member): Promise<void> {
    const { rows } = await this.#databases
      .get(member)!
      .query<{ id: string; failures: number; problem: string | null }>(
        "select peer.id, peer.failures, peer.problem from base.peer",
      );
    for (const { id, failures, problem } of rows) {
      const key = `${member.name} ${id}`;
      if (problem !== null && failures > (this.#failures.get(key) ?? 0))
        this.problems[problem] = (this.problems[problem] ?? 0) + 1;
      this.#failures.set(key, failures);
    }
  }

  async #seenAt({ url }: Pick<Member, "url">): Promise<readonly Seen[]> {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ practitioners(first: 50) { nodes { alias pronouns } } }" }),
    });
    const { data } = (await response.json()) as { data: { practitioners: { nodes: Seen[] } } };
    return data.practitioners.nodes;
  }

  /** I2: what each holds of the others is what they have signed. */
  async #sameSets(member: Member): Promise<void> {
    const { set } = await readerOf(member.url).head();
    for (const other of this.mesh.members.filter((one) => one !== member)) {
      const { rows } = await this.#databases.get(other)!.query<{ set: string }>(
        `select feed.set_digest as set from base.peer_feed as feed join base.peer on peer.id = feed.peer
         where peer.url = $1 and feed.tier = 'public'`,
        [member.line.url],
      );
      if (rows[0]?.set !== set)
        this.wrong.push(`I2 ${other.name} does not hold what ${member.name} has signed`);
    }
  }

  /** I3 and I8: whoever searches finds exactly who is listed anywhere, as they said last. */
  async #sameAnswers(member: Member): Promise<void> {
    const wanted = this.people.filter((one) => one.listed).map(({ alias, says }) => `${alias} ${says}`);
    const found = async () =>
      (await this.#seenAt(member)).map(({ alias, pronouns }) => `${alias} ${pronouns}`);
    let [missing, more] = differences(wanted, await found());
    for (let tries = 0; tries < 50 && missing.length + more.length > 0; tries++) {
      await sleep(100);
      [missing, more] = differences(wanted, await found());
    }
    this.wrong.push(...missing.map((one) => `I8 ${member.name} does not find ${one}`));
    this.wrong.push(...more.map((one) => `I3 ${member.name} finds ${one}, who is not there`));
  }

  /** I1: what nobody else may see has left in nothing that a peer holds, nor in what is served now. */
  async #noCanary(member: Member): Promise<void> {
    const { rows } = await this.#databases
      .get(member)!
      .query<{ jws: string }>("select jws from base.peer_record where jws is not null");
    const served = JSON.stringify(await readerOf(member.url).walk());
    const told = [...rows.map(({ jws }) => jws), ...(served.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? [])];
    if (served.includes(CANARY) || told.some((jws) => JSON.stringify(claimsOf(jws)).includes(CANARY)))
      this.wrong.push(`I1 what nobody else may see has left ${member.name}`);
  }

  /** I4: while nobody reads, no search makes a connection. A ping that was still due may be in between. */
  async #silentSearches(): Promise<void> {
    for (const member of this.mesh.members) await member.tell("quiet");
    const made = () => this.mesh.members.reduce((sum, { line }) => sum + line.connections, 0);
    for (let tries = 0; tries < 5; tries++) {
      const before = made();
      for (const member of this.mesh.members)
        for (let search = 0; search < 10; search++) await this.#seenAt(member);
      if (made() === before) return;
      await sleep(5000);
    }
    this.wrong.push("I4 searches made connections to peers");
  }

  /** I7: of a network that is blocked nothing is left, from the moment on that it is. */
  async #blocked(): Promise<void> {
    const [here, there] = this.mesh.members;
    const desk = await here!.desk();
    const { peering } = desk.federation!;
    const peer = (await peering.all()).find(({ url }) => url === there!.line.url)!;
    await peering.setTrust("operator", peer.id, "BLOCKED", null);
    await desk.close();
    const aliases = new Set(this.people.filter(({ at }) => at === there).map(({ alias }) => alias));
    if ((await this.#seenAt(here!)).some(({ alias }) => aliases.has(alias)))
      this.wrong.push(`I7 ${here!.name} shows people of a network that it has blocked`);
  }
}

function entryOf(alias: string, pronouns: string) {
  return { alias, pronouns, specialties: [{ specialty: "digital" }] };
}

function fine({ errors, text }: { readonly errors?: readonly unknown[]; readonly text: string }): void {
  if (errors !== undefined) throw new Error(text);
}

function differences(wanted: readonly string[], found: readonly string[]) {
  return [
    wanted.filter((one) => !found.includes(one)),
    found.filter((one) => !wanted.includes(one)),
  ] as const;
}
