import type { MigrationInterface, QueryRunner } from "typeorm";

/** A key may be a router's, which stays on a server: browsers have no use for it, and it writes its documents itself. */
export class Router008 implements MigrationInterface {
  readonly name = "Router008700000000000";

  async up(db: QueryRunner): Promise<void> {
    await db.query("alter table base.frontend_key drop constraint frontend_key_scopes");
    await db.query(`alter table base.frontend_key
      add constraint frontend_key_scopes check (scopes <@ array['READ', 'ACCOUNTS', 'ROUTER']),
      add constraint frontend_key_router
        check (not scopes @> array['ROUTER'] or (origins = '{}' and operations is null))`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query("delete from base.frontend_key where scopes @> array['ROUTER']");
    await db.query(
      "alter table base.frontend_key drop constraint frontend_key_router, drop constraint frontend_key_scopes",
    );
    await db.query(`alter table base.frontend_key
      add constraint frontend_key_scopes check (scopes <@ array['READ', 'ACCOUNTS'])`);
  }
}
