/** The page: plain HTML without scripts or outside assets. */
import { createHash } from "node:crypto";
import type { Entry } from "./entry";

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
label { display: block; margin-top: .75rem; }
input, textarea { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; }
button { margin-top: .75rem; font: inherit; padding: .5rem 1rem; }
li { margin-bottom: .75rem; overflow-wrap: anywhere; }
footer { margin-top: 2rem; font-size: .875rem; }
`;

/** What the page may load: its own style, by its hash, and nothing else. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

export interface PageContent {
  visits: number;
  /** Who is signed in; null for nobody. */
  user: string | null;
  entries: readonly Entry[];
  version: string;
  commit: string;
  /** What was wrong with the entry just sent. */
  fault?: string;
}

export function renderPage({ visits, user, entries, version, commit, fault }: PageContent): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Guest book</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Guest book</h1>
<p>Visits: <strong>${visits}</strong></p>
${renderUser(user)}
<form method="post" action="/entries">
<h2>Sign it</h2>
${fault === undefined ? "" : `<p role="alert">${escapeHtml(fault)}</p>\n`}<label for="name">Name</label>
<input id="name" name="name" value="${escapeHtml(user ?? "")}" required maxlength="80" autocomplete="name">
<label for="message">Message</label>
<textarea id="message" name="message" required maxlength="500" rows="3"></textarea>
<button type="submit">Sign</button>
</form>
<h2>Last entries</h2>
${entries.length === 0 ? "<p>None yet.</p>" : `<ul>\n${entries.map(renderEntry).join("\n")}\n</ul>`}
</main>
<footer>Version ${escapeHtml(version)}, commit ${escapeHtml(commit)}</footer>
</body>
</html>
`;
}

function renderUser(user: string | null): string {
  if (user !== null) return `<p>Signed in as <strong>${escapeHtml(user)}</strong></p>`;
  return `<form method="post" action="/session">
<label for="user">Your name</label>
<input id="user" name="name" required maxlength="80" autocomplete="username">
<button type="submit">Sign in</button>
</form>`;
}

function renderEntry({ name, message, createdAt }: Entry): string {
  const time = createdAt.toISOString();
  return `<li><strong>${escapeHtml(name)}</strong> <time datetime="${time}">${time.slice(0, 16).replace("T", " ")} UTC</time><br>${escapeHtml(message)}</li>`;
}
