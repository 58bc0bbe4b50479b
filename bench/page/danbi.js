/** danbi as published, every purpose granted. */
import "./mark.js";
import { createClient } from "/danbi/index.js";

export function begin({ endpoint }) {
  const client = createClient({ bundle: "/bundle.json", endpoint, consent: { functional: true, analytics: true, personalization: true, advertising: true } });
  return { ...client, push: (event, { benchId, ...ecommerce }) => dataLayer.push({ ecommerce: null }, { event, benchId, ecommerce }) };
}
