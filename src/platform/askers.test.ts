import { expect, test } from "vitest"
import { callerNetworkOf } from "../lib/network.ts"
import { askers } from "./askers.ts"

const credential = (name: string) => Buffer.from(name)
const network = callerNetworkOf("192.0.2.1")
const stranger = { bucket: network, name: network }

function asked(rememberedMax: number) {
    const lookups: string[] = []
    const of = askers(async (its) => {
        lookups.push(its.toString())
        return its.toString().startsWith("made up") ? null : "copperline"
    }, rememberedMax)
    return { lookups, of: (name: string | null) => of(name === null ? null : credential(name), "192.0.2.1") }
}

test("a credential counts by itself, and takes turns by whose it is", async () => {
    const { of, lookups } = asked(10)
    const bucket = credential("first").toString("hex")
    expect(await of("first")).toEqual({ bucket, name: "copperline" })
    expect(await of("first")).toEqual({ bucket, name: "copperline" })
    expect(lookups).toEqual(["first"])
})

test("whoever has none, or makes them up, counts by address", async () => {
    const { of } = asked(10)
    const all = [await of(null), await of("made up 1"), await of("made up 2")]
    expect(all).toEqual([stranger, stranger, stranger])
})

test("strangers of one IPv6 network are one, however many addresses they have", async () => {
    const of = askers(async () => null)
    const first = await of(null, "2001:db8:1:2::1")
    expect(await of(null, "2001:db8:1:2:dead:beef::1")).toEqual(first)
    expect(await of(credential("made up"), "[2001:db8:1:2::3]:4711")).toEqual(first)
    expect(await of(null, "2001:db8:1:3::1")).not.toEqual(first)
})

test("so many are remembered, and none that is made up", async () => {
    const { of, lookups } = asked(2)
    for (const name of ["a", "b", "made up", "a", "c", "a", "b"]) await of(name)
    expect(lookups).toEqual(["a", "b", "made up", "c", "b"])
})
