/** Evaluated before what is measured: the zero of its times. */
globalThis.begun = performance.now();
