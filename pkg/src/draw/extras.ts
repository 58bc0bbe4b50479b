/** What few messages have: surveys, coupons, sharing, stores and the marketer's own HTML. Loaded with the first message that has one. */
import { coupon } from "./extras/coupon.js";
import { html } from "./extras/html.js";
import { share } from "./extras/share.js";
import { store } from "./extras/store.js";
import { survey } from "./extras/survey.js";

export const drawers = { survey, coupon, share, store, html };
