/** For jest, which wants the teardown in a module of its own. */
export { stopServer as default } from "./database-server.js";
