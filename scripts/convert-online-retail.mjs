/**
 * Order lines of the UCI data set "Online Retail" to events:
 * `npm run -s convert:online-retail -- FILE.csv > events.ndjson`.
 *
 * One `purchase` or `refund` per invoice, in the order of the file. Times are taken as UTC, the currency is GBP. Postage
 * is no item but part of the value. A line that cannot be read is named on standard error and left out; then exit 2.
 */
import { readFileSync } from "node:fs";
import { Failure, isMain, main, steps } from "./step.mjs";
import { forScripts } from "./toolchain.mjs";

const POSTAGE = "POST";
const COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"];

/** Pence from a decimal text such as `2.5`, by digits: money never passes through a float. */
function pence(text) {
  const match = /^(\d{1,9})(?:\.(\d{1,2})0*)?$/.exec(text);
  if (!match) throw new Error(`UnitPrice ${JSON.stringify(text)} is no amount in pounds and pence`);
  return Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
}

/** The JSON number of an amount, again by digits. */
function pounds(amount) {
  const digits = String(amount).padStart(3, "0");
  return Number(`${digits.slice(0, -2)}.${digits.slice(-2)}`);
}

function instant(text) {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/.exec(text);
  const [month, day, year, hour, minute] = match?.slice(1).map(Number) ?? [];
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute));
  if (!match || time.getUTCMonth() !== month - 1 || time.getUTCDate() !== day || time.getUTCHours() !== hour || minute > 59) {
    throw new Error(`InvoiceDate ${JSON.stringify(text)} is no month/day/year hour:minute`);
  }
  return time.toISOString();
}

/** What one line of the file says. */
function read(row) {
  for (const name of COLUMNS) if (!row[name] && name !== "Description") throw new Error(`${name} is missing`);
  if (!/^-?\d{1,7}$/.test(row.Quantity) || Number(row.Quantity) === 0) throw new Error(`Quantity ${JSON.stringify(row.Quantity)} is no whole number`);
  const refund = row.InvoiceNo.startsWith("C");
  const quantity = Number(row.Quantity) * (refund ? -1 : 1);
  if (quantity < 0) throw new Error(`Quantity ${row.Quantity} has the wrong sign for invoice ${row.InvoiceNo}`);
  return { refund, quantity, price: pence(row.UnitPrice), timestamp: instant(row.InvoiceDate) };
}

/** Events of a CSV text; `bad(line, message)` hears of each line that is left out. */
export async function convert(text, bad) {
  const { parse } = await import("csv-parse/sync");
  const invoices = new Map();
  const records = parse(text, {
    columns: true, info: true, bom: true, relax_column_count: true, skip_empty_lines: true,
    skip_records_with_error: true, on_skip: (error) => bad(error.lines, error.message),
  });
  for (const { record, info } of records) {
    try {
      const { refund, quantity, price, timestamp } = read(record);
      const { InvoiceNo: id, CustomerID: userId } = record;
      let invoice = invoices.get(id);
      if (!invoice) invoices.set(id, (invoice = { id, refund, userId, timestamp, pence: 0, items: [] }));
      if (invoice.userId !== userId) throw new Error(`invoice ${id} belongs to ${invoice.userId}, not ${userId}`);
      invoice.pence += price * quantity;
      if (record.StockCode !== POSTAGE) {
        invoice.items.push({ item_id: record.StockCode, item_name: record.Description.trim(), price: pounds(price), quantity });
      }
    } catch (error) {
      bad(info.lines, error.message);
    }
  }
  return [...invoices.values()].map(({ id, refund, userId, timestamp, pence, items }) => ({
    type: "track",
    event: refund ? "refund" : "purchase",
    messageId: `or-${id}`,
    userId,
    timestamp,
    // A credit note does not say which invoice it is about.
    properties: { ...(!refund && { transaction_id: id }), currency: "GBP", value: pounds(pence), items },
  }));
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const file = process.argv[2];
    if (!file) throw new Failure("Which file?", "npm run -s convert:online-retail -- FILE.csv > events.ndjson");
    const text = readFileSync(file, "utf8");
    await steps(forScripts);
    const events = await convert(text, (line, message) => {
      console.error(`${file}:${line}: ${message}`);
      process.exitCode = 2;
    });
    process.stdout.write(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  });
}
