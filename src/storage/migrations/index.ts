import { Directory001 } from "./001-directory.js";
import { KeysAndAudit002 } from "./002-keys-and-audit.js";
import { Accounts003 } from "./003-accounts.js";
import { Profiles004 } from "./004-profiles.js";
import { Versions005 } from "./005-versions.js";
import { Federation006 } from "./006-federation.js";
import { Peers007 } from "./007-peers.js";
import { Router008 } from "./008-router.js";
import { Receipts009 } from "./009-receipts.js";
import { Claims010 } from "./010-claims.js";
import { Clocks011 } from "./011-clocks.js";
import { Thieves012 } from "./012-thieves.js";
import { Coverage013 } from "./013-coverage.js";
import { Pathways014 } from "./014-pathways.js";
import { FoundBy015 } from "./015-found-by.js";
import { BroughtBack016 } from "./016-brought-back.js";
import { MirrorsAndFlags017 } from "./017-mirrors-and-flags.js";

/**
 * Every migration, in order. A migration is never edited once it is released: expand, move, then contract. TypeORM runs them in the
 * order of the last thirteen digits of their names.
 */
export const migrations = [
  Directory001,
  KeysAndAudit002,
  Accounts003,
  Profiles004,
  Versions005,
  Federation006,
  Peers007,
  Router008,
  Receipts009,
  Claims010,
  Clocks011,
  Thieves012,
  Coverage013,
  Pathways014,
  FoundBy015,
  BroughtBack016,
  MirrorsAndFlags017,
] as const;
