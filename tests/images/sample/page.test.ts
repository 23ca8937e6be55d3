import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { contentSecurityPolicy, escapeHtml, renderPage } from "../../../images/sample/page";

const page = { visits: 7, user: null, entries: [], version: "1.4.0", commit: "abc" };
const entry = { id: "1", name: "Ada", message: "Hello", createdAt: new Date("2026-01-02T03:04:05Z") };

describe("escaping of HTML", () => {
  it("leaves no character that could open a tag, an entity or end an attribute", () => {
    assert.equal(escapeHtml(`<b a="1" c='2'>&amp;`), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
    fc.assert(
      fc.property(fc.string(), (text) => assert.doesNotMatch(escapeHtml(text), /[<>"']|&(?!\w+;|#39;)/)),
    );
  });
});

describe("page", () => {
  it("shows visits, version and entries", () => {
    const html = renderPage({ ...page, entries: [entry] });
    assert.match(html, /Visits: <strong>7<\/strong>/);
    assert.match(html, /Version 1\.4\.0, commit abc/);
    assert.match(
      html,
      /<li><strong>Ada<\/strong> <time datetime="2026-01-02T03:04:05.000Z">2026-01-02 03:04 UTC<\/time><br>Hello<\/li>/,
    );
  });

  it("escapes all that comes from outside", () => {
    const evil = "<script>alert(1)</script>";
    const html = renderPage({
      visits: 1,
      user: evil,
      entries: [{ ...entry, name: evil, message: evil }],
      version: evil,
      commit: evil,
      fault: evil,
    });
    assert.equal(html.includes("<script"), false);
    assert.equal(html.split("&lt;script&gt;").length - 1, 7);
  });

  it("labels every field and says its language", () => {
    const html = renderPage(page);
    const fields = [...html.matchAll(/<(?:input|textarea) id="(\w+)"/g)].map((match) => match[1]);
    const labels = [...html.matchAll(/<label for="(\w+)"/g)].map((match) => match[1]);
    assert.deepEqual(fields, ["user", "name", "message"]);
    assert.deepEqual(labels, fields);
    assert.match(html, /^<!doctype html>\n<html lang="en">/);
  });

  it("says in an alert what was wrong with the entry", () => {
    assert.match(renderPage({ ...page, fault: "name is empty" }), /<p role="alert">name is empty<\/p>/);
    assert.doesNotMatch(renderPage(page), /role="alert"/);
  });

  it("allows exactly its own style", () => {
    const style = /<style>([^]*)<\/style>/.exec(renderPage(page))?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    assert.match(contentSecurityPolicy, /^default-src 'none';/);
    assert.ok(contentSecurityPolicy.includes(`style-src 'sha256-${hash}';`));
  });
});
