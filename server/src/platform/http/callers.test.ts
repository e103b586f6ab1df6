import { expect, test } from "vitest"
import { callerNetworkOf } from "@tocsin/rules/network"
import { makeFindCaller } from "./callers.ts"

const credential = (name: string) => Buffer.from(name)
const network = callerNetworkOf("192.0.2.1")
const stranger = { bucket: network, name: network }

function asked(rememberedMax: number) {
    const lookups: string[] = []
    const askerOf = makeFindCaller(async (input) => {
        lookups.push(input.toString())
        return input.toString().startsWith("made up") ? null : "copperline"
    }, rememberedMax)
    return { lookups, of: (name: string | null) => askerOf(name === null ? null : credential(name), "192.0.2.1") }
}

test("a credential counts by itself, and takes turns by whose it is", async () => {
    const { of: pick, lookups } = asked(10)
    const bucket = credential("first").toString("hex")
    expect(await pick("first")).toEqual({ bucket, name: "copperline" })
    expect(await pick("first")).toEqual({ bucket, name: "copperline" })
    expect(lookups).toEqual(["first"])
})

test("whoever has none, or makes them up, counts by address", async () => {
    const { of: pick } = asked(10)
    const askers = [await pick(null), await pick("made up 1"), await pick("made up 2")]
    expect(askers).toEqual([stranger, stranger, stranger])
})

test("strangers of one IPv6 network are one, however many addresses they have", async () => {
    const askerOf = makeFindCaller(async () => null)
    const first = await askerOf(null, "2001:db8:1:2::1")
    expect(await askerOf(null, "2001:db8:1:2:dead:beef::1")).toEqual(first)
    expect(await askerOf(credential("made up"), "[2001:db8:1:2::3]:4711")).toEqual(first)
    expect(await askerOf(null, "2001:db8:1:3::1")).not.toEqual(first)
})

test("so many are remembered, and none that is made up", async () => {
    const { of: pick, lookups } = asked(2)
    for (const name of ["a", "b", "made up", "a", "c", "a", "b"]) await pick(name)
    expect(lookups).toEqual(["a", "b", "made up", "c", "b"])
})
