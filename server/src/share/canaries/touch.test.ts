import fc from "fast-check"
import { expect, test } from "vitest"
import { type Channel, type TouchRequest, guessSource, touchRequestIn } from "./touch.ts"

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
const requestWith = (heard: Partial<TouchRequest>): TouchRequest => ({
    source: "192.0.2.1",
    agent: firefox,
    method: "GET",
    names: 1,
    paths: 1,
    ...heard,
})

test.each<[string, Channel, Partial<TouchRequest>, string]>([
    ["a resolver", "dns", { agent: "", method: "" }, "resolver"],
    ["a resolver, for many names", "dns", { agent: "", names: 8 }, "resolver"],
    [
        "a chat with link previews",
        "http",
        { agent: "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)" },
        "link_preview",
    ],
    [
        "a link preview posing as a browser",
        "http",
        { agent: "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)" },
        "link_preview",
    ],
    ["mail link rewriting", "http", { agent: "Mozilla/4.0 (compatible; ms-office; MSOffice 16)" }, "link_preview"],
    ["a known scanner", "http", { agent: "Mozilla/5.0 zgrab/0.x" }, "scanner"],
    ["a crawler", "http", { agent: "Mozilla/5.0 (compatible; SomeBot/1.0)" }, "scanner"],
    ["a browser requesting many names", "http", { names: 3 }, "scanner"],
    ["a browser trying many paths", "http", { paths: 4 }, "scanner"],
    ["a running proof of concept", "http", { agent: "python-requests/2.32.3" }, "tool"],
    ["a client without a user agent", "http", { agent: "" }, "tool"],
    ["a browser that posts", "http", { method: "POST" }, "tool"],
    ["a browser", "http", {}, "browser"],
    ["a browser that repeats a request", "http", { names: 2, paths: 3, method: "HEAD" }, "browser"],
])("%s", (_, channel, input, expected) => {
    const { likelySource, reasons } = guessSource(channel, requestWith(input))
    expect(likelySource).toBe(expected)
    expect(reasons.length).toBeGreaterThan(0)
})

test("every recorded request gets a likely source, and the record is short", () => {
    const keys = fc.constantFrom("source", "agent", "method", "names", "paths")
    fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue())), (notified) => {
            const read = touchRequestIn(notified)
            expect(guessSource("http", read).reasons.length).toBeGreaterThan(0)
            expect(JSON.stringify(read).length).toBeLessThan(4000)
        }),
    )
    expect(touchRequestIn({ source: "192.0.2.1", agent: "a".repeat(900), names: -1 })).toEqual({
        source: "192.0.2.1",
        agent: "a".repeat(200),
        method: "",
        names: 0,
        paths: 0,
    })
})
