/** `npm start`: installs what is missing, builds what has changed, serves the demo. PORT chooses where. */
import { build } from "./build.mjs";
import { serveSomewhere } from "./serve.mjs";
import { main, steps } from "./step.mjs";
import { forBuild } from "./toolchain.mjs";

await main(async () => {
  await steps([...forBuild, ...build]);
  const { url } = await serveSomewhere({ folder: "www/dist", port: Number(process.env.PORT ?? 8080) });
  console.log(`\n  The demo shop is at ${url}\n  Ctrl-C ends it.\n`);
});
