/** An empty page: what the bench itself costs. */
import "./mark.js";

export const begin = () => ({ ready: Promise.resolve(), track() {}, async flush() {} });
