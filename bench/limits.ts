/** How long, in milliseconds, the node takes to refuse the documents and variables of `hostile.ts`. `node dist/bench/limits.js` */
