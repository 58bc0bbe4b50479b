/** Progress, drawn: loaded with the first message that has some. */
import { badges } from "./widgets/badges.js";
import { collection } from "./widgets/collection.js";
import { missions } from "./widgets/missions.js";
import { streak } from "./widgets/streak.js";
import { tier } from "./widgets/tier.js";
import { wallet } from "./widgets/wallet.js";

export const drawers = { tier, badges, missions, streak, collection, wallet };
