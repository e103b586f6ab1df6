import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { nameOf } from "@tocsin/marks/canary"
import { ListenerBuffer, type ListenerRequest, limits } from "./listener-buffer.ts"
import { guessSource, touchRequestIn } from "./touch.ts"

const labelOf = (n: number): string =>
    nameOf({ kind: "host", what: `host:n${n}` }, new Uint8Array(32), new Uint8Array(12), "a.b").core
const addressOf = (n: number): string => `${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.9`
const sound = (sound: Partial<ListenerRequest>): ListenerRequest => ({
    channel: "dns",
    label: labelOf(0),
    path: "",
    method: "",
    agent: "",
    address: "192.0.2.9",
    isProven: false,
    ...sound,
})

test("what is asked for twice from one network is one entry, with a count and the last instant", () => {
    const ear = new ListenerBuffer()
    ear.add(sound({}), 1)
    ear.add(sound({ address: "192.0.2.77" }), 5)
    ear.add(sound({ channel: "http", isProven: true }), 6)
    expect(ear.drain().map(({ channel, times, at }) => [channel, times, at])).toEqual([
        ["dns", 2, 5],
        ["http", 1, 6],
    ])
    expect(ear.drain()).toEqual([])
})

test("a name is kept as its digest, and what has no form of ours is counted alone", () => {
    const ear = new ListenerBuffer()
    for (const label of ["www", "_dmarc", null, "a".repeat(63), labelOf(1).toUpperCase()]) ear.add(sound({ label }), 1)
    expect(ear.drain()).toEqual([{ digest: null, channel: "dns", times: 5, request: null, at: 1 }])
    ear.add(sound({ label: labelOf(1) }), 1)
    expect(JSON.stringify(ear.drain())).not.toContain(labelOf(1))
})

test("a network that asks for many names is told as that", () => {
    const ear = new ListenerBuffer()
    for (let n = 0; n < 20; n++) {
        ear.add(sound({ channel: "http", label: labelOf(n), path: `/${n}`, address: `192.0.2.${n}` }), n)
    }
    expect(ear.drain().at(-1)?.request).toMatchObject({
        names: limits.rememberedPerNetwork,
        paths: limits.rememberedPerNetwork,
    })
})

test("a browser is a human's where its resolver is on its own network: what DNS asks for is no path", () => {
    const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    const ear = new ListenerBuffer()
    ear.add(sound({}), 1)
    for (const path of ["/", "/a", "/favicon.ico"]) ear.add(sound({ channel: "http", method: "GET", path, agent }), 2)
    expect(
        ear.drain().map(({ channel, request: heard }) => guessSource(channel, touchRequestIn(heard)).likelySource),
    ).toEqual(["resolver", "browser"])
})

describe("under junk traffic", () => {
    test("ten thousand random names from one network, or from as many, leave a bounded number of entries", () => {
        for (const spread of [1, 10_000]) {
            const ear = new ListenerBuffer()
            for (let n = 0; n < 10_000; n++) ear.add(sound({ label: labelOf(n), address: addressOf(n % spread) }), n)
            expect(ear.counts.entries).toBeLessThanOrEqual(limits.entries + 1)
            expect(ear.counts.networks).toBeLessThanOrEqual(limits.networks)
        }
    })

    test("whoever comes by TCP is heard all the same while forged packets fill their own share", () => {
        const ear = new ListenerBuffer()
        for (let n = 0; n < 5_000; n++) ear.add(sound({ label: labelOf(n), address: addressOf(n) }), 1)
        expect(ear.add(sound({ label: labelOf(9_999), address: "203.0.113.5" }), 2)).toBe("again")
        expect(ear.add(sound({ label: labelOf(9_999), address: "203.0.113.5", isProven: true }), 3)).toBe("kept")
        expect(ear.drain().some(({ at, digest }) => at === 3 && digest !== null)).toBe(true)
    })

    test.each(["dns", "http"] as const)(
        "packets that name a network use up nothing of what it may ask by TCP: %s is kept, and graded as before",
        (channel) => {
            const ear = new ListenerBuffer()
            for (let n = 0; n < 3 * limits.perMinute; n++) ear.add(sound({ label: labelOf(n % 300) }), n)
            const request = sound({ channel, label: labelOf(9_999), path: "/", isProven: true })
            expect(ear.add(request, 9_000)).toBe("kept")
            const heard = ear.drain().at(-1)?.request
            expect(heard).toMatchObject({ names: 1, source: request.address })
        },
    )

    test("one network is not answered for ever, and others are", () => {
        const ear = new ListenerBuffer()
        const froms = Array.from({ length: 7_000 }, (_, n) => ear.add(sound({ label: labelOf(n % 50) }), 1))
        expect(froms.at(-1)).toBe("enough")
        expect(ear.add(sound({ address: "198.51.100.1" }), 1)).toBe("kept")
        expect(ear.add(sound({}), 60_002)).toBe("kept")
    })

    test("whatever comes, all that was not kept by name is counted or asked for again, and nothing grows", () => {
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

test("what could not be written down comes again, by name as far as there is room, and else in the count", () => {
    const ear = new ListenerBuffer()
    ear.add(sound({}), 1)
    const taken = ear.drain()
    ear.add(sound({ label: labelOf(1) }), 2)
    ear.restore(taken)
    expect(ear.drain()).toHaveLength(2)
    ear.add(sound({ label: "www" }), 2)
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
