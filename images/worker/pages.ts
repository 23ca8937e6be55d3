/** The HTML that the Worker adds to the service's, or shows in its place. */
import type { Notice } from "./notices";

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Notices as paragraphs that screen readers tell; no style and no script, which the service's pages do not allow. */
export function renderNotices(notices: readonly Notice[]): string {
  return notices.map(({ message }) => `<p role="status">${escapeHtml(message)}</p>`).join("\n");
}

/** What users see while the service does not answer. */
export function renderUnavailable(notices: readonly Notice[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Back soon</title>
</head>
<body>
<main>
<h1>Back soon</h1>
${notices.length === 0 ? "<p>The guest book does not answer at the moment. We know, and are at it.</p>" : renderNotices(notices)}
</main>
</body>
</html>
`;
}
