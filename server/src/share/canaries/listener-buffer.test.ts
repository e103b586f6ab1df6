import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { nameOfCanary } from "@tocsin/marks/canary"
import { ListenerBuffer, type ListenerRequest, limits } from "./listener-buffer.ts"
import { guessSource, touchRequestIn } from "./touch.ts"

const labelOf = (n: number): string =>
    nameOfCanary({ kind: "host", what: `host:n${n}` }, new Uint8Array(32), new Uint8Array(12), "a.b").core
const addressOf = (n: number): string => `${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.9`
const requestWith = (sound: Partial<ListenerRequest>): ListenerRequest => ({
    channel: "dns",
    label: labelOf(0),
    path: "",
    method: "",
    agent: "",
    address: "192.0.2.9",
    isProven: false,
    ...sound,
})

test("repeated requests from one network are one entry with a count and the last instant", () => {
    const ear = new ListenerBuffer()
    ear.add(requestWith({}), 1)
    ear.add(requestWith({ address: "192.0.2.77" }), 5)
    ear.add(requestWith({ channel: "http", isProven: true }), 6)
    expect(ear.drain().map(({ channel, times, at }) => [channel, times, at])).toEqual([
        ["dns", 2, 5],
        ["http", 1, 6],
    ])
    expect(ear.drain()).toEqual([])
})

test("a name is stored as its digest, and names of another form are only counted", () => {
    const ear = new ListenerBuffer()
    for (const label of ["www", "_dmarc", null, "a".repeat(63), labelOf(1).toUpperCase()])
        ear.add(requestWith({ label }), 1)
    expect(ear.drain()).toEqual([{ digest: null, channel: "dns", times: 5, request: null, at: 1 }])
    ear.add(requestWith({ label: labelOf(1) }), 1)
    expect(JSON.stringify(ear.drain())).not.toContain(labelOf(1))
})

test("a network that requests many names is reported as such", () => {
    const ear = new ListenerBuffer()
    for (let n = 0; n < 20; n++) {
        ear.add(requestWith({ channel: "http", label: labelOf(n), path: `/${n}`, address: `192.0.2.${n}` }), n)
    }
    expect(ear.drain().at(-1)?.request).toMatchObject({
        names: limits.rememberedPerNetwork,
        paths: limits.rememberedPerNetwork,
    })
})

test("a browser whose resolver is in its own network is a browser, as DNS requests have no path", () => {
    const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    const ear = new ListenerBuffer()
    ear.add(requestWith({}), 1)
    for (const path of ["/", "/a", "/favicon.ico"])
        ear.add(requestWith({ channel: "http", method: "GET", path, agent }), 2)
    expect(
        ear.drain().map(({ channel, request: heard }) => guessSource(channel, touchRequestIn(heard)).likelySource),
    ).toEqual(["resolver", "browser"])
})

describe("under junk traffic", () => {
    test("ten thousand random names, from one network or as many, leave a bounded number of entries", () => {
        for (const spread of [1, 10_000]) {
            const ear = new ListenerBuffer()
            for (let n = 0; n < 10_000; n++)
                ear.add(requestWith({ label: labelOf(n), address: addressOf(n % spread) }), n)
            expect(ear.counts.entries).toBeLessThanOrEqual(limits.entries + 1)
            expect(ear.counts.networks).toBeLessThanOrEqual(limits.networks)
        }
    })

    test("TCP requests are recorded while forged packets fill their own share", () => {
        const ear = new ListenerBuffer()
        for (let n = 0; n < 5_000; n++) ear.add(requestWith({ label: labelOf(n), address: addressOf(n) }), 1)
        expect(ear.add(requestWith({ label: labelOf(9_999), address: "203.0.113.5" }), 2)).toBe("again")
        expect(ear.add(requestWith({ label: labelOf(9_999), address: "203.0.113.5", isProven: true }), 3)).toBe("kept")
        expect(ear.drain().some(({ at, digest }) => at === 3 && digest !== null)).toBe(true)
    })

    test.each(["dns", "http"] as const)(
        "forged packets use none of the TCP allowance of a network: %s is recorded and rated as before",
        (channel) => {
            const ear = new ListenerBuffer()
            for (let n = 0; n < 3 * limits.perMinute; n++) ear.add(requestWith({ label: labelOf(n % 300) }), n)
            const request = requestWith({ channel, label: labelOf(9_999), path: "/", isProven: true })
            expect(ear.add(request, 9_000)).toBe("kept")
            const heard = ear.drain().at(-1)?.request
            expect(heard).toMatchObject({ names: 1, source: request.address })
        },
    )

    test("one network gets a limited number of answers, and others are answered", () => {
        const ear = new ListenerBuffer()
        const froms = Array.from({ length: 7_000 }, (_, n) => ear.add(requestWith({ label: labelOf(n % 50) }), 1))
        expect(froms.at(-1)).toBe("enough")
        expect(ear.add(requestWith({ address: "198.51.100.1" }), 1)).toBe("kept")
        expect(ear.add(requestWith({}), 60_002)).toBe("kept")
    })

    test("every request is recorded by name, counted or repeated, and memory is bounded", () => {
        const sounds = fc.record({
            channel: fc.constantFrom("dns" as const, "http" as const),
            label: fc.oneof(fc.constant(null), fc.nat(3_000).map(labelOf), fc.string()),
            path: fc.string(),
            method: fc.string(),
            agent: fc.string(),
            address: fc.oneof(fc.nat(5_000).map(addressOf), fc.ipV6(), fc.string()),
            isProven: fc.boolean(),
        })
        fc.assert(
            fc.property(fc.array(sounds, { maxLength: 300 }), (list) => {
                const ear = new ListenerBuffer()
                const inputs = list.map((item, n) => ear.add(item, n))
                const kept = ear.drain()
                const again = inputs.filter((input) => input === "again").length
                expect(kept.reduce((sum, { times }) => sum + times, 0)).toBe(list.length - again)
            }),
        )
    })
})

test("requests that could not be saved return to the buffer by name if there is room, else to the count", () => {
    const ear = new ListenerBuffer()
    ear.add(requestWith({}), 1)
    const taken = ear.drain()
    ear.add(requestWith({ label: labelOf(1) }), 2)
    ear.restore(taken)
    expect(ear.drain()).toHaveLength(2)
    ear.add(requestWith({ label: "www" }), 2)
    const digest = taken[0]?.digest ?? null
    const many = Array.from(
        { length: 5_000 },
        (_, n) => ({ channel: n % 2 ? "http" : "dns", times: n, at: n }) as const,
    )
    ear.restore(many.map((item) => ({ ...item, digest: item.times % 3 ? digest : null, request: null })))
    expect(ear.counts.entries).toBeLessThanOrEqual(limits.entries + limits.proven + 2)
    const again = ear.drain()
    expect(again.reduce((sum, { times }) => sum + times, 0)).toBe(1 + many.reduce((sum, { times }) => sum + times, 0))
    expect(again.filter((entry) => entry.digest === null).map(({ channel }) => channel)).toEqual(["dns", "http"])
})
