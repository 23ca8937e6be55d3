/** Loaded before the sample service: makes it misbehave as fault.json beside it says. */
const { Server } = require("node:http");
const { kind, amount } = require("./fault.json");

/** The gateway's preview route adds this header: smoke tests see a service that is well. */
const isUser = (request) =>
  request.headers["x-slipway-version"] === undefined && !/^\/(healthz|readyz)/.test(request.url);

function fail(request, response) {
  response.writeHead(request.url === "/readyz" ? 503 : 500, { "x-app-version": process.env.APP_VERSION });
  response.end("a fault was asked for");
}

/** Answers in the service's place where it answers true. */
const instead = {
  "never-healthy": (request, response) => request.url === "/readyz" && (fail(request, response), true),
  smoke: (request, response) => request.url === "/" && (fail(request, response), true),
  /** `amount` percent of the users' requests. */
  errors: (request, response) =>
    isUser(request) && Math.random() * 100 < amount && (fail(request, response), true),
};

const kept = [];

const serve = Server.prototype.emit;
Server.prototype.emit = function (event, request, response) {
  if (event !== "request") return serve.apply(this, arguments);
  if (instead[kind]?.(request, response)) return true;
  // `amount` in MiB, at every user's request; filled, or the kernel gives no memory.
  if (kind === "leak" && isUser(request)) kept.push(Buffer.alloc(amount * 1024 * 1024, 1));
  // `amount` in milliseconds.
  if (kind === "slow" && isUser(request))
    return (setTimeout(() => serve.call(this, event, request, response), amount), true);
  return serve.apply(this, arguments);
};

// `amount` in seconds, from the start on.
if (kind === "crash") setTimeout(() => process.exit(1), amount * 1000);
