import { build } from "./build.mjs";
for (const name of process.argv.slice(2)) await build.find(({ title }) => title.includes(name)).run();
