/** The event lines of the twelve, by their files. */
export const personas = import.meta.glob<string>("../../../../tests/cases/personas/*.ndjson", { query: "?raw", import: "default", eager: true });
