// A shop in JavaScript. Its host has the warehouse: functions and a resource, which is a class here. What it exports is an object of
// functions and classes with the names of WIT in camel case. What a function throws is the error of its `result`.
import { Shelf, log } from "example:shop/warehouse@0.1.0";

const problem = (tag, val) => ({ tag, val });

class Cart {
  #lines = new Map();

  constructor(customer) {
    this.customer = customer;
  }

  add(article, count) {
    const shelf = attempt(() => Shelf.open(article), (reason) => problem("no-article", reason));
    try {
      attempt(() => shelf.take(count), (left) => problem("out-of-stock", left));
      return this.#put({ article, count, sum: shelf.price() * BigInt(count) });
    } finally {
      shelf[Symbol.dispose]();
    }
  }

  lines() {
    return [...this.#lines.values()];
  }

  // Called when the host drops the cart.
  [Symbol.dispose]() {
    log("info", `${this.customer} has left`);
  }

  static merge(carts) {
    const all = new Cart(carts.map((cart) => cart.customer).join(" & "));
    for (const line of carts.flatMap((cart) => cart.lines())) all.#put(line);
    log("info", `${carts.length} carts are one now, of ${all.customer}`);
    return all;
  }

  #put({ article, count, sum }) {
    const line = this.#lines.get(article) ?? { article, count: 0, sum: 0n };
    const more = { article, count: line.count + count, sum: line.sum + sum };
    this.#lines.set(article, more);
    return more;
  }
}

// What the host answers with an error is thrown as an object with a payload.
function attempt(action, describe) {
  try {
    return action();
  } catch (error) {
    if (!("payload" in error)) throw error;
    const found = describe(error.payload);
    log("warning", `${found.tag}: ${found.val}`);
    throw found;
  }
}

const euros = (cents) => `${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;

function receipt(cart, paid, { sorted, shouting }) {
  const lines = cart.lines();
  if (lines.length === 0) throw problem("empty");
  if (sorted) lines.sort((one, other) => (one.article < other.article ? -1 : 1));
  const total = lines.reduce((sum, line) => sum + line.sum, 0n);
  if (paid < total) throw problem("unpaid", total - paid);
  const rows = lines.map((line) => [`${line.count} x ${line.article}`, line.sum]).concat([["total", total]]);
  if (paid !== undefined) rows.push(["change", paid - total]);
  const text = [cart.customer, ...rows.map(([name, cents]) => `${name.padEnd(14)}${euros(cents).padStart(8)}`)].join("\n");
  return shouting ? text.toUpperCase() : text;
}

function words(text) {
  const counts = new Map();
  for (const [word] of text.toLowerCase().matchAll(/[^\s.,;:!?]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1]);
}

function find(pattern, text) {
  try {
    return text.match(new RegExp(pattern)) ?? undefined;
  } catch (error) {
    throw error.message;
  }
}

export const carts = {
  Cart,
  receipt,
  words,
  find,
  reverse: (bytes) => bytes.toReversed(),
  mean: (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length,
};
