/** Measures, in a process of its own, how long the indexes take until they can answer the public, and until everybody. */
import { openLog } from "../src/log.js";
import { Indexes } from "../src/search/indexes.js";
import { openDatabase } from "../src/storage/database.js";
import { Key } from "../src/storage/seal.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";

const log = openLog("warn");
const vocabulary = readVocabulary();
const database = await openDatabase(process.env["DATABASE_URL"] ?? "", [], log);
const began = performance.now();
const sofar = () => (performance.now() - began) / 1000;
const indexes = await Indexes.open(database, vocabulary, Key.random(), log);
const seconds = sofar();
await indexes.catchUp();
const whole = sofar();
await indexes.stop();
await database.close();
process.send?.({ seconds, whole, peak: process.resourceUsage().maxRSS * 1024 });
process.disconnect();
